package store

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"headgate/insight/count"
)

// When memory is written.
const (
	flushRows  = 1 << 16
	flushAfter = 5 * time.Minute
)

// Full reports whether memory is to be written at once. After a write that failed it is not: Tend tries again when it is called anyway.
func (st *Store) Full() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.flushing == nil && st.memory.size >= flushRows
}

// Tend writes memory to files when it is due, merges files, and removes days that are older than keep.
func (st *Store) Tend(ctx context.Context, keep time.Duration) error {
	st.mu.Lock()
	m := st.memory
	due := st.flushing != nil || m.size >= flushRows || m.size > 0 && st.now().Sub(m.since) >= flushAfter
	st.mu.Unlock()
	var err error
	if due {
		err = st.Flush()
	}
	return errors.Join(err, st.compact(ctx), st.forget(keep))
}

// Flush writes memory to files. After an error the rows are still in memory.
func (st *Store) Flush() error {
	st.writing.Lock()
	defer st.writing.Unlock()
	return st.flush()
}

func (st *Store) flush() error {
	st.mu.Lock()
	if st.flushing == nil {
		st.flushing, st.memory = st.memory, newMemory(st.memory.position)
	}
	m := st.flushing
	sorted := m.whole()
	parts, position := st.manifest.Parts, st.manifest.Position
	st.mu.Unlock()
	made, err := st.write(sorted, m.symbols)
	if err != nil {
		return err
	}
	done := func() { st.flushing = nil } // its rows are in the files from now on, and no reader sees them twice
	if len(made) == 0 && m.position == position {
		st.mu.Lock()
		done()
		st.mu.Unlock()
		return nil
	}
	if err := st.commit(append(slices.Clone(parts), made...), m.position, done); err != nil {
		return errors.Join(err, st.discard(made))
	}
	return nil
}

// write writes sorted rows, a file for each day.
func (st *Store) write(sorted []count.Row, s *count.Symbols) (made []part, err error) {
	byDay := map[int64][]int{}
	for i := range sorted {
		day := dayOf(sorted[i].Time)
		byDay[day] = append(byDay[day], i)
	}
	for day, rows := range byDay {
		w, err := st.newPart(day)
		if err != nil {
			return nil, errors.Join(err, st.discard(made))
		}
		for _, i := range rows {
			if err = w.add(recordOf(&sorted[i], s)); err != nil {
				return nil, errors.Join(err, w.abandon(), st.discard(made))
			}
		}
		p, err := w.close()
		if err != nil {
			return nil, errors.Join(err, st.discard(made))
		}
		made = append(made, p)
	}
	slices.SortFunc(made, func(a, b part) int { return cmp.Compare(a.Day, b.Day) })
	return made, nil
}

// discard removes files that were not put in force.
func (st *Store) discard(made []part) error {
	var errs []error
	for _, p := range made {
		errs = append(errs, os.Remove(filepath.Join(st.folder, p.File)))
	}
	return errors.Join(errs...)
}
