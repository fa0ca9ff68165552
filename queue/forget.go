package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Forget drops a cursor for good: what is pending for it is not delivered any more, its dead letters go, and it no longer
// keeps groups from being dropped. It is for destinations that were removed from the configuration. When it returns nil that
// is durable; after an error it may have happened, and can be done again. In a cluster it is about what this process delivers.
func (l *Log) Forget(ctx context.Context, name string) error {
	l.mu.Lock()
	c := l.byName[name]
	var lanes []*lane
	if c != nil {
		lanes = slices.Clone(c.lanes)
	}
	l.mu.Unlock()
	for _, ln := range lanes {
		o := &op{lasting: true, done: make(chan error, 1), apply: func([]uint64) { ln.forget() }}
		if err := ln.book.do(ctx, o); err != nil {
			return fmt.Errorf("forget %s: %w", name, err)
		}
		if err := ln.book.purgeRecords(ctx, name); err != nil {
			return fmt.Errorf("forget %s: %w", name, err)
		}
	}
	return nil
}

// forget takes a lane off its book and its cursor; groups that are held settle into nothing. The caller holds the log's mutex.
func (ln *lane) forget() {
	if ln.gone {
		return
	}
	ln.gone = true
	c, b := ln.cursor, ln.book
	b.lanes[c.slot] = nil
	b.gone = append(slices.Clone(b.gone), c.name)
	c.lanes = slices.DeleteFunc(slices.Clone(c.lanes), func(x *lane) bool { return x == ln })
}

// forgive takes a name off the forgotten ones: it is wanted again, as a new cursor.
func (b *book) forgive(name string) {
	b.gone = slices.DeleteFunc(slices.Clone(b.gone), func(s string) bool { return s == name })
}

// purgeForgotten removes what a Forget that was cut short has left of the forgotten cursors.
func (b *book) purgeForgotten(ctx context.Context) error {
	for _, name := range b.gone {
		if err := b.purgeRecords(ctx, name); err != nil {
			return fmt.Errorf("remove what is left of %s: %w", name, err)
		}
	}
	return nil
}

func (b *book) purgeRecords(ctx context.Context, cursor string) error {
	var errs []error
	for _, kind := range recordKinds {
		errs = append(errs, b.log.store.Purge(ctx, kind.stream(), kind.subject(b.writer, cursor), 0))
	}
	return errors.Join(errs...)
}
