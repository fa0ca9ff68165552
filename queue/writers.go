package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/queue/stream"
)

// WriterStatus is what one writer has accepted, and what is still to be done of that.
type WriterStatus struct {
	Name     string
	Own      bool      // this process writes under it
	Holder   string    // the process that delivers it, as Peers names it; "" when nobody does, or without a cluster
	Accepted uint64    //
	Saved    time.Time // its last checkpoint; zero when there was none
	Cursors  []CursorStatus
}

// Writers returns the accounts by writer, sorted by name: of other processes as of their last checkpoints.
func (l *Log) Writers(ctx context.Context) ([]WriterStatus, error) {
	holders := map[string]string{}
	if l.clustered {
		var err error
		if holders, err = l.Peers().Holders(ctx); err != nil {
			return nil, fmt.Errorf("ask who delivers whose events: %w", err)
		}
	}
	others, err := l.otherLedgers(ctx)
	if err != nil {
		return nil, err
	}
	out := l.byWriter(others)
	for name := range holders {
		if !slices.ContainsFunc(out, func(w WriterStatus) bool { return w.Name == name }) {
			out = append(out, WriterStatus{Name: name}) // it has written nothing yet
		}
	}
	slices.SortFunc(out, func(a, b WriterStatus) int { return strings.Compare(a.Name, b.Name) })
	for i := range out {
		w := &out[i]
		w.Holder = holders[w.Name]
		m, err := l.store.Last(ctx, stream.Checkpoints, stream.StateSubject(w.Name))
		if err != nil && !errors.Is(err, stream.ErrNone) {
			return nil, fmt.Errorf("read the checkpoint of %s: %w", w.Name, err)
		}
		w.Saved = m.Time
	}
	return out, nil
}

func (s *state) byWriter(others []*ledger) (out []WriterStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, led := range slices.Concat(s.ledgers, others) {
		var whole Status
		byName := map[string]*CursorStatus{}
		for _, pos := range led.positions {
			if pos != nil {
				byName[pos.cursor.name] = &CursorStatus{Name: pos.cursor.name}
			}
		}
		led.addToLocked(&whole, byName)
		w := WriterStatus{Name: led.writer, Own: led == s.own, Accepted: whole.Accepted}
		for _, c := range byName {
			w.Cursors = append(w.Cursors, *c)
		}
		slices.SortFunc(w.Cursors, func(a, b CursorStatus) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, w)
	}
	return out
}
