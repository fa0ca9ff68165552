package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"headgate/queue/stream"
)

// writers are all that have written to the log.
func (l *Log) writers(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for _, at := range [...]struct{ stream, subjects string }{{stream.Checkpoints, stream.StateSubject(stream.Any)}, {stream.Log, stream.LogSubject(stream.Any)}} {
		info, err := l.store.Info(ctx, at.stream, at.subjects)
		if err != nil {
			return nil, fmt.Errorf("list who writes to the log: %w", err)
		}
		for subject := range info.Subjects {
			found[stream.LastName(subject)] = true
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
	info, err := l.store.Info(ctx, stream.Leases, stream.LeaseSubject(stream.Any))
	if err != nil {
		return err
	}
	for _, name := range names {
		if info.Subjects[stream.LeaseSubject(name)] > 0 {
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
		if errors.Is(err, stream.ErrConflict) {
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
