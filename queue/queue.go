// Package queue is durability and time: one log of accepted groups, a cursor per destination, retries and dead letters.
// It knows bytes and counts, never events.
//
// It promises that what Append has answered is on disk; that every event is, for every cursor, in exactly one state at any
// moment and after any crash; that a cursor costs the others nothing; that what is not finished is never dropped; and that
// damage is reported, counted and passed over. It never opens a port.
//
// Underneath lie four streams of NATS JetStream, inside this process or in a cluster. The log has a subject per writer, and
// a message of it is a group of events (see frame.go). Where each cursor stands is kept here, in a checkpoint per writer
// (checkpoint.go), not in JetStream consumers: a settled group then costs a bit of memory instead of a stream.Message, a group that
// is held for an hour costs nothing, and a checkpoint makes cursors, retries, dead letters and all counts change together.
// What could not be delivered is stored as a record of its own (record.go) that counts from the next checkpoint on. Each
// writer's groups are delivered by the process that wrote them, which has them in memory; when it is gone, by another
// (lease.go). In a cluster two more streams hold who delivers what, and what all of these processes must know (board.go).
//
// Read Append, then Cursor.Next and Group.Settle.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/queue/stream"
)

// MostBytes is how much one Append takes. One event of a full-sized request fits.
const MostBytes = 8 << 20

// What callers test for.
var (
	ErrFull     = stream.ErrFull     // nothing was written; 503 and Retry-After
	ErrTooLarge = stream.ErrTooLarge // nothing was written; it never will be
	ErrClosed   = stream.ErrClosed   // nothing was written; also ends Next
)

// Options are what Open needs.
type Options struct {
	Dir      string // the data folder; the log lives in its sub-folder queue
	Config   Config
	Logger   *slog.Logger     // nil: discards
	Now      func() time.Time // nil: time.Now
	Instance string           // who writes, the same after a restart; "" takes Config.Instance or the host's name
}

// Log is the log with its cursors. All methods may be called from anywhere.
type Log struct {
	o      Options
	store  store
	logger *slog.Logger
	now    func() time.Time
	mark   *mark
	pen    *pen
	own    *book

	tending    context.Context // cancelled first
	endTending context.CancelFunc
	tended     chan struct{}
	leases     leases // the tending goroutine's

	working context.Context // cancelled last
	halt    context.CancelFunc

	mu      sync.Mutex
	closing bool
	byName  map[string]*Cursor
	names   []string // by slot
	books   []*book
	recent  recent
	full    error // why Append fails

	nearlyFull atomic.Bool

	damageMu sync.Mutex
	damage   []Damage
}

// Open starts or reconnects the log. Damage does not keep it from starting; see Status.Damage.
func Open(ctx context.Context, o Options) (*Log, error) {
	l := newLog(o)
	if err := l.open(ctx); err != nil {
		l.abandon()
		return nil, err
	}
	go l.pen.run()
	for _, b := range l.books {
		go b.keep()
	}
	go l.tend()
	return l, nil
}

func newLog(o Options) *Log {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Log{o: o, logger: o.Logger, now: o.Now, byName: map[string]*Cursor{}, tended: make(chan struct{}), leases: newLeases()}
	l.recent.limit = int(o.Config.Recent)
	l.working, l.halt = context.WithCancel(context.Background())
	l.tending, l.endTending = context.WithCancel(l.working)
	return l
}

func (l *Log) folder() string { return filepath.Join(l.o.Dir, "queue") }

func (l *Log) open(ctx context.Context) error {
	if err := l.openStore(ctx, false); err != nil {
		return err
	}
	writer, err := l.chooseWriter(ctx)
	if err != nil {
		return err
	}
	var high sums
	if l.mark, high, err = openMark(l.folder(), writer); err != nil {
		return err
	}
	if l.own, err = l.openBook(ctx, writer, high); err != nil {
		return err
	}
	if !l.clustered() {
		if err := l.adoptAll(ctx); err != nil {
			return err
		}
	}
	_, seq, err := l.end(ctx, l.own)
	l.pen = newPen(l, seq)
	return err
}

// openStore opens the streams; with checkAll all of their files are checked for damage first.
func (l *Log) openStore(ctx context.Context, checkAll bool) error {
	c := &l.o.Config
	s, err := stream.Open(ctx, stream.Options{
		Dir: l.folder(), URL: c.URL, Replicas: c.Replicas, Name: l.o.Instance, MaxBytes: int64(c.MaxBytes), MaxMessage: MostBytes,
		NoSync: c.Sync == syncNever, Key: c.EncryptionKey.Reveal(), LeaseTerm: leaseTerm, CheckAll: checkAll, Logger: l.logger,
		Damaged: func(what string) { l.damaged(what, 0, 0) },
	})
	if err == nil {
		l.store = s
	}
	return err
}

// abandon undoes what open did before it failed.
func (l *Log) abandon() {
	l.halt()
	l.mark.close()
	if l.store != nil {
		l.store.Close()
	}
}

