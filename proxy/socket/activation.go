package socket

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// firstDescriptor is the first that systemd passes.
// https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
const firstDescriptor = 3

// Activated returns the sockets that systemd passed to this process, none when it was not started through a socket unit. A
// single one, or one with any other name than admin, is the public one. The variables that say so are removed, so that no
// child takes them for its own.
func Activated() (Set, error) {
	var s Set
	pid, count, names := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"), strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	if pid != strconv.Itoa(os.Getpid()) {
		return s, nil
	}
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_ = os.Unsetenv(name)
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return s, fmt.Errorf("LISTEN_FDS is %q, expected a number", count)
	}
	for i := range n {
		name := Public
		if i < len(names) && names[i] == Admin {
			name = Admin
		}
		l, err := listenerOf(uintptr(firstDescriptor+i), name)
		if err == nil {
			err = s.put(name, l)
		}
		if err != nil {
			_ = s.Close()
			return Set{}, fmt.Errorf("take socket %d of %d from systemd: %w", i+1, n, err)
		}
	}
	return s, nil
}

// listenerOf makes a listener of a descriptor, which it closes.
func listenerOf(fd uintptr, name string) (net.Listener, error) {
	f := os.NewFile(fd, name)
	if f == nil {
		return nil, fmt.Errorf("descriptor %d is none", fd)
	}
	defer func() { _ = f.Close() }()
	return net.FileListener(f)
}
