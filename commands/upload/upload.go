package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Options say what is sent, and how it is shown.
type Options struct {
	Lines  Reader
	Target Target
	State  string // path of the state; "" keeps none
	Again  bool   // the whole file, whatever was sent before
	Bytes  int    // of a request, at most; a longer line makes its own
	Events int    // of a request, at most

	Check    func(Line) (bad string)      // of a dry run: what is wrong with an event; nil sends
	Bad      func(number int, bad string) // reports each line that is not accepted
	Progress func(bytes int64)            // reports how much of the file is done
	Resumed  func(line int)               // reports the last line that an earlier run sent
}

// Tally is how a sending ended.
type Tally struct {
	Sent     int // lines that were accepted, those that the receiver had from an earlier attempt among them
	Rejected int // lines that were not
	Before   int // lines that were sent by earlier runs
}

// ErrChanged says that the part of a file that was sent is no longer what it was.
var ErrChanged = errors.New("the part that was sent before has changed since")

// Send sends a file. The tally is right up to the error, too.
func Send(ctx context.Context, o Options) (t Tally, err error) {
	s := &sending{Options: o}
	if o.State != "" && !o.Again {
		if s.state, err = readState(o.State); err != nil {
			return t, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	before := s.state
	err = s.run(ctx)
	return Tally{Sent: s.state.Sent - before.Sent, Rejected: s.state.Rejected - before.Rejected, Before: s.before}, err
}

// sending is one run of Send.
type sending struct {
	Options
	state  state
	before int
	batch  []Line
	size   int         // bytes of the batch
	bad    []rejection // of the batch
}

type rejection struct {
	number int
	why    string
}

func (s *sending) run(ctx context.Context) error {
	if err := s.skip(); err != nil {
		return err
	}
	for {
		l, err := s.Lines.Next()
		if errors.Is(err, io.EOF) {
			return s.flush(ctx)
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		if err := s.add(ctx, l); err != nil {
			return err
		}
	}
}

// skip passes over the lines that were sent before.
func (s *sending) skip() error {
	for s.state.Bytes > 0 {
		l, err := s.Lines.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the file: %w", err)
		}
		if s.before++; err == nil && s.state.is(&l) {
			if s.Resumed != nil {
				s.Resumed(l.Number)
			}
			return nil
		}
		if err != nil || l.End >= s.state.Bytes {
			s.before = 0
			return ErrChanged
		}
	}
	return nil
}

// add puts a line into the batch, and sends the batch before it would be too large.
func (s *sending) add(ctx context.Context, l Line) error {
	size := 0
	if l.Bad == "" && s.Check != nil {
		l.Bad = s.Check(l)
	}
	if l.Bad == "" {
		size = len(l.JSON)
	}
	if len(s.batch) >= s.Events || len(s.batch) > 0 && s.size+size > s.Bytes {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	s.batch, s.size = append(s.batch, l), s.size+size
	return nil
}

// flush sends the batch and notes that its lines are done with.
func (s *sending) flush(ctx context.Context) error {
	if len(s.batch) == 0 {
		return nil
	}
	var good []Line
	for _, l := range s.batch {
		if l.Bad == "" {
			good = append(good, l)
		} else {
			s.reject(l.Number, l.Bad)
		}
	}
	if err := s.deliver(ctx, good); err != nil {
		s.bad = s.bad[:0] // they are read again
		return err
	}
	s.reportBad()
	last := s.batch[len(s.batch)-1]
	s.state.advance(&last)
	s.state.To = s.Target.URL
	s.batch, s.size = s.batch[:0], 0
	if s.Progress != nil {
		s.Progress(last.End)
	}
	if s.Check != nil { // a dry run leaves nothing behind
		return nil
	}
	return s.state.write(s.State)
}

func (s *sending) reject(number int, why string) {
	s.bad = append(s.bad, rejection{number, why})
}

// reportBad tells of the bad lines of a batch that is done with, in their order.
func (s *sending) reportBad() {
	slices.SortFunc(s.bad, func(a, b rejection) int { return a.number - b.number })
	for _, one := range s.bad {
		s.state.Rejected++
		if s.Bad != nil {
			s.Bad(one.number, one.why)
		}
	}
	s.bad = s.bad[:0]
}

// deliver sends lines, in halves where they are more than the receiver takes at once.
func (s *sending) deliver(ctx context.Context, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	if s.Check != nil {
		s.state.Sent += len(lines)
		return nil
	}
	var body []byte
	for _, l := range lines {
		body = append(append(body, l.JSON...), '\n')
	}
	a, err := s.Target.post(ctx, body)
	switch {
	case errors.Is(err, errLarge) && len(lines) == 1:
		s.reject(lines[0].Number, "the event is larger than the receiver takes")
		return nil
	case errors.Is(err, errLarge):
		half := len(lines) / 2
		if err := s.deliver(ctx, lines[:half]); err != nil {
			return err
		}
		return s.deliver(ctx, lines[half:])
	case err != nil:
		return err
	}
	for _, bad := range a.Rejected {
		if bad.Index >= 0 && bad.Index < len(lines) {
			s.reject(lines[bad.Index].Number, words(bad.Error))
		}
	}
	s.state.Sent += len(lines) - len(a.Rejected)
	return nil
}
