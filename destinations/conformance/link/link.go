// Package link is a slow way to a store, for tests: a test says how much of what is sent to the store gets through, by bytes and
// not by a clock. What the store answers always gets through. It is imported by tests only.
package link

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// Link is one way, of any number of connections. It is open at first.
type Link struct {
	mu      sync.Mutex
	changed *sync.Cond
	shut    bool
	budget  int  // bytes that get through while it is shut
	waits   int  // how often something had to wait
	down    bool // connections are refused
	ended   bool // nothing waits any more

	listeners []net.Listener
	conns     map[net.Conn]bool
	busy      sync.WaitGroup
}

// New makes a link that ends with the test.
func New(t testing.TB) *Link {
	l := &Link{conns: map[net.Conn]bool{}}
	l.changed = sync.NewCond(&l.mu)
	t.Cleanup(l.end)
	return l
}

// To returns an address on this machine, a host and port, that leads over the link to another.
func (l *Link) To(t testing.TB, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	from := l.Listener(listener)
	l.mu.Lock()
	l.listeners = append(l.listeners, from)
	l.mu.Unlock()
	l.busy.Go(func() { l.serve(from, address) })
	return listener.Addr().String()
}

// Shut lets nothing through.
func (l *Link) Shut() { l.set(func() { l.shut, l.budget = true, 0 }) }

// Down breaks all connections to other addresses and refuses further ones, as a store does that is not running.
func (l *Link) Down() {
	l.set(func() {
		l.down = true
		for c := range l.conns {
			_ = c.Close()
		}
	})
}

// Open lets everything through.
func (l *Link) Open() { l.set(func() { l.shut, l.down = false, false }) }

// Pass lets some bytes through while it is shut.
func (l *Link) Pass(bytes int) { l.set(func() { l.budget += bytes }) }

func (l *Link) set(change func()) {
	l.mu.Lock()
	change()
	l.mu.Unlock()
	l.changed.Broadcast()
}

// Waits returns how often something had to wait so far.
func (l *Link) Waits() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waits
}

// Await returns when something had to wait more often than before.
func (l *Link) Await(before int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.waits <= before && !l.ended {
		l.changed.Wait()
	}
}

// Listener is another, whose connections are of the link: for a store in this process.
func (l *Link) Listener(other net.Listener) net.Listener { return &listener{other, l} }

type listener struct {
	net.Listener
	link *Link
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, link: l.link}, nil
}

// conn is the store's end of a connection.
type conn struct {
	net.Conn
	link *Link
	room [32 << 10]byte
	held []byte // what has arrived and has not got through
	err  error  // after it
}

// Read returns what gets through.
func (c *conn) Read(b []byte) (int, error) {
	if len(c.held) == 0 && c.err == nil {
		var n int
		n, c.err = c.Conn.Read(c.room[:])
		c.held = c.room[:n]
	}
	if len(c.held) == 0 {
		return 0, c.err
	}
	n := copy(b, c.held[:c.link.take(min(len(b), len(c.held)))])
	c.held = c.held[n:]
	return n, nil
}

// take waits until something may get through, and returns how many bytes.
func (l *Link) take(most int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holds() {
		l.waits++
		l.changed.Broadcast()
	}
	for l.holds() {
		l.changed.Wait()
	}
	if !l.shut || l.ended {
		return most
	}
	n := min(most, l.budget)
	l.budget -= n
	return n
}

func (l *Link) holds() bool { return l.shut && l.budget == 0 && !l.ended }

// serve joins each connection with one to the store.
func (l *Link) serve(listener net.Listener, address string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := l.dial(address)
		if err != nil {
			_ = from.Close() // as a store that is away does
			continue
		}
		if !l.keep(from, to) {
			return
		}
		l.busy.Go(func() { l.pump(to, from) })
		l.busy.Go(func() { l.pump(from, to) })
	}
}

var errDown = errors.New("the link is down")

func (l *Link) dial(address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errDown
	}
	return net.Dial("tcp", address)
}

func (l *Link) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		if l.ended {
			_ = c.Close()
			continue
		}
		l.conns[c] = true
	}
	return !l.ended
}

// pump copies until one end is closed, and closes both.
func (l *Link) pump(to, from net.Conn) {
	_, _ = io.Copy(to, from) // however it ends, it ends
	for _, c := range []net.Conn{to, from} {
		_ = c.Close()
		l.mu.Lock()
		delete(l.conns, c)
		l.mu.Unlock()
	}
}

func (l *Link) end() {
	l.mu.Lock()
	l.ended = true
	conns := l.conns
	l.conns = map[net.Conn]bool{}
	l.mu.Unlock()
	l.changed.Broadcast()
	for _, listener := range l.listeners {
		_ = listener.Close()
	}
	for c := range conns {
		_ = c.Close()
	}
	l.busy.Wait()
}
