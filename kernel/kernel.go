// Package kernel makes the calls of the operating system that every hit needs, in a way that costs Go less.
//
// For a usual call, Go's runtime prepares to hand its slot to another thread should the call take long, and wakes its monitor thread,
// which then naps for 20 µs at a time. Where hits come one by one that was a third of the processor time (decision 52). What is here
// never waits: a socket that has nothing says so, a sync reports to an event that Go waits for as for a socket, and a write goes to the
// memory of the system. On systems other than Linux all of it is done in the usual way.
package kernel

import (
	"errors"
	"time"
)

var errSlow = errors.New("the disk does not answer")

// within returns what fn does, or an error when it takes longer.
func within(limit time.Duration, fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return errSlow
	}
}
