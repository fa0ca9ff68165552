package files

import (
	"io/fs"
	"syscall"
	"testing"

	"headgate/destinations"
)

func TestWhatADiskAnswersIsJudged(t *testing.T) {
	for err, want := range map[syscall.Errno]destinations.Kind{
		syscall.ENOSPC: destinations.Retry, // full
		syscall.EDQUOT: destinations.Retry, // the quota is used up
		syscall.EIO:    destinations.Retry,
		syscall.ENOENT: destinations.Retry, // removed under us
		syscall.EROFS:  destinations.Halt,
		syscall.EACCES: destinations.Halt,
		syscall.EPERM:  destinations.Halt,
	} {
		if got := (&local{}).blame(&fs.PathError{Op: "write", Path: "archive/x", Err: err}); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}
