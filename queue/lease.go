package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nuid"
)

// In a cluster every process delivers what it wrote itself, and holds a lease on its book to say so. A lease is a message
// that the stream drops by age unless it is renewed. When a process is gone, its lease ends and another process takes the
// book over until it is empty; one that comes back before that writes a book of another name. Whoever believes to hold a
// book that is not its own any more is stopped by its next checkpoint, which must follow its last.
const (
	leaseStream = "HEADGATE_LEASE"
	leaseTerm   = 10 * time.Second
	leaseRenew  = 3 * time.Second
	leaseTry    = 2 * time.Second
)

func leaseSubject(writer string) string { return subjectPrefix + "lease." + token(writer) }

// lease is this process's hold on a book.
type lease struct {
	writer  string
	seq     uint64
	renewed time.Time
}

// leases are those this process holds; only the goroutine that opens and tends the log uses them.
type leases struct {
	holder  string
	held    map[string]*lease
	missing map[string]time.Time // since when a book was seen without one
}

func newLeases() leases {
	return leases{holder: nuid.Next(), held: map[string]*lease{}, missing: map[string]time.Time{}}
}

func (l *Log) clustered() bool { return l.o.Config.URL != "" }

// chooseWriter returns the name to write under: this instance's, or that with a number when its lease is held because the
// process has just been gone for a moment.
func (l *Log) chooseWriter(ctx context.Context) (string, error) {
	if !l.clustered() {
		return "headgate", nil
	}
	name := l.o.Instance
	if name == "" {
		name = l.o.Config.Instance
	}
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return "", fmt.Errorf("find a name for this instance: %w; set queue.instance", err)
		}
		name = host
	}
	for n := 1; ; n++ {
		writer := name
		if n > 1 {
			writer += "~" + strconv.Itoa(n)
		}
		err := l.acquire(ctx, writer)
		if err == nil {
			return writer, nil
		}
		if !errors.Is(err, errConflict) {
			return "", fmt.Errorf("take the lease on %s: %w", writer, err)
		}
	}
}

// acquire takes a free lease, or fails with errConflict.
func (l *Log) acquire(ctx context.Context, writer string) error {
	for {
		once, cancel := context.WithTimeout(ctx, leaseTry)
		seq, err := l.store.publish(once, leaseSubject(writer), []byte(l.leases.holder), after(0))
		cancel()
		if errors.Is(err, errConflict) {
			// An earlier try may have come through without its answer.
			m, lastErr := l.store.last(ctx, leaseStream, leaseSubject(writer))
			if lastErr == nil && string(m.data) == l.leases.holder {
				seq, err = m.seq, nil
			}
		}
		switch {
		case err == nil:
			l.leases.held[writer] = &lease{writer, seq, time.Now()}
			return nil
		case errors.Is(err, errConflict):
			return err
		}
		if wait(ctx, tryAgain) != nil {
			return err
		}
	}
}

// renew lengthens a lease. errConflict means that somebody else may have the book by now.
func (l *Log) renew(ctx context.Context, x *lease) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTry)
	defer cancel()
	seq, err := l.store.publish(ctx, leaseSubject(x.writer), []byte(l.leases.holder), after(x.seq))
	if errors.Is(err, errConflict) {
		m, lastErr := l.store.last(ctx, leaseStream, leaseSubject(x.writer))
		switch {
		case errors.Is(lastErr, errNone):
			return l.acquire(ctx, x.writer) // it ended while the cluster was away, and nobody took it
		case lastErr != nil:
			return lastErr
		case string(m.data) == l.leases.holder:
			seq, err = m.seq, nil
		}
	}
	if err != nil {
		return err
	}
	x.seq, x.renewed = seq, time.Now()
	return nil
}

// keepLeases renews this process's leases, takes over books without one, and lets go of those that are empty.
func (l *Log) keepLeases() {
	if !l.clustered() {
		return
	}
	for _, x := range l.leases.held {
		if time.Since(x.renewed) < leaseRenew {
			continue
		}
		if err := l.renew(l.tending, x); errors.Is(err, errConflict) {
			l.logger.Warn("another process has taken over a part of the log from this one, which was away too long", "writer", x.writer)
			delete(l.leases.held, x.writer)
			l.lose(x.writer)
		}
	}
	l.letGo()
	if err := l.takeOver(l.tending); err != nil {
		l.logger.Debug("look for books without a holder", "error", err)
	}
}

