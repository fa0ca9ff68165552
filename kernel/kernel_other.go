//go:build !linux

package kernel

import (
	"net"
	"os"
	"time"
)

// Conn returns c.
func Conn(c net.Conn) net.Conn { return c }

// WriteAt writes b to a file.
func WriteAt(f *os.File, b []byte, off int64) error {
	_, err := f.WriteAt(b, off)
	return err
}

// Syncer has what was written to files on disk when Sync returns.
type Syncer struct{ limit time.Duration }

// NewSyncer returns a Syncer that waits so long for a disk that does not answer.
func NewSyncer(limit time.Duration) *Syncer { return &Syncer{limit} }

// TakesThread reports whether a thread waits for each sync.
func (*Syncer) TakesThread() bool { return true }

// Sync returns when what was written to f is on disk.
func (s *Syncer) Sync(f *os.File) error { return within(s.limit, f.Sync) }

// Close does nothing.
func (*Syncer) Close() {}
