//go:build unix

package admission

import (
	"math"
	"syscall"
)

// descriptorLimit is how many descriptors the process may have. The Go runtime raises it to what the system allows.
func descriptorLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return math.MaxUint64
	}
	return uint64(limit.Cur) //nolint:unconvert // it is signed on some systems
}
