package store

import (
	"context"
	"errors"
	"slices"

	"headgate/insight/count"
)

// Loading is rows of earlier, which are counted once all of them are there. It belongs to one goroutine.
type Loading struct {
	st      *Store
	symbols *count.Symbols
	rows    []count.Row
	made    []part
}

// Load begins loading rows.
func (st *Store) Load() *Loading { return &Loading{st: st, symbols: count.NewSymbols()} }

// Add adds a row.
func (l *Loading) Add(r Record) error {
	l.rows = append(l.rows, r.row(l.symbols))
	if len(l.rows) < flushRows {
		return nil
	}
	return l.write()
}

func (l *Loading) write() error {
	inOrder(l.rows)
	l.st.writing.Lock()
	made, err := l.st.write(l.rows, l.symbols)
	l.st.writing.Unlock()
	l.rows, l.symbols = l.rows[:0], count.NewSymbols()
	l.made = append(l.made, made...)
	return err
}

// Discard removes what was loaded and is not counted. After Replace or Fetched it does nothing.
func (l *Loading) Discard() error {
	l.st.writing.Lock()
	defer l.st.writing.Unlock()
	made := l.made
	l.made = nil
	return l.st.discard(made)
}

// Replace puts the rows that were loaded, all of them since a time, in the place of everything since that time. What follows them is
// counted again from a position of the log.
func (l *Loading) Replace(ctx context.Context, since int64, position uint64) error {
	if err := l.write(); err != nil {
		return err
	}
	st := l.st
	st.writing.Lock()
	defer st.writing.Unlock()
	if err := st.flush(); err != nil {
		return err
	}
	st.mu.Lock()
	st.memory.position = position
	old := st.manifest.Parts
	st.mu.Unlock()
	kept := slices.DeleteFunc(slices.Clone(old), func(p part) bool { return p.First >= since })
	if err := st.commit(append(slices.Clone(kept), l.made...), position, func() {}); err != nil {
		return err
	}
	l.made = nil
	var errs []error
	for _, p := range kept {
		if p.Last >= since {
			errs = append(errs, st.replace(ctx, []part{p}, func(r *count.Row) bool { return r.Time >= since }, p.Sealed))
		}
	}
	return errors.Join(errs...)
}

// Fetched puts the rows that were loaded, all of them of some days that are older than rows are kept, beside what there is, in the place of
// what was fetched of these days before.
func (l *Loading) Fetched(since, until int64) error {
	if err := l.write(); err != nil {
		return err
	}
	st := l.st
	st.writing.Lock()
	defer st.writing.Unlock()
	for i := range l.made {
		l.made[i].Fetched = true
	}
	parts := slices.DeleteFunc(slices.Clone(st.manifest.Parts), func(p part) bool {
		return p.Fetched && p.Day >= dayOf(since) && p.Day < dayOf(until)
	})
	if err := st.commit(append(parts, l.made...), st.manifest.Position, func() {}); err != nil {
		return err
	}
	l.made = nil
	return nil
}
