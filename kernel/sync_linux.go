package kernel

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Syncer has what was written to files on disk when Sync returns, by Linux's asynchronous I/O: no thread waits meanwhile. Where the
// system or the file system offers none, a thread does. It is used by one goroutine at a time.
type Syncer struct {
	ring  ring // 0: a thread waits
	event *os.File
	wait  syscall.RawConn // of event
	fd    uint32          // of event
	asked request
	one   [1]*request
	count [8]byte // read from event
	limit time.Duration
	until time.Time // when waiting ends
	ready func(fd uintptr) bool
}

// NewSyncer returns a Syncer that waits about so long for a disk that does not answer; Close frees what it holds.
func NewSyncer(limit time.Duration) *Syncer {
	s := &Syncer{limit: limit}
	s.one[0], s.ready = &s.asked, s.hasCome
	if s.open() != nil {
		s.Close()
	}
	return s
}

func (s *Syncer) open() error {
	r, no := newRing()
	if no != 0 {
		return no
	}
	s.ring = r
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return err
	}
	s.fd, s.event = uint32(fd), os.NewFile(uintptr(fd), "eventfd")
	s.wait, err = s.event.SyscallConn()
	return err
}

func (s *Syncer) hasCome(fd uintptr) bool {
	n, no := transferOnce(syscall.SYS_READ, fd, s.count[:])
	return no == 0 && n == len(s.count)
}

// TakesThread reports whether a thread waits for each sync.
func (s *Syncer) TakesThread() bool { return s.ring == 0 }

// Sync returns when what was written to f is on disk, but for what only concerns the file's times.
func (s *Syncer) Sync(f *os.File) error {
	if s.ring == 0 {
		return within(s.limit, func() error { return datasync(f) })
	}
	s.asked = request{op: opDatasync, fd: uint32(f.Fd()), result: resultToEvent, event: s.fd}
	if s.ring.submit(&s.one) != 0 { // this system, or this file system, does not
		s.Close()
		return s.Sync(f)
	}
	if err := s.await(); err != nil {
		return fmt.Errorf("sync %s: %w", f.Name(), err)
	}
	result, ok := s.ring.take()
	switch {
	case !ok:
		return errors.New("a sync has no result")
	case result < 0:
		return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.Errno(-result)}
	}
	return nil
}

// await waits for the event. When it does not come in time, the request is left to itself, and a thread waits from then on.
func (s *Syncer) await() error {
	if now := time.Now(); s.until.Sub(now) < s.limit { // not set each time
		s.until = now.Add(2 * s.limit)
		if err := s.event.SetReadDeadline(s.until); err != nil {
			return err
		}
	}
	err := s.wait.Read(s.ready)
	if err != nil {
		go s.ring.destroy() // it waits for the request
		s.ring = 0
		s.Close()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errSlow
	}
	return err
}

func datasync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Close frees what the Syncer holds. A Sync after it takes a thread.
func (s *Syncer) Close() {
	if s.ring != 0 {
		s.ring.destroy()
		s.ring = 0
	}
	if s.event != nil {
		_ = s.event.Close()
		s.event = nil
	}
}
