package disk

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"headgate/kernel"
	"headgate/queue/stream"
)

// journal is one stream.
type journal struct {
	o            Options
	dir          string
	secret       []byte // nil: not encrypted
	max          int64  // bytes of messages; 0 is no bound
	segmentBytes int64  // after which the next segment begins
	ahead        bool   // segments are made of zeros before they are written
	inOrder      bool   // what came first goes first: no segment has holes for long

	writing sync.Mutex // held while anything is written; before state
	file    *os.File   // of the last segment
	syncer  *kernel.Syncer
	took    time.Duration // the last sync
	buf     []byte
	nextup  *preparation
	closed  bool
	broken  atomic.Bool // the end of the last segment is not known

	state    sync.RWMutex
	segments []*segment // by sequence; the last is written
	subjects map[string]*subject
	bytes    int64 // of all messages that are not removed
}

// segmentAge is how long one segment is written, so that what is old can go.
const segmentAge = time.Hour

// publish appends a message and has it on disk.
func (j *journal) publish(subject string, data []byte, expect stream.Expectation, now time.Time) (uint64, error) {
	if len(data) > j.o.MaxMessage+slack || len(subject) > math.MaxUint16 {
		return 0, fmt.Errorf("%w: %d bytes", stream.ErrTooLarge, len(data))
	}
	if j.broken.Load() { // also while somebody heals it on a disk that does not answer
		return 0, stream.ErrDown
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	switch {
	case j.closed:
		return 0, stream.ErrClosed
	case j.broken.Load():
		return 0, stream.ErrDown
	}
	of := j.subjectOf(subject)
	if expect.Set {
		if holds, err := j.holds(of, expect); err != nil {
			return 0, err
		} else if !holds {
			return 0, stream.ErrConflict
		}
	}
	s := j.end()
	size := s.seal.sizeOf(subject, data)
	if j.max > 0 && j.bytes+size > j.max {
		return 0, stream.ErrFull
	}
	if s.next > s.base && (s.size+size > j.segmentBytes || now.UnixNano()-s.began > int64(segmentAge)) {
		if err := j.roll(); err != nil {
			return 0, j.fail(err)
		}
		s = j.end()
	}
	at := max(now.UnixNano(), s.last+1)
	j.buf = s.seal.append(j.buf[:0], s.next, at, kindMessage, subject, data)
	if err := j.write(s.size, j.buf); err != nil {
		return 0, j.fail(err)
	}
	j.state.Lock()
	defer j.state.Unlock()
	seq := s.next
	s.add(of, seq, at, s.size, size)
	j.bytes += size
	if cap(j.buf) > slack {
		j.buf = nil
	}
	return seq, nil
}

// patience is how long a disk may take to answer.
const patience = 10 * time.Second

// quick is how long a write and its sync take at most on a disk whose next write is not worth a thread that may wait.
const quick = 5 * time.Millisecond

// write has b on disk in the last segment.
func (j *journal) write(off int64, b []byte) (err error) {
	if j.o.NoSync || j.took > quick {
		_, err = j.file.WriteAt(b, off)
	} else {
		err = kernel.WriteAt(j.file, b, off)
	}
	if err != nil || j.o.NoSync {
		return err
	}
	began := time.Now()
	err = j.syncer.Sync(j.file)
	j.took = time.Since(began)
	return err
}

// fail notes that the last segment may end anyhow. Nothing is stored until heal.
func (j *journal) fail(err error) error {
	j.broken.Store(true)
	return fmt.Errorf("%w: %w", stream.ErrDown, err)
}

// end is the segment that is written.
func (j *journal) end() *segment { return j.segments[len(j.segments)-1] }

func (j *journal) holds(of *subject, e stream.Expectation) (bool, error) {
	if e.All {
		return j.end().next-1 == e.Seq, nil
	}
	last, err := j.lastOf(of)
	return last == e.Seq, err
}

func (j *journal) subjectOf(name string) *subject {
	j.state.Lock()
	defer j.state.Unlock()
	return j.subjectLocked(name)
}

func (j *journal) subjectLocked(name string) *subject {
	of := j.subjects[name]
	if of == nil {
		of = &subject{name: name}
		j.subjects[name] = of
	}
	return of
}

// roll ends the last segment and begins the next.
func (j *journal) roll() error {
	s := j.end()
	if err := errors.Join(s.finish(j.file), j.file.Close()); err != nil {
		return err
	}
	if err := j.begin(s.next, s.last); err != nil {
		return err
	}
	j.tidy(s)
	return nil
}

// begin makes a segment the last one.
func (j *journal) begin(base uint64, last int64) error {
	s := &segment{path: segmentPath(j.dir, base), base: base, next: base, size: firstRecord, last: last}
	making := s.path + newEnding
	if !j.nextup.take(making) {
		if err := os.Remove(making); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(making, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	head := newHead(base, j.secret)
	for _, off := range []int64{0, headCopy} {
		if _, err := f.WriteAt(head, off); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if !j.o.NoSync {
		err = f.Sync()
	}
	if err = errors.Join(err, s.readHead(f, j.secret), os.Rename(making, s.path), syncFolder(s.path)); err != nil {
		return errors.Join(err, f.Close())
	}
	j.file = f
	j.state.Lock()
	j.segments = append(j.segments, s)
	j.state.Unlock()
	if j.ahead {
		j.nextup = prepare(filepath.Join(j.dir, nextName), j.segmentBytes)
	}
	return nil
}

// heal begins a new segment after a failure, when there is room for one. What was being written then is not stored.
func (j *journal) heal() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.closed {
		return stream.ErrClosed
	}
	if !j.broken.Load() {
		return nil
	}
	s := j.end()
	if err := os.Truncate(s.path, s.size); err != nil {
		return err
	}
	if j.ahead && !j.nextup.ready() {
		j.nextup = prepare(filepath.Join(j.dir, nextName), j.segmentBytes)
		if !j.nextup.ready() {
			return j.nextup.err
		}
	}
	_ = j.file.Close() // its end is cut off and synced below, whatever this says
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	j.file = f
	if err := f.Sync(); err != nil {
		return err
	}
	if s.next > s.base {
		if err := j.roll(); err != nil {
			return err
		}
	}
	j.broken.Store(false)
	return nil
}

func (j *journal) close() {
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.closed {
		return
	}
	j.closed = true
	if j.file != nil {
		_ = j.file.Close() // what was stored is synced
	}
	if j.syncer != nil {
		j.syncer.Close()
	}
	j.nextup.ready() // nothing is written after this
}
