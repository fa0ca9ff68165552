// Package socket is how a listening socket outlives a process: systemd holds it and passes it at the start (Activated), or the
// process that runs gives it to the one that follows (Offer, Take). Connections that arrive in between wait in the system's
// queue and are refused never.
//
// It moves sockets, and knows nothing of what is served on them.
package socket

import (
	"errors"
	"fmt"
	"net"
)

// Set are the sockets of a process by what they are for; nil is none.
type Set struct {
	Public net.Listener
	Admin  net.Listener
}

// The names of the sockets, as FileDescriptorName= of a systemd socket unit has them.
const (
	Public = "public"
	Admin  = "admin"
)

// put keeps a socket under its name.
func (s *Set) put(name string, l net.Listener) error {
	place := &s.Public
	if name == Admin {
		place = &s.Admin
	}
	if *place != nil {
		return fmt.Errorf("two sockets are the %s one: call the other public or admin", name)
	}
	*place = l
	return nil
}

// Close closes the sockets that are there.
func (s *Set) Close() error {
	var all error
	for _, l := range []net.Listener{s.Public, s.Admin} {
		if l != nil {
			all = errors.Join(all, l.Close())
		}
	}
	return all
}

// At returns l when it listens at an address such as :8080, nil when it does not.
func At(l net.Listener, address string) net.Listener {
	if l == nil {
		return nil
	}
	have, ok := l.Addr().(*net.TCPAddr)
	want, err := net.ResolveTCPAddr("tcp", address)
	if !ok || err != nil || have.Port != want.Port {
		return nil
	}
	if everywhere := len(want.IP) == 0 || want.IP.IsUnspecified(); everywhere != have.IP.IsUnspecified() || !everywhere && !have.IP.Equal(want.IP) {
		return nil
	}
	return l
}
