package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"headgate/queue/format"
	"headgate/queue/ledger"
	"headgate/queue/mark"
	"headgate/queue/recent"
	"headgate/queue/stored"
)

// Entry is one accepted event. Append keeps Live and States, which must not change afterwards; Bytes can be reused when Append
// returns.
type Entry struct {
	Bytes  []byte  // nil: it is only counted
	Live   any     // its decoded form, given to cursors that keep up; nil when it is due to none, or has none
	Held   int     // about how many bytes of memory Live takes
	Roster *Roster // may be nil when Bytes is
	States []State // one per name of the Roster
}

const (
	groupEvents  = 256
	groupBytes   = 512 << 10
	backlogBytes = 32 << 20         // of events waiting for their group to be written
	writeTimeout = 10 * time.Second // after which a group that cannot be written fails
	tryTimeout   = 3 * time.Second  // for one attempt in a cluster
)

// appender writes the log. Callers of Append join the group that forms while the last one is being written: there is no
// timer: the slower the disk, the larger the groups.
type appender struct {
	ledgers   *ledger.Ledgers
	store     store
	followers *stored.Followers
	clustered bool
	working   context.Context
	makeRoom  func(context.Context) bool // drops finished groups, and reports whether there were any
	wake      chan struct{}
	changes   chan change   // to another ledger
	done      chan struct{} // closed when the last group is written

	mu      sync.Mutex
	forming []*batch // callers join the last; the first is written next
	spare   []*format.FrameBuilder
	queued  int // bytes in forming
	closed  bool

	// Used only by the appender's goroutine, and before it starts.
	mark        *mark.Mark
	lastSeq     uint64   // of the group before the next: in a cluster the writer's last, otherwise the stream's
	unconfirmed []*batch // sent after the same group, without an answer; at most one of them was stored
}

// batch is a group that is forming or being written. All callers that joined it wait for the same channel.
type batch struct {
	w       *format.FrameBuilder
	entries []recent.Entry
	held    int // by entries
	done    chan struct{}
	err     error

	time   time.Time    // when it was first sent,
	names  []string     // and the cursors there were then
	frame  []byte       // as sent, valid until the builder's next use
	within format.Tally // of an unconfirmed batch, whose builder is used again
	hash   [sha256.Size]byte
}

func newAppender(l *Log, m *mark.Mark) *appender {
	return &appender{ledgers: l.ledgers, store: l.store, followers: l.followers, clustered: l.clustered, working: l.working,
		makeRoom: l.makeRoom, mark: m, wake: make(chan struct{}, 1), done: make(chan struct{}), changes: make(chan change)}
}

// Append returns when the entries are durable: all of them in one group, or, with an error, none as far as is known. When
// ctx ends first, the entries may be written anyway. The error is ErrFull, ErrTooLarge or ErrClosed, or says what else
// is wrong.
func (l *Log) Append(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	size := 0
	for i := range entries {
		e := &entries[i]
		size += len(e.Bytes) + len(e.States) + 8
		if e.Roster == nil && (e.Bytes != nil || len(e.States) > 0) || e.Roster != nil && len(e.States) != len(e.Roster.Names()) {
			panic("BUG: an entry's states do not match its roster")
		}
	}
	if size > MaxAppend {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	b, err := l.appender.join(entries, size)
	if err != nil {
		return err
	}
	ended := ctx.Done()
	if ended == nil { // as in every walk; a plain receive costs less
		<-b.done
		return b.err
	}
	select {
	case <-b.done:
		return b.err
	case <-ended:
		return ctx.Err()
	}
}

// join adds the entries to the group that is forming, or to a new one when they do not fit.
func (a *appender) join(entries []Entry, size int) (*batch, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	if a.queued > 0 && a.queued+size > backlogBytes {
		return nil, fmt.Errorf("%w: too many events wait to be written", ErrFull)
	}
	var b *batch
	if n := len(a.forming); n > 0 {
		b = a.forming[n-1]
	}
	if b == nil || b.w.Within.Accepted > 0 && (int(b.w.Within.Accepted)+len(entries) > groupEvents || b.w.Size()+size > groupBytes) {
		b = &batch{w: a.builder(), done: make(chan struct{})}
		a.forming = append(a.forming, b)
	}
	a.queued += size
	for i := range entries {
		e := &entries[i]
		b.w.Add(e.Bytes, e.Roster, e.States)
		if e.Bytes != nil {
			kept := recent.Entry{Live: e.Live, Roster: e.Roster, States: e.States}
			if e.Live == nil {
				kept.Bytes = bytes.Clone(e.Bytes)
			}
			b.entries = append(b.entries, kept)
			b.held += max(e.Held, len(e.Bytes))
		}
	}
	select {
	case a.wake <- struct{}{}:
	default: // it is awake
	}
	return b, nil
}

func (a *appender) builder() *format.FrameBuilder {
	if n := len(a.spare); n > 0 {
		w := a.spare[n-1]
		a.spare = a.spare[:n-1]
		return w
	}
	return &format.FrameBuilder{}
}

// next takes the first group; it can no longer be joined.
func (a *appender) next() *batch {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.forming) == 0 {
		return nil
	}
	b := a.forming[0]
	a.forming = a.forming[1:]
	if len(a.forming) == 0 {
		a.forming, a.queued = nil, 0
	}
	return b
}

// recycle keeps a written group's buffers for another.
func (a *appender) recycle(w *format.FrameBuilder) {
	w.Reset()
	a.mu.Lock()
	if len(a.spare) < 2 && w.Cap() <= 2*groupBytes {
		a.spare = append(a.spare, w)
	}
	a.mu.Unlock()
}

// run writes groups until close, then those that had formed.
func (a *appender) run() {
	defer close(a.done)
	for {
		select {
		case c := <-a.changes:
			a.begin(c)
			continue
		case _, open := <-a.wake:
			if !open {
				return
			}
		}
		for b := a.next(); b != nil; b = a.next() {
			b.err = a.write(b)
			close(b.done)
			if b.err == nil {
				a.ledgers.Wake(b.w.Within)
				writer, number := a.ledgers.Own()
				a.followers.Add(writer, recent.Group{Number: number, Seq: a.lastSeq, Time: b.time, Held: b.held, Entries: b.entries})
			}
			a.recycle(b.w)
		}
	}
}

// change is a ledger to write from now on.
type change struct {
	ledger *ledger.Ledger
	mark   *mark.Mark
	done   chan struct{}
}

// change makes the appender write the groups from the next one on to another ledger, and returns when it does.
func (a *appender) change(led *ledger.Ledger, m *mark.Mark) {
	c := change{led, m, make(chan struct{})}
	select {
	case a.changes <- c:
		<-c.done
	case <-a.done:
	}
}

func (a *appender) begin(c change) {
	a.unconfirmed, a.lastSeq = nil, a.ledgers.Write(c.ledger) // if another is the last, the first write finds out
	a.mark.Close()
	a.mark = c.mark
	close(c.done)
}

// close refuses further entries and waits until those that had joined are written.
func (a *appender) close() {
	a.mu.Lock()
	if !a.closed {
		a.closed = true
		close(a.wake)
	}
	a.mu.Unlock()
	<-a.done
}
