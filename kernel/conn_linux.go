package kernel

import (
	"io"
	"net"
	"os"
	"syscall"
)

// conn reads and writes a socket that does not block. As with any net.Conn, a reader and a writer may be at work at the same time.
type conn struct {
	net.Conn
	socket syscall.RawConn
	in     transfer
	out    transfer
}

// transfer is one reading or writing.
type transfer struct {
	bytes []byte
	done  int
	err   error
	try   func(fd uintptr) (done bool)
}

// Conn returns a connection whose Read and Write cost less; c itself when it is no socket.
func Conn(c net.Conn) net.Conn {
	s, ok := c.(syscall.Conn)
	if !ok || raced {
		return c
	}
	socket, err := s.SyscallConn()
	if err != nil {
		return c
	}
	k := &conn{Conn: c, socket: socket}
	k.in.try, k.out.try = k.in.read, k.out.write
	return k
}

// Read reads what there is, and waits when there is nothing.
func (c *conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.in.all(b, c.socket.Read)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// Write writes all of b.
func (c *conn) Write(b []byte) (int, error) { return c.out.all(b, c.socket.Write) }

// all has try called until it is done. The error of waiting says when a deadline has passed, or that the connection was closed.
func (t *transfer) all(b []byte, wait func(func(fd uintptr) bool) error) (int, error) {
	t.bytes, t.done, t.err = b, 0, nil
	err := wait(t.try)
	t.bytes = nil
	if err == nil {
		err = t.err
	}
	return t.done, err
}

func (t *transfer) read(fd uintptr) (done bool) {
	for {
		n, no := transferOnce(syscall.SYS_READ, fd, t.bytes)
		switch no {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		case 0:
			t.done = n
		default:
			t.err = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", no)}
		}
		return true
	}
}

func (t *transfer) write(fd uintptr) (done bool) {
	for t.done < len(t.bytes) {
		n, no := transferOnce(syscall.SYS_WRITE, fd, t.bytes[t.done:])
		switch no {
		case 0:
			t.done += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			t.err = &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", no)}
			return true
		}
	}
	return true
}
