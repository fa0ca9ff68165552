//go:build unix

package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fileName is the socket in the data folder at which a process gives its sockets away. Whoever may open the folder may take them.
const fileName = "handover.sock"

// ErrNobody says that no process offers its sockets.
var ErrNobody = errors.New("no process is running on this data folder")

// Offer waits for a process that takes over. The zero Offer is never taken.
type Offer struct {
	set   Set
	at    *net.UnixListener
	taken chan struct{} // closed when one has taken them
	peer  *net.UnixConn // it; set before taken is closed
	ended chan struct{}
}

// NewOffer offers sockets in a data folder. What an earlier process left there is replaced: the caller holds the folder's lock.
func NewOffer(folder string, set Set) (*Offer, error) {
	path := filepath.Join(folder, fileName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	at, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("offer the listening socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, at.Close())
	}
	o := &Offer{set: set, at: at, taken: make(chan struct{}), ended: make(chan struct{})}
	go o.wait()
	return o, nil
}

// Taken is closed when another process has the sockets, too: this one is to stop accepting, finish, and call Close.
func (o *Offer) Taken() <-chan struct{} { return o.taken }

// wait gives the sockets to the first who asks and stays until Close.
func (o *Offer) wait() {
	defer close(o.ended)
	for {
		peer, err := o.at.AcceptUnix()
		if err != nil {
			return // it was closed
		}
		if err := o.give(peer); err != nil {
			_ = peer.Close()
			continue
		}
		o.peer = peer
		close(o.taken)
		return
	}
}

// give sends the descriptors with their names, and waits until they have arrived.
func (o *Offer) give(to *net.UnixConn) error {
	if err := to.SetDeadline(time.Now().Add(giveTimeout)); err != nil {
		return err
	}
	for name, l := range map[string]net.Listener{Public: o.set.Public, Admin: o.set.Admin} {
		if l == nil {
			continue
		}
		if err := sendSocket(to, name, l); err != nil {
			return err
		}
	}
	if _, err := to.Write([]byte(".\n")); err != nil {
		return err
	}
	ready := make([]byte, 1)
	if _, err := io.ReadFull(to, ready); err != nil {
		return err
	}
	return to.SetDeadline(time.Time{})
}

// giveTimeout is for a peer on the same machine.
const giveTimeout = 5 * time.Second

// sendSocket sends a line with the name, and the descriptor with it. The listener's own descriptor is used: a duplicate by
// File would make the shared socket block.
func sendSocket(to *net.UnixConn, name string, l net.Listener) error {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return fmt.Errorf("%T cannot be handed over", l)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Control(func(fd uintptr) {
		_, _, sent = to.WriteMsgUnix([]byte(name+"\n"), syscall.UnixRights(int(fd)), nil)
	})
	return errors.Join(err, sent)
}

// Close ends the offer. A process that took the sockets goes on from here: all that it must not share has to be closed.
func (o *Offer) Close() error {
	if o.at == nil {
		return nil
	}
	err := o.at.Close()
	<-o.ended
	if o.peer != nil {
		err = errors.Join(err, o.peer.Close())
	}
	return err
}

// Take takes the sockets of the process that runs on a data folder, and waits until that process has finished with the folder.
// The error is ErrNobody when there is none. ctx bounds the wait.
func Take(ctx context.Context, folder string) (Set, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", filepath.Join(folder, fileName))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return Set{}, ErrNobody
	case err != nil:
		return Set{}, err
	}
	peer := c.(*net.UnixConn)
	defer func() { _ = peer.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = peer.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	set, err := receive(peer)
	if err != nil {
		return Set{}, errors.Join(fmt.Errorf("take the listening socket over: %w", err), set.Close())
	}
	if _, err := io.Copy(io.Discard, peer); err != nil { // until the other end is closed
		return Set{}, errors.Join(fmt.Errorf("wait for the other process to end: %w", err), set.Close())
	}
	return set, nil
}

// receive reads what give sends.
func receive(from *net.UnixConn) (set Set, err error) {
	for {
		text, rights := make([]byte, 16), make([]byte, syscall.CmsgSpace(4))
		n, oobn, _, _, err := from.ReadMsgUnix(text, rights)
		if err != nil {
			return set, err
		}
		fds, err := descriptors(rights[:oobn])
		if err != nil {
			return set, err
		}
		name, end, _ := strings.Cut(string(text[:n]), "\n")
		for _, fd := range fds {
			l, err := listenerOf(uintptr(fd), name)
			if err == nil {
				err = set.put(name, l)
			}
			if err != nil {
				return set, err
			}
		}
		if name == "." || end == ".\n" {
			_, err := from.Write([]byte("."))
			return set, err
		}
	}
}

// descriptors are those in a control message.
func descriptors(rights []byte) (fds []int, err error) {
	messages, err := syscall.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		more, err := syscall.ParseUnixRights(&messages[i])
		if err != nil {
			return nil, err
		}
		fds = append(fds, more...)
	}
	return fds, nil
}
