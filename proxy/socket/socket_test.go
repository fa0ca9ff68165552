package socket

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"
)

func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestASocketIsAtItsAddress(t *testing.T) {
	l := listener(t)
	everywhere, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = everywhere.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_, other, _ := net.SplitHostPort(everywhere.Addr().String())
	for _, c := range []struct {
		l       net.Listener
		address string
		want    bool
	}{
		{l, "127.0.0.1:" + port, true}, {l, ":" + port, false}, {l, "127.0.0.2:" + port, false}, {l, "127.0.0.1:1", false},
		{everywhere, ":" + other, true}, {everywhere, "0.0.0.0:" + other, true}, {everywhere, "127.0.0.1:" + other, false},
		{l, "nonsense", false}, {nil, ":" + port, false},
	} {
		if got := At(c.l, c.address) != nil; got != c.want {
			t.Errorf("%v at %s: %v", c.l, c.address, got)
		}
	}
}

func TestTheSocketsOfAnotherProcessAreNotOurs(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	if s, err := Activated(); err != nil || s.Public != nil {
		t.Errorf("%v %v", s, err)
	}
}

func TestTwoSocketsOfOneNameAreAMistake(t *testing.T) {
	var s Set
	if err := errors.Join(s.put("anything", listener(t)), s.put(Admin, listener(t))); err != nil {
		t.Fatal(err)
	}
	if err := s.put(Public, listener(t)); err == nil || err.Error() != "two sockets are the public one: call the other public or admin" {
		t.Errorf("%v", err)
	}
}

func TestATakenSocketServesWhenItsFirstProcessHasEnded(t *testing.T) {
	folder := t.TempDir()
	public, admin := listener(t), listener(t)
	o, err := NewOffer(folder, Set{Public: public, Admin: admin})
	if err != nil {
		t.Fatal(err)
	}
	type taken struct {
		Set
		err error
	}
	got := make(chan taken)
	go func() {
		s, err := Take(t.Context(), folder)
		got <- taken{s, err}
	}()
	<-o.Taken()
	waiting, err := net.Dial("tcp", public.Addr().String()) // nobody accepts it now
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = waiting.Close() }()
	select {
	case <-got:
		t.Error("Take returned before the offer was closed")
	default:
	}
	if err := errors.Join(public.Close(), admin.Close(), o.Close()); err != nil {
		t.Fatal(err)
	}
	s := <-got
	if s.err != nil || At(s.Admin, admin.Addr().String()) == nil {
		t.Fatalf("%v", s)
	}
	c, err := s.Public.Accept()
	if err != nil || c.RemoteAddr().String() != waiting.LocalAddr().String() {
		t.Errorf("%v %v", c, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestThereMayBeNobodyToTakeFrom(t *testing.T) {
	folder := t.TempDir()
	if _, err := Take(t.Context(), folder); !errors.Is(err, ErrNobody) {
		t.Errorf("an empty folder: %v", err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(folder, fileName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	if _, err := Take(t.Context(), folder); !errors.Is(err, ErrNobody) {
		t.Errorf("what a process left behind: %v", err)
	}
	o, err := NewOffer(folder, Set{Public: listener(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	taking := make(chan error)
	go func() {
		_, err := Take(ctx, folder)
		taking <- err
	}()
	<-o.Taken()
	cancel() // its process does not end
	if err := <-taking; err == nil {
		t.Error("it was not given up")
	}
}
