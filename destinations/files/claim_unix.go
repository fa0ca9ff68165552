//go:build unix

package files

import (
	"os"
	"syscall"
)

// claim takes the lock of an open file, which is held until the file is closed or its process ends. It fails when another
// has it.
func claim(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
