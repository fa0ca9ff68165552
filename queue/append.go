package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"headgate/queue/stream"
)

// Entry is one accepted event. Append keeps Live and States, which must not change afterwards; Bytes are the caller's
// again when Append returns.
type Entry struct {
	Bytes  []byte  // nil: it is only counted
	Live   any     // its decoded form, handed to cursors that keep up; nil when it is due to none, or has none
	Held   int     // about how many bytes of memory Live takes
	Roster *Roster // may be nil when Bytes is
	States []State // one per name of the Roster
}

const (
	groupEvents  = 256
	groupBytes   = 512 << 10
	backlogBytes = 32 << 20         // of events that wait for their group to be written
	writeTimeout = 10 * time.Second // after which a group that cannot be written fails
	tryTimeout   = 3 * time.Second  // for one attempt
	tryAgain     = 50 * time.Millisecond
)

// pen writes the log. Whoever calls Append joins the group that forms while the last one is being written: there is no
// timer, a group is as large as the disk is slow.
type pen struct {
	log  *Log
	wake chan struct{}
	done chan struct{} // closed when the last group is written

	mu      sync.Mutex
	forming []*batch // the last takes who comes; the first is written next
	spare   []*frameWriter
	queued  int // bytes in forming
	closed  bool

	changes chan change // to another book

	// The rest belongs to the one goroutine that writes.
	lastSeq uint64   // the group before the next has this sequence; in a cluster among this writer's, else in the whole stream
	unsure  []*batch // sent after the same one, without learning whether they were stored; at most one was
}

// batch is a group in the making; all who joined it wait for the same channel.
type batch struct {
	w       *frameWriter
	entries []recentEntry
	held    int // by entries
	done    chan struct{}
	err     error

	time   time.Time // when it was first sent,
	names  []string  // and the cursors there were then
	frame  []byte    // as sent, valid until the writer's next use
	within tally     // of an unsure batch, whose writer is used again
	hash   [sha256.Size]byte
}

func newPen(l *Log, lastSeq uint64) *pen {
	return &pen{log: l, wake: make(chan struct{}, 1), done: make(chan struct{}), changes: make(chan change), lastSeq: lastSeq}
}

// Append returns when the entries are durable: all of them in one group, or, with an error, none as far as is known. When
// ctx ends first the entries may be written all the same. The error is ErrFull, ErrTooLarge or ErrClosed, or says what else
// is wrong.
func (l *Log) Append(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	size := 0
	for i := range entries {
		e := &entries[i]
		size += len(e.Bytes) + len(e.States) + 8
		if e.Roster == nil && (e.Bytes != nil || len(e.States) > 0) || e.Roster != nil && len(e.States) != len(e.Roster.names) {
			panic("BUG: an entry's states do not match its roster")
		}
	}
	if size > MostBytes {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	b, err := l.pen.join(entries, size)
	if err != nil {
		return err
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds the entries to the group that is forming, or to a new one when they do not fit.
func (p *pen) join(entries []Entry, size int) (*batch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.queued > 0 && p.queued+size > backlogBytes {
		return nil, fmt.Errorf("%w: too many events wait to be written", ErrFull)
	}
	var b *batch
	if n := len(p.forming); n > 0 {
		b = p.forming[n-1]
	}
	if b == nil || b.w.within.accepted > 0 && (int(b.w.within.accepted)+len(entries) > groupEvents || len(b.w.entries)+size > groupBytes) {
		b = &batch{w: p.writer(), done: make(chan struct{})}
		p.forming = append(p.forming, b)
	}
	p.queued += size
	for i := range entries {
		e := &entries[i]
		b.w.add(e)
		if e.Bytes != nil {
			b.entries = append(b.entries, recentEntry{e.Live, e.Roster, e.States})
			b.held += max(e.Held, len(e.Bytes))
		}
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return b, nil
}

func (p *pen) writer() *frameWriter {
	if n := len(p.spare); n > 0 {
		w := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return w
	}
	return &frameWriter{}
}

// next takes the first group; nobody can join it any more.
func (p *pen) next() *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.forming) == 0 {
		return nil
	}
	b := p.forming[0]
	p.forming = p.forming[1:]
	if len(p.forming) == 0 {
		p.forming, p.queued = nil, 0
	}
	return b
}

// recycle takes a written group's buffers back.
func (p *pen) recycle(w *frameWriter) {
	w.reset()
	p.mu.Lock()
	if len(p.spare) < 2 && cap(w.entries) <= 2*groupBytes {
		p.spare = append(p.spare, w)
	}
	p.mu.Unlock()
}

// run writes groups until close, then those that had formed.
func (p *pen) run() {
	defer close(p.done)
	for {
		select {
		case c := <-p.changes:
			p.begin(c)
			continue
		case _, open := <-p.wake:
			if !open {
				return
			}
		}
		for b := p.next(); b != nil; b = p.next() {
			b.err = p.write(b)
			close(b.done)
			if b.err == nil {
				p.log.wakeCursors(b.w.within)
			}
			p.recycle(b.w)
		}
	}
}

// change is a book to write from now on.
type change struct {
	book *book
	mark *mark
	done chan struct{}
}

// change has the groups from the next one on written to another book, and returns when that is so.
func (p *pen) change(b *book, m *mark) {
	c := change{b, m, make(chan struct{})}
	select {
	case p.changes <- c:
		<-c.done
	case <-p.done:
	}
}

func (p *pen) begin(c change) {
	p.unsure, p.lastSeq = nil, c.book.seq // when that is not the last one, the first write finds out
	l := p.log
	l.mu.Lock()
	l.own = c.book
	l.recent = recent{limit: l.recent.limit}
	l.mark, c.mark = c.mark, l.mark
	l.mu.Unlock()
	c.mark.close()
	close(c.done)
}

// close refuses newcomers and waits for those that had joined.
func (p *pen) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.wake)
	}
	p.mu.Unlock()
	<-p.done
}

