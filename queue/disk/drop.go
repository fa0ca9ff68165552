package disk

import (
	"errors"
	"io"
	"os"
	"slices"
	"sort"

	"headgate/queue/stream"
)

// gone is a record that is to be removed.
type gone struct {
	of   *subject
	seq  uint64
	size int64
}

// remove removes messages for good.
func (j *journal) remove(seqs []uint64) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.closed {
		return stream.ErrClosed
	}
	seqs = slices.Clone(seqs)
	slices.Sort(seqs)
	for len(seqs) > 0 {
		i := sort.Search(len(j.segments), func(i int) bool { return j.segments[i].next > seqs[0] })
		if i == len(j.segments) {
			return nil
		}
		s, n := j.segments[i], 0
		for n < len(seqs) && seqs[n] < s.next {
			n++
		}
		wanted := seqs[:n]
		seqs = seqs[n:]
		if err := j.removeFrom(s, wanted[0], wanted[n-1], func(seq uint64) bool { _, is := slices.BinarySearch(wanted, seq); return is }); err != nil {
			return err
		}
	}
	return nil
}

// removeFrom removes the messages of a segment between two sequences of which is returns true.
func (j *journal) removeFrom(s *segment, from, to uint64, is func(seq uint64) bool) error {
	var all []gone
	var ranges spans
	err := j.each(max(from, s.base), func(r *record) bool {
		if r.seq > to || r.seq >= s.next {
			return false
		}
		if is(r.seq) {
			all = append(all, gone{j.subjectOf(string(r.subject)), r.seq, r.size})
			nth := uint32(r.seq - s.base) // a segment has fewer
			ranges = ranges.with(nth, nth+1)
		}
		return true
	})
	if err != nil || len(all) == 0 {
		return err
	}
	if err := s.saveRemoved(ranges, !j.o.NoSync); err != nil {
		return err
	}
	j.state.Lock()
	for _, g := range all {
		s.without(g.of, g.seq, g.size)
		j.bytes -= g.size
	}
	j.state.Unlock()
	j.tidy(s)
	return nil
}

// purge removes the messages below a sequence, or all when it is 0, of the subjects that a pattern stands for.
func (j *journal) purge(pattern string, below uint64) error {
	if pattern != "" {
		var seqs []uint64
		err := j.each(1, func(r *record) bool {
			if below > 0 && r.seq >= below {
				return false
			}
			if matches(pattern, r.subject) {
				seqs = append(seqs, r.seq)
			}
			return true
		})
		if err != nil || len(seqs) == 0 {
			return err
		}
		return j.remove(seqs)
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.closed {
		return stream.ErrClosed
	}
	if below == 0 {
		below = j.end().next
	}
	for _, s := range slices.Clone(j.segments) {
		if err := j.purgeFrom(s, below); err != nil {
			return err
		}
	}
	return nil
}

// purgeFrom removes the messages of a segment below a sequence. The segment that is written comes last: without the others there is more
// room for the next.
func (j *journal) purgeFrom(s *segment, below uint64) error {
	if s == j.end() && s.next <= below && s.next > s.base && !j.broken.Load() {
		if err := j.roll(); err != nil {
			return j.fail(err)
		}
	}
	switch {
	case s.base >= below || s == j.end() && s.next == s.base || !slices.Contains(j.segments, s): // roll may have dropped it
		return nil
	case s.next <= below && s != j.end():
		return j.drop(s)
	}
	return j.removeFrom(s, s.first(), below-1, func(uint64) bool { return true })
}

// tidy drops a segment of which nothing is left, and writes one anew of which little is. When that fails, it stays as it is.
func (j *journal) tidy(s *segment) {
	var err error
	switch {
	case s == j.end():
		return
	case s.count() == 0:
		err = j.drop(s)
	case !j.inOrder && s.bytes < (s.size-firstRecord)/4:
		if err = j.compact(s); err == nil && s.count() == 0 { // the others could not be read
			err = j.drop(s)
		}
	}
	if err != nil {
		j.o.Logger.Warn("a segment of the log takes more space than it needs", "file", s.path, "error", err)
	}
}

// drop deletes a segment. Its file goes first: what was removed from it must not come back.
func (j *journal) drop(s *segment) error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	j.state.Lock()
	i := slices.Index(j.segments, s)
	j.segments = slices.Delete(slices.Clone(j.segments), i, i+1)
	j.bytes -= s.bytes
	for _, t := range s.held {
		t.of.count -= t.n
		if t.of.last < s.next {
			t.of.last = 0
		}
	}
	j.state.Unlock()
	if err := os.Remove(s.removedPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// compact writes a segment anew without what was removed.
func (j *journal) compact(s *segment) error {
	old, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer func() { _ = old.Close() }() // only read
	making := s.path + newEnding
	f, err := os.OpenFile(making, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // synced by finish
	short := &segment{path: s.path, base: s.base, seal: s.seal, next: s.base, size: firstRecord}
	if err := j.copyKept(s, old, f, short); err != nil {
		return errors.Join(err, os.Remove(making))
	}
	j.state.Lock()
	defer j.state.Unlock()
	if err := os.Rename(making, s.path); err != nil {
		return err
	}
	j.bytes += short.bytes - s.bytes
	for _, t := range s.held {
		t.of.count -= t.n
	}
	for i := range short.held {
		t := &short.held[i]
		t.of = j.subjectLocked(t.of.name)
		t.of.count += t.n
	}
	s.marks, s.size, s.bytes, s.held, s.removed = short.marks, short.size, short.bytes, short.held, nil
	return errors.Join(syncFolder(s.path), os.Remove(s.removedPath()))
}

// copyKept writes the head, the records that were not removed, and the summary. What cannot be read is left out.
func (j *journal) copyKept(s *segment, old io.ReaderAt, f *os.File, short *segment) error {
	head := make([]byte, firstRecord)
	if _, err := old.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	w := newWalk(old, &s.seal, firstRecord, s.size, s.base)
	defer w.close()
	counted := map[string]*subject{}
	for r, ok := w.next(); ok; r, ok = w.next() {
		if r.kind != kindMessage || s.removed.has(uint32(r.seq-s.base)) { // a segment has fewer
			continue
		}
		if _, err := f.WriteAt(w.bytes(r.off, r.size), short.size); err != nil {
			return err
		}
		of := counted[string(r.subject)]
		if of == nil {
			of = &subject{name: string(r.subject)}
			counted[of.name] = of
		}
		short.add(of, r.seq, r.time, short.size, r.size)
	}
	if w.err != nil {
		return w.err
	}
	if w.lost > 0 {
		j.o.Logger.Warn("a part of the log cannot be read", "file", s.path, "bytes", w.lost)
	}
	short.next = s.next
	return short.finish(f)
}