// Close stops taking events, finishes the group being written, makes the last checkpoint and ends everything. Groups that
// are held are handed out again after the next Open. ctx bounds it.
func (l *Log) Close(ctx context.Context) error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return nil
	}
	l.closing = true
	for _, c := range l.byName {
		c.nudge()
	}
	l.mu.Unlock()
	l.endTending()
	stop := context.AfterFunc(ctx, l.halt)
	defer stop()

	<-l.tended
	l.pen.close()
	l.mu.Lock()
	books := l.books
	l.mu.Unlock()
	for _, b := range books {
		close(b.stop)
	}
	for _, b := range books {
		<-b.done
	}
	err := errors.Join(ctx.Err(), l.store.StartedWell())
	l.leave()
	l.halt()
	l.mark.close()
	l.store.Close()
	if err != nil {
		return fmt.Errorf("close the log: %w", err)
	}
	return nil
}

// cursor returns a cursor, made if need be. The caller holds the log's mutex or is opening it.
func (l *Log) cursor(name string) *Cursor {
	c := l.byName[name]
	if c == nil {
		c = &Cursor{log: l, name: name, slot: len(l.names), wake: make(chan struct{}, 1)}
		l.names = append(l.names, name)
		l.byName[name] = c
	}
	return c
}

// register is cursor for those who do not hold the mutex.
func (l *Log) register(name string) *Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cursor(name)
}

func (l *Log) slotNames() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.names
}

// Cursor returns a destination's cursor, made if need be: a new one starts here, and what was accepted before counts as
// filtered for it. There is one per name.
func (l *Log) Cursor(name string) (*Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return nil, ErrClosed
	}
	if name == "" {
		return nil, errors.New("a cursor needs a name")
	}
	return l.openCursor(name), nil
}

// openCursor makes sure that the cursor has a lane in every book. The caller holds the log's mutex.
func (l *Log) openCursor(name string) *Cursor {
	c := l.cursor(name)
	for _, b := range l.books {
		if b.lane(c.slot) == nil {
			b.forgive(name)
			c.lanes = append(slices.Clone(c.lanes), b.addLane(c))
			b.touch()
		}
	}
	return c
}

// Roster makes the cursors exist and returns their list, for the entries decided by one plan.
func (l *Log) Roster(names []string) (*Roster, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return nil, ErrClosed
	}
	slots := make([]int, len(names))
	for i, name := range names {
		if name == "" {
			return nil, errors.New("a cursor needs a name")
		}
		slots[i] = l.openCursor(name).slot
	}
	return newRoster(append([]string(nil), names...), slots), nil
}

// stored makes a group that is on disk known to the cursors.
func (l *Log) stored(within tally, entries []recentEntry, at time.Time, held int, seq uint64) {
	l.mu.Lock()
	own := l.own
	own.number++
	own.seq = seq
	own.head.add(within)
	own.touch()
	g := &recentGroup{number: own.number, seq: seq, time: at, held: held, within: within.clone(), entries: entries, decoded: true}
	for i := range entries {
		e := &entries[i]
		g.decoded = g.decoded && (e.live != nil || !slices.ContainsFunc(e.states, State.Due))
	}
	if !g.decoded {
		g.entries, g.held = nil, 0
	}
	l.recent.add(g)
	l.full = nil
	names := l.names
	l.mu.Unlock()
	l.mark.write(own.number, names, &own.head)
}

// farBehind is how many groups without anything due may pass before a sleeping cursor is woken to pass over them.
const farBehind = 256

// wakeCursors has the cursors look that have something due in a group just stored.
func (l *Log) wakeCursors(within tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for slot, ln := range l.own.lanes {
		if ln != nil && (within.slot(slot).due > 0 || l.own.number-ln.w.read > farBehind) {
			ln.cursor.nudge()
		}
	}
	l.passRecent()
}

// passRecent lets go of the groups in memory that every cursor has read. The caller holds the log's mutex.
func (l *Log) passRecent() {
	least := l.own.number
	for _, ln := range l.own.lanes {
		if ln != nil {
			least = min(least, ln.w.read)
		}
	}
	l.recent.pass(least + 1)
}

// noteFull remembers why Append fails.
func (l *Log) noteFull(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil {
		l.logger.Error("events are refused: the log cannot be written; free disk space, raise queue.max_bytes, or look why a destination lags", "error", err)
	}
	l.full = err
	return err
}

// damaged reports something missing in the log.
func (l *Log) damaged(what string, groups, events uint64) {
	l.logger.Error("the log is damaged: what is readable is delivered, the rest is counted as lost; keep a copy of its folder and run queue verify",
		"what", what, "groups", groups, "events", events)
	l.damageMu.Lock()
	defer l.damageMu.Unlock()
	l.damage = append(l.damage, Damage{what, groups, events})
}

// missed reports groups that a cursor found missing; each cursor to which they were due reports them.
func (l *Log) missed(ln *lane, groups, lost uint64) {
	if lost > 0 {
		l.damaged(fmt.Sprintf("groups of %s up to %d, for %s", ln.book.writer, ln.w.read, ln.cursor.name), groups, lost)
	}
}
