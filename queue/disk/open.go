package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"headgate/kernel"
)

// open reads what is known of the segments from their summaries, and the last one whole. The next message is written behind its last,
// or into a new segment when it is damaged.
func (j *journal) open() error {
	j.subjects = map[string]*subject{}
	if !j.o.CheckOnly && !j.o.NoSync {
		j.syncer = kernel.NewSyncer(patience)
	}
	bases, err := j.list()
	if err != nil {
		return err
	}
	least, whole := uint64(1), false
	for i, base := range bases {
		s := &segment{path: segmentPath(j.dir, base), base: base, next: base, size: firstRecord}
		whole, err = j.load(s, max(least, base), i == len(bases)-1)
		if errors.Is(err, errHead) {
			if whole = false; i == len(bases)-1 {
				least = base + mostRecords // it may have had as many
			}
			if err := j.setAside(s); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		least = max(least, s.next)
		if n := len(j.segments); n > 0 {
			s.last = max(s.last, j.segments[n-1].last)
		}
		j.segments = append(j.segments, s)
		j.bytes += s.bytes
	}
	last := int64(0)
	if n := len(j.segments); n > 0 {
		last = j.segments[n-1].last
	}
	switch {
	case j.o.CheckOnly:
		j.segments, j.closed = append(j.segments, &segment{path: segmentPath(j.dir, least), base: least, next: least, last: last}), true
		return nil
	case whole:
		return j.resume()
	}
	if j.ahead {
		j.nextup = prepare(filepath.Join(j.dir, nextName), j.segmentBytes)
	}
	return j.begin(least, last)
}

// tidyAll does what an end of the process may have kept from being done.
func (j *journal) tidyAll() {
	for _, s := range slices.Clone(j.segments) {
		if s.removed != nil {
			j.tidy(s)
		}
	}
}

const nextName = "next"

// list returns the first sequences of the segments, and removes what is left of an interrupted change.
func (j *journal) list() ([]uint64, error) {
	if !j.o.CheckOnly {
		if err := os.MkdirAll(j.dir, 0o700); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(j.dir)
	if err != nil && !(j.o.CheckOnly && errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	var bases []uint64
	for _, e := range entries {
		name := e.Name()
		if base, ok := baseOf(name); ok {
			bases = append(bases, base)
			continue
		}
		if j.o.CheckOnly {
			continue
		}
		of, removed := strings.CutSuffix(name, removedEnding)
		of = filepath.Join(j.dir, of)
		if name == nextName || strings.HasSuffix(name, newEnding) || removed && !exists(of+segmentEnding) && !exists(of+damagedEnding) {
			if err := os.Remove(filepath.Join(j.dir, name)); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(bases)
	return bases, nil
}

// exists reports whether a file may be there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// damagedEnding is of segments that were set aside.
const damagedEnding = segmentEnding + ".damaged"

// setAside keeps a file that cannot be read out of the way.
func (j *journal) setAside(s *segment) error {
	j.o.Damaged(fmt.Sprintf("%s cannot be read: %v; it is kept as %s.damaged", s.path, errHead, filepath.Base(s.path)))
	if j.o.CheckOnly {
		return nil
	}
	return os.Rename(s.path, strings.TrimSuffix(s.path, segmentEnding)+damagedEnding)
}

// load finds out what a segment has. whole is false when it must not be written any more.
func (j *journal) load(s *segment, least uint64, last bool) (whole bool, err error) {
	flags := os.O_RDWR
	if j.o.CheckOnly {
		flags = os.O_RDONLY
	}
	f, err := os.OpenFile(s.path, flags, 0)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if err := errors.Join(s.readHead(f, j.secret), s.loadRemoved()); err != nil {
		return false, err
	}
	end := info.Size()
	m, sealed := s.loadSummary(f, end)
	if sealed {
		end = s.size
		if !j.o.CheckOnly && s.removed == nil && !m.Removed {
			s.use(m, j.subjectLocked)
			return false, nil
		}
		s.size = firstRecord
	}
	w := newWalk(f, &s.seal, firstRecord, end, least)
	defer w.close()
	for r, ok := w.next(); ok; r, ok = w.next() {
		if r.kind == kindMessage {
			s.add(j.subjectLocked(string(r.subject)), r.seq, r.time, r.off, r.size)
		}
	}
	tail := w.tail(s.size)
	j.report(s, w, tail > 0 && (!last || sealed))
	if sealed {
		s.next = max(s.next, m.Next)
	}
	if n := len(s.removed); n > 0 {
		s.next = max(s.next, s.base+uint64(s.removed[n-1][1])) // what was removed may not be readable; its sequence is not used again
	}
	if sealed || j.o.CheckOnly {
		return false, nil
	}
	if w.err != nil { // behind that may be more: nothing is cut off
		if last {
			s.next = max(s.next, s.base+mostRecords)
		}
		return false, nil
	}
	whole = last && w.lost == 0
	if tail > 0 {
		if err := errors.Join(f.Truncate(s.size), f.Sync()); err != nil {
			return false, err
		}
	}
	if !whole {
		return false, s.finish(f)
	}
	return true, nil
}

// report says what of a segment cannot be read. torn says that it ends with something else than it was written with.
func (j *journal) report(s *segment, w *walk, torn bool) {
	switch {
	case w.err != nil:
		j.o.Damaged(fmt.Sprintf("%s cannot be read to its end: %v", s.path, w.err))
	case w.lost > 0:
		j.o.Damaged(fmt.Sprintf("%d bytes of %s, from byte %d on, cannot be read", w.lost, s.path, w.torn))
	case torn:
		j.o.Damaged(fmt.Sprintf("%s cannot be read from byte %d on", s.path, s.size))
	}
}

// resume goes on writing the last segment.
func (j *journal) resume() (err error) {
	s := j.end()
	if j.file, err = os.OpenFile(s.path, os.O_RDWR, 0o600); err != nil {
		return err
	}
	info, err := j.file.Stat()
	if err != nil || !j.ahead {
		return err
	}
	if info.Size() < j.segmentBytes {
		_ = fill(j.file, info.Size(), j.segmentBytes) // where there is no room, it grows as it is written
	}
	j.nextup = prepare(filepath.Join(j.dir, nextName), j.segmentBytes)
	return nil
}
