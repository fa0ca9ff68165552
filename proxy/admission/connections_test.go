package admission

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
)

// script is a listener that does what it is told.
type script struct {
	steps  chan any // an error, or the address of a peer
	closed chan struct{}
	once   sync.Once
}

func (s *script) Accept() (net.Conn, error) {
	select {
	case step := <-s.steps:
		if err, ok := step.(error); ok {
			return nil, err
		}
		return &peer{address: step.(string)}, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *script) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *script) Addr() net.Addr { return &net.TCPAddr{} }

type peer struct {
	net.Conn
	address string
	closed  bool
}

func (p *peer) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(p.address), 1))
}

func (p *peer) Close() error {
	p.closed = true
	return nil
}

func listen(most, perAddress int) (*Listener, *script) {
	s := &script{steps: make(chan any, 100), closed: make(chan struct{})}
	return &Listener{Listener: s, most: most, perAddress: perAddress, closed: make(chan struct{}), byAddress: map[netip.Prefix]int{},
		logger:  slog.New(slog.DiscardHandler),
		trusted: func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }}, s
}

func TestAcceptingGoesOnWhenNoDescriptorIsLeft(t *testing.T) {
	l, s := listen(10, 10)
	s.steps <- syscall.EMFILE
	s.steps <- &net.OpError{Op: "accept", Err: syscall.ENFILE}
	s.steps <- errors.New("anything else that passes")
	s.steps <- "203.0.113.7"
	if c, err := l.Accept(); err != nil || c.RemoteAddr().String() != "203.0.113.7:1" {
		t.Errorf("got %v, %v", c, err)
	}
	s.steps <- syscall.EMFILE
	ended := make(chan error)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("Accept goes on after Close")
	}
}

func TestConnectionsBeyondTheLimitsAreClosed(t *testing.T) {
	for name, c := range map[string]struct {
		most, perAddress int
		peers            []string
		want             []string
	}{
		"in all":      {2, 0, []string{"203.0.113.1", "203.0.113.2", "203.0.113.3"}, []string{"203.0.113.1", "203.0.113.2"}},
		"an address":  {9, 2, []string{"203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2"}, []string{"203.0.113.1", "203.0.113.1", "203.0.113.2"}},
		"a /64":       {9, 1, []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"}, []string{"2001:db8::1", "2001:db8:0:1::1"}},
		"a /48":       {9, 1, []string{"2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1", "2001:db8:0:4::1", "2001:db8:1::1"}, []string{"2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1", "2001:db8:1::1"}},
		"not a proxy": {9, 1, []string{"10.0.0.1", "10.0.0.1", "10.0.0.1"}, []string{"10.0.0.1", "10.0.0.1", "10.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			l, s := listen(c.most, c.perAddress)
			for _, p := range c.peers {
				s.steps <- p
			}
			var open []net.Conn
			for _, want := range c.want {
				got, err := l.Accept()
				if err != nil || got.RemoteAddr().(*net.TCPAddr).IP.String() != want {
					t.Fatalf("accepted %v, %v, want %s", got.RemoteAddr(), err, want)
				}
				open = append(open, got)
			}
			for _, one := range open {
				_, _ = one.Close(), one.Close() // fasthttp closes some twice
			}
			if l.open != 0 || len(l.byAddress) != 0 {
				t.Errorf("%d open, %v, after all are closed", l.open, l.byAddress)
			}
		})
	}
}

func TestDescriptorsStayInReserve(t *testing.T) {
	for descriptors, want := range map[uint64]int{64: 16, 256: 128, 1024: 768, 20_000: 15_000, 1 << 30: mostConnections} {
		if got := connectionsFor(descriptors); got != want {
			t.Errorf("of %d descriptors %d are for connections, want %d", descriptors, got, want)
		}
	}
}

// A connection that comes while a listener is paused is nobody's yet: whoever has the same socket accepts it.
func TestAPausedListenerLeavesConnectionsToOthers(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := tcp.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.FileListener(file)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	l, _ := listen(10, 10)
	l.Listener = tcp
	ended := make(chan error)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	l.Pause()
	c, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	taken, err := other.Accept()
	if err != nil || taken.RemoteAddr().String() != c.LocalAddr().String() {
		t.Errorf("%v %v", taken, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ended with %v", err)
	}
}
