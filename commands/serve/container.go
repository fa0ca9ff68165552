package serve

import (
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// stayBelow makes the garbage collector work harder before the process takes as much memory as it may: limit, or that of its
// container when it is 0. It returns how much that is, 0 when there is no limit. An environment that says GOMEMLIMIT has the last
// word.
func stayBelow(limit int64) int64 {
	if limit == 0 {
		limit = containerMemory(os.DirFS("/"))
	}
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 9) // the rest is for what Go does not count: the program itself, the page cache's minimum
	}
	return limit
}

// containerMemory is the least memory limit of the control groups that the process is in, 0 when there is none. In a container
// of its own they are mounted as the root; else /proc/self/cgroup says where below the mount they are.
// https://docs.kernel.org/admin-guide/cgroup-v2.html
func containerMemory(root fs.FS) (least int64) {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0 // no Linux
	}
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // hierarchy:controllers:path
		if len(fields) < 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		if fields[0] != "0" {
			if fields[1] != "memory" {
				continue
			}
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for group := path.Join("/", fields[2]); ; group = path.Dir(group) {
			if limit := readLimit(root, path.Join(mount, group, file)); limit > 0 && (least == 0 || limit < least) {
				least = limit
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}

// readLimit returns 0 for "max", and for the number near 2^63 that stands for it in version 1.
func readLimit(root fs.FS, name string) int64 {
	const unlimited = 1 << 50
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || limit >= unlimited {
		return 0
	}
	return limit
}
