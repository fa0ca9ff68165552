//go:build unix

package lookout

import "syscall"

// spaceOf returns how many bytes of the volume with a folder are free for us, and how many it has; 0 and 0 when that cannot be known.
func spaceOf(folder string) (free, all uint64) {
	var is syscall.Statfs_t
	if err := syscall.Statfs(folder, &is); err != nil {
		return 0, 0
	}
	size := uint64(is.Bsize) // its type differs between systems
	return is.Bavail * size, is.Blocks * size
}
