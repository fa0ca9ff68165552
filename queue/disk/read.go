package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
	"time"

	"headgate/queue/stream"
)

const readBytes = 256 << 10 // of messages that Read returns, and one more

// view is a segment as it was at one moment.
type view struct {
	file    *os.File
	seal    *seal
	base    uint64
	next    uint64
	off     int64 // where to begin,
	least   uint64
	end     int64 // and to end
	removed spans
}

// view opens the segment that has the first message from a sequence on; ok is false when there is none.
func (j *journal) view(from uint64) (v view, ok bool, err error) {
	j.state.RLock()
	defer j.state.RUnlock()
	i := sort.Search(len(j.segments), func(i int) bool { return j.segments[i].next > from })
	if i == len(j.segments) {
		return v, false, nil
	}
	s := j.segments[i]
	v = view{seal: &s.seal, base: s.base, next: s.next, end: s.size, removed: s.removed}
	v.off, v.least = s.before(from)
	v.file, err = os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return v, true, nil // somebody has deleted it: its messages are gone
	}
	return v, err == nil, err
}

// each calls fn with the messages from a sequence on, until it returns false. What is damaged is left out; it fails where the disk cannot
// read, since that may pass.
func (j *journal) each(from uint64, fn func(r *record) (more bool)) error {
	for {
		v, ok, err := j.view(from)
		if err != nil || !ok {
			return err
		}
		if v.file != nil {
			more, err := v.each(from, fn)
			if err != nil || !more {
				return err
			}
		}
		from = v.next
	}
}

func (v *view) each(from uint64, fn func(r *record) (more bool)) (more bool, err error) {
	w := newWalk(v.file, v.seal, v.off, v.end, v.least)
	defer w.close()
	more = true
	for more {
		r, ok := w.next()
		if !ok {
			break
		}
		if r.seq >= from && r.kind == kindMessage && !v.removed.has(uint32(r.seq-v.base)) { // at least base
			more = fn(&r)
		}
	}
	if more && w.err != nil {
		err = fmt.Errorf("%s at byte %d: %w", v.file.Name(), w.off, unnamed(w.err))
	}
	return more, errors.Join(err, v.file.Close())
}

// unnamed is why reading failed, without the file's name.
func unnamed(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}

func (r *record) message() stream.Message {
	return stream.Message{Seq: r.seq, Subject: string(r.subject), Time: time.Unix(0, r.time), Data: bytes.Clone(r.data)}
}

// matches reports whether a subject is one of those that a pattern stands for.
func matches(pattern string, subject []byte) bool {
	if pattern == string(subject) || pattern == "" {
		return true
	}
	if !strings.Contains(pattern, "*") {
		return false
	}
	want, got := strings.Split(pattern, "."), strings.Split(string(subject), ".")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != got[i] {
			return false
		}
	}
	return true
}

// first returns the first message from a sequence on of which is returns true, or ErrNone.
func (j *journal) first(from uint64, is func(r *record) bool) (m stream.Message, err error) {
	err = j.each(from, func(r *record) bool {
		if is(r) {
			m = r.message()
		}
		return m.Seq == 0
	})
	if err == nil && m.Seq == 0 {
		err = stream.ErrNone
	}
	return m, err
}

// Get returns the message with that sequence, or ErrNone.
func (s *Store) Get(_ context.Context, name string, seq uint64) (stream.Message, error) {
	return s.journals[name].get(seq)
}

func (j *journal) get(seq uint64) (m stream.Message, err error) {
	err = j.each(seq, func(r *record) bool {
		if r.seq == seq {
			m = r.message()
		}
		return false
	})
	if err == nil && m.Seq == 0 {
		err = stream.ErrNone
	}
	return m, err
}

// Next returns the subject's first message from that sequence on, or ErrNone.
func (s *Store) Next(_ context.Context, name, subject string, from uint64) (stream.Message, error) {
	return s.journals[name].first(from, func(r *record) bool { return matches(subject, r.subject) })
}

// Last returns a subject's last message, or ErrNone.
func (s *Store) Last(_ context.Context, name, subject string) (stream.Message, error) {
	j := s.journals[name]
	j.writing.Lock()
	defer j.writing.Unlock()
	of := j.subjectOf(subject)
	for {
		last, err := j.lastOf(of)
		if err != nil {
			return stream.Message{}, err
		}
		if last == 0 {
			return stream.Message{}, stream.ErrNone
		}
		m, err := j.get(last)
		if !errors.Is(err, stream.ErrNone) {
			return m, err
		}
		of.last = 0 // it cannot be read: an earlier one is the last now
	}
}

// lastOf is the sequence of a subject's last message, 0 when there is none. j.writing is held.
func (j *journal) lastOf(of *subject) (uint64, error) {
	if of.count == 0 || of.last > 0 {
		return of.last, nil
	}
	var last uint64
	err := j.each(1, func(r *record) bool {
		if string(r.subject) == of.name {
			last = r.seq
		}
		return true
	})
	if err == nil {
		of.last = last
	}
	return last, err
}

// Read returns up to that many messages of the subject (which may contain Any) from that sequence on, in order; none means that
// there are no more now. What comes before a place that the disk cannot read is returned without an error.
func (s *Store) Read(_ context.Context, name, subject string, from uint64, most int) ([]stream.Message, error) {
	var found []stream.Message
	size := 0
	err := s.journals[name].each(from, func(r *record) bool {
		if matches(subject, r.subject) {
			found = append(found, r.message())
			size += len(r.data)
		}
		return len(found) < most && size < readBytes
	})
	if len(found) > 0 {
		err = nil // the next Read begins there
	}
	return found, err
}

// FirstSince returns the sequence of the first message stored at that time or later; ErrNone when there is none.
func (s *Store) FirstSince(_ context.Context, name string, t time.Time) (uint64, error) {
	j, at := s.journals[name], t.UnixNano()
	j.state.RLock()
	i := sort.Search(len(j.segments), func(i int) bool { return j.segments[i].last >= at })
	from := j.segments[min(i, len(j.segments)-1)].base
	j.state.RUnlock()
	m, err := j.first(from, func(r *record) bool { return r.time >= at })
	return m.Seq, err
}

// Info returns the state of a stream. With a pattern it also counts the messages of each subject that matches.
func (s *Store) Info(_ context.Context, name, pattern string) (stream.State, error) {
	j := s.journals[name]
	i, cut := j.info(pattern)
	if !cut {
		return i, nil
	}
	m, err := j.first(i.First, func(*record) bool { return true })
	if err == nil {
		i.First, i.Oldest = m.Seq, m.Time
	} else if errors.Is(err, stream.ErrNone) { // it was removed meanwhile, or cannot be read
		err = nil
	}
	return i, err
}

// info is what is known without reading; cut says that the oldest segment has lost its beginning, so that the first message is a later one.
func (j *journal) info(pattern string) (i stream.State, cut bool) {
	j.state.RLock()
	defer j.state.RUnlock()
	end := j.segments[len(j.segments)-1]
	i = stream.State{Bytes: uint64(j.bytes), First: end.next, Last: end.next - 1} // at least 0
	for _, x := range j.segments {
		n := x.count()
		if n > 0 && i.Messages == 0 {
			i.First, i.Oldest = x.first(), time.Unix(0, x.began)
			cut = i.First > x.base
		}
		i.Messages += n
	}
	if pattern != "" {
		i.Subjects = map[string]uint64{}
		for _, of := range j.subjects {
			if of.count > 0 && matches(pattern, []byte(of.name)) {
				i.Subjects[of.name] = of.count
			}
		}
	}
	return i, cut
}