// writers are all that have written to the log.
func (l *Log) writers(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for _, at := range [...]struct{ stream, subjects string }{{stateStream, subjectPrefix + "state.*"}, {logStream, subjectPrefix + "log.*"}} {
		info, err := l.store.info(ctx, at.stream, at.subjects)
		if err != nil {
			return nil, fmt.Errorf("list who writes to the log: %w", err)
		}
		for subject := range info.Subjects {
			found[lastToken(subject)] = true
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (l *Log) bookOf(writer string) *book {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.books {
		if b.writer == writer {
			return b
		}
	}
	return nil
}

// adoptAll opens the books of all writers there have been: inside one process they can only be former ones.
func (l *Log) adoptAll(ctx context.Context) error {
	names, err := l.writers(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if l.bookOf(name) == nil {
			if _, err := l.openBook(ctx, name, sums{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// openBook opens a writer's book and puts its lanes before the cursors.
func (l *Log) openBook(ctx context.Context, writer string, high sums) (*book, error) {
	b := newBook(l, writer)
	if err := b.open(ctx, high); err != nil {
		return nil, fmt.Errorf("open the book of %s: %w", writer, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.books = append(slices.Clone(l.books), b)
	for _, ln := range b.lanes {
		if ln != nil {
			ln.cursor.lanes = append(slices.Clone(ln.cursor.lanes), ln)
			ln.cursor.nudge()
		}
	}
	return b, nil
}

// takeOver opens the books that nobody has held for a moment and that are not empty.
func (l *Log) takeOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTerm)
	defer cancel()
	names, err := l.writers(ctx)
	if err != nil {
		return err
	}
	info, err := l.store.info(ctx, leaseStream, subjectPrefix+"lease.*")
	if err != nil {
		return err
	}
	for _, name := range names {
		if info.Subjects[leaseSubject(name)] > 0 {
			delete(l.leases.missing, name)
			continue
		}
		if l.leases.missing[name].IsZero() {
			l.leases.missing[name] = time.Now() // its holder may merely be renewing it
			continue
		}
		if time.Since(l.leases.missing[name]) < leaseTry || l.bookOf(name) != nil {
			continue
		}
		if err := l.adopt(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) adopt(ctx context.Context, name string) error {
	b, err := l.peek(ctx, name)
	if err != nil || b.empty() {
		return err
	}
	if err := l.acquire(ctx, name); err != nil {
		if errors.Is(err, errConflict) {
			return nil
		}
		return err
	}
	if b, err = l.openBook(ctx, name, sums{}); err != nil {
		l.release(ctx, name)
		return err
	}
	l.logger.Info("taking over what another process left undelivered", "writer", name)
	go b.keep()
	return nil
}

// empty reports whether nothing of the book is pending for anyone. The caller holds the log's mutex, or the book is its
// own.
func (b *book) empty() bool {
	for _, ln := range b.lanes {
		if ln != nil && (ln.waiting() > 0 || ln.account.Retrying > 0) {
			return false
		}
	}
	return true
}

// letGo closes books that were taken over and are empty now.
func (l *Log) letGo() {
	l.mu.Lock()
	var empty []*book
	for _, b := range l.books {
		if b != l.own && b.empty() {
			empty = append(empty, b)
		}
	}
	for _, b := range empty {
		l.detach(b, false)
	}
	l.mu.Unlock()
	for _, b := range empty {
		close(b.stop)
		<-b.done
		ctx, cancel := context.WithTimeout(l.tending, leaseTry)
		l.release(ctx, b.writer)
		cancel()
	}
}

// detach takes a book's lanes from the cursors. With lost, groups that are held settle into nothing. The caller holds the
// log's mutex.
func (l *Log) detach(b *book, lost bool) {
	l.books = slices.DeleteFunc(slices.Clone(l.books), func(x *book) bool { return x == b })
	for _, ln := range b.lanes {
		if ln == nil {
			continue
		}
		ln.gone = lost
		ln.cursor.lanes = slices.DeleteFunc(slices.Clone(ln.cursor.lanes), func(x *lane) bool { return x == ln })
	}
}

// release gives a lease back.
func (l *Log) release(ctx context.Context, writer string) {
	x := l.leases.held[writer]
	if x == nil {
		return
	}
	delete(l.leases.held, writer)
	if err := l.store.remove(ctx, leaseStream, x.seq); err != nil {
		l.logger.Debug("give a lease back", "writer", writer, "error", err) // it ends by itself
	}
}

// leave gives all leases back, so that others need not wait for them to end.
func (l *Log) leave() {
	ctx, cancel := context.WithTimeout(l.working, leaseTry)
	defer cancel()
	for writer := range l.leases.held {
		l.release(ctx, writer)
	}
}

// lose stops keeping a book that another process has now. When it was this process's own, it goes on in a new one.
func (l *Log) lose(writer string) {
	b := l.bookOf(writer)
	if b == nil {
		return
	}
	l.mu.Lock()
	own := b == l.own
	b.lost = true
	if !own {
		l.detach(b, true)
	}
	l.mu.Unlock()
	if own {
		l.moveOn(b)
		return
	}
	close(b.stop)
	<-b.done
}

// moveOn has this process write a new book instead of its own, which it has lost.
func (l *Log) moveOn(old *book) {
	ctx, cancel := context.WithTimeout(l.tending, leaseTerm)
	defer cancel()
	writer, err := l.chooseWriter(ctx)
	if err != nil {
		l.logger.Error("cannot go on writing the log; restart this process", "error", err)
		return
	}
	mark, high, err := openMark(l.folder(), writer)
	if err == nil {
		var b *book
		if b, err = l.openBook(ctx, writer, high); err == nil {
			go b.keep()
			l.pen.change(b, mark)
			l.mu.Lock()
			l.detach(old, true)
			for name := range l.byName {
				l.openCursor(name)
			}
			l.mu.Unlock()
			close(old.stop)
			<-old.done
			return
		}
		mark.close()
	}
	l.logger.Error("cannot go on writing the log; restart this process", "error", err)
}

// peek reads another process's book as of its last checkpoint, without opening it.
func (l *Log) peek(ctx context.Context, writer string) (*book, error) {
	b := newBook(l, writer)
	c, _, err := b.lastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	if c != nil {
		b.take(c)
	}
	f, seq, err := b.lastGroup(ctx)
	if err != nil {
		return nil, err
	}
	b.takeHead(f, seq)
	return b, nil
}

// otherBooks peeks into the books that other processes hold, or nobody.
func (l *Log) otherBooks(ctx context.Context) ([]*book, error) {
	if !l.clustered() {
		return nil, nil
	}
	names, err := l.writers(ctx)
	if err != nil {
		return nil, err
	}
	var out []*book
	for _, name := range names {
		if l.bookOf(name) != nil {
			continue
		}
		b, err := l.peek(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