// write makes one group durable.
func (p *pen) write(b *batch) error {
	b.time, b.names = p.log.now(), p.log.slotNames()
	p.seal(b)
	seq, err := p.send(b.frame, false)
	if err == nil {
		p.stored(b, seq)
		return nil
	}
	return p.insist(b, err)
}

// seal makes the frame. Sealed again, it is the same unless an earlier group has turned out to be stored.
func (p *pen) seal(b *batch) {
	own := p.log.own
	b.frame = b.w.seal(own.number+1, b.time, b.names, own.head)
}

// insist goes on after a first attempt has failed.
func (p *pen) insist(b *batch, err error) error {
	ctx, cancel := context.WithTimeout(p.log.working, writeTimeout)
	defer cancel()
	sent, squeezed := false, false
	for {
		switch {
		case errors.Is(err, stream.ErrConflict):
			if err = p.reconcile(ctx, b); errors.Is(err, errStored) {
				return nil
			}
		case errors.Is(err, ErrTooLarge), errors.Is(err, ErrClosed):
			return err
		case errors.Is(err, ErrFull):
			if squeezed || !p.log.squeeze(ctx) {
				return p.fail(b, sent, err)
			}
			squeezed, err = true, nil
		case errors.Is(err, stream.ErrDown):
			return p.fail(b, true, fmt.Errorf("%w: %w", ErrFull, err))
		default:
			sent = true
		}
		if err != nil && wait(ctx, tryAgain) != nil {
			return p.fail(b, sent, fmt.Errorf("write a group: %w", err))
		}
		p.seal(b)
		var seq uint64
		if seq, err = p.send(b.frame, true); err == nil {
			p.stored(b, seq)
			return nil
		}
	}
}

const mostUnsure = 64 // groups that failed in one outage and may yet turn up; each took writeTimeout

// fail gives a group up; when it was sent, it may be stored all the same.
func (p *pen) fail(b *batch, sent bool, err error) error {
	if sent {
		b.within, b.hash = b.w.within.clone(), sha256.Sum256(b.frame)
		p.unsure = append(p.unsure, b)
		p.unsure = p.unsure[max(0, len(p.unsure)-mostUnsure):]
	}
	return p.log.noteFull(err)
}

// send tries once, or once more. It does not wait for an embedded server that has stopped answering because it cannot write.
func (p *pen) send(frame []byte, again bool) (uint64, error) {
	once, cancel := context.WithTimeout(p.log.store.Alive(), tryTimeout)
	defer cancel()
	var expect stream.Expectation
	switch {
	case p.log.clustered():
		expect = stream.After(p.lastSeq)
	case again || len(p.unsure) > 0: // else nothing of this, the only writer's, can be on its way
		expect = stream.AfterAll(p.lastSeq)
	}
	seq, err := p.log.store.Publish(once, stream.LogSubject(p.log.own.writer), frame, expect)
	if err != nil && p.log.store.Broken() {
		return 0, stream.ErrDown
	}
	return seq, err
}

var (
	errStored = errors.New("it had been stored")
	errTaken  = errors.New("another process writes to the log under this instance's name")
)

// reconcile finds out why the subject's last message is not the one expected: an earlier attempt may have come through
// although its answer was lost. It returns errStored when that was b, and nil when b is to be tried again.
func (p *pen) reconcile(ctx context.Context, b *batch) error {
	m, seq, err := p.log.end(ctx, p.log.own)
	if err != nil {
		return err
	}
	if bytes.Equal(m.Data, b.frame) {
		p.stored(b, m.Seq)
		return errStored
	}
	hash := sha256.Sum256(m.Data)
	for _, u := range p.unsure {
		if u.hash == hash {
			p.lastSeq, p.unsure = seq, nil
			p.log.stored(u.within, u.entries, u.time, u.held, m.Seq)
			p.log.wakeCursors(u.within)
			return nil
		}
	}
	if f, err := decodeFrame(m.Data); err == nil && f.number > p.log.own.number {
		return errTaken
	}
	p.lastSeq = seq
	return nil
}

// end returns a book's last message in the log, empty when there is none, and after which sequence the next one is to come.
func (l *Log) end(ctx context.Context, b *book) (stream.Message, uint64, error) {
	m, err := l.store.Last(ctx, stream.Log, stream.LogSubject(b.writer))
	if err != nil && !errors.Is(err, stream.ErrNone) {
		return m, 0, fmt.Errorf("read the log's end: %w", err)
	}
	if l.clustered() {
		return m, m.Seq, nil
	}
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return m, 0, fmt.Errorf("read the log's end: %w", err)
	}
	return m, info.Last, nil
}

// stored makes a durable group known to the cursors. Those that were sent after the same one before cannot be stored now.
func (p *pen) stored(b *batch, seq uint64) {
	p.lastSeq, p.unsure = seq, nil
	p.log.stored(b.w.within, b.entries, b.time, b.held, seq)
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
