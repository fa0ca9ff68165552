package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"headgate/insight/count"
)

// Files of a day are merged so that there are few of them, each row being written a few times only.
const (
	mergeAtLeast = 4
	growth       = 3                // a file is merged with newer ones that have together a third of its rows or more
	settled      = 30 * time.Minute // after which a day that is over becomes one file
	// SealAfter is how long rows keep their ids, by which events that arrive again are recognised: longer than clients keep events,
	// and the log after them.
	SealAfter = 12 * 24 * time.Hour
)

// compact merges the files of the first day that needs it, and so on until none does.
func (st *Store) compact(ctx context.Context) error {
	for ctx.Err() == nil {
		st.writing.Lock()
		run, whole := st.due()
		var err error
		if run != nil {
			err = st.replace(ctx, run, nil, whole && st.sealable(run[0].Day))
		}
		st.writing.Unlock()
		if run == nil || err != nil {
			return err
		}
	}
	return nil
}

// due returns files of one day that are to become one, those that arrived one after another, and whether they are all of that day;
// nil when there are none.
func (st *Store) due() (run []part, whole bool) {
	days := map[int64][]part{}
	var order []int64
	for _, p := range st.manifest.Parts {
		if p.Fetched {
			continue
		}
		if days[p.Day] == nil {
			order = append(order, p.Day)
		}
		days[p.Day] = append(days[p.Day], p)
	}
	for _, day := range order {
		if run := st.dueOf(days[day]); run != nil {
			return run, len(run) == len(days[day])
		}
	}
	return nil, false
}

func (st *Store) dueOf(parts []part) []part {
	now := st.now().UnixMilli()
	newest := parts[len(parts)-1]
	over := now > (newest.Day+1)*count.Day+settled.Milliseconds() && now-newest.Made > settled.Milliseconds()
	if over && (len(parts) > 1 || !newest.Sealed && st.sealable(newest.Day)) {
		return parts
	}
	from, rows := len(parts)-1, newest.Rows
	for from > 0 && parts[from-1].Rows < growth*rows {
		from--
		rows += parts[from].Rows
	}
	if len(parts)-from >= mergeAtLeast {
		return parts[from:]
	}
	return nil
}

// sealable reports whether a day is so old that its rows need no ids: none of them may still be in memory, where one may be that arrived
// again.
func (st *Store) sealable(day int64) bool {
	_, settled := st.Files(day * count.Day)
	return settled && st.now().UnixMilli()-(day+1)*count.Day > SealAfter.Milliseconds()
}

// replace writes files of one day anew as one, without the rows that drop names. The caller holds writing.
func (st *Store) replace(ctx context.Context, run []part, drop func(r *count.Row) bool, seal bool) error {
	w, err := st.newPart(run[0].Day)
	if err != nil {
		return err
	}
	w.part.Sealed, w.part.Made, w.part.Fetched = seal, run[len(run)-1].Made, run[0].Fetched
	if err := st.rewrite(ctx, run, drop, w); err != nil {
		return errors.Join(err, w.abandon())
	}
	made, err := w.close()
	if err != nil {
		return err
	}
	parts := slices.Clone(st.manifest.Parts)
	at := slices.IndexFunc(parts, func(p part) bool { return p.File == run[0].File })
	parts[at] = made
	parts = slices.DeleteFunc(parts, func(p part) bool {
		return slices.ContainsFunc(run[1:], func(q part) bool { return q.File == p.File }) || p.File == made.File && made.Rows == 0
	})
	if err := st.commit(parts, st.manifest.Position, func() {}); err != nil {
		return errors.Join(err, st.discard([]part{made}))
	}
	if made.Rows == 0 {
		return st.discard([]part{made})
	}
	return nil
}

// rewrite writes the rows of some files of one day into one, but for those that drop names.
func (st *Store) rewrite(ctx context.Context, run []part, drop func(r *count.Row) bool, into *writer) (err error) {
	s, want := count.NewSymbols(), everything()
	q := Query{Period: count.Period{Since: -1 << 62, Until: 1 << 62}, Nobody: true, Value: true}
	var list []source
	defer func() {
		for _, src := range list {
			err = errors.Join(err, src.close())
		}
	}()
	for i := range run {
		src, err := newFileSource(st.folder, &run[i], &q, want, s)
		if err != nil {
			return err
		}
		list = append(list, src)
	}
	var failed error
	err = merge(ctx, list, true, func(rows []count.Row) bool {
		for i := range rows {
			if drop != nil && drop(&rows[i]) {
				continue
			}
			r := recordOf(&rows[i], s)
			if into.part.Sealed {
				r.ID = 0
			}
			if failed = into.add(r); failed != nil {
				return false
			}
		}
		return true
	})
	return errors.Join(err, failed)
}

// FetchedFor is how long days are here that were fetched although they are older.
const FetchedFor = time.Hour

// Kept returns from when on, in Unix milliseconds, rows are kept.
func Kept(now time.Time, keep time.Duration) int64 {
	return dayOf(now.Add(-keep).UnixMilli()) * count.Day
}

// forget removes days that are over for longer than keep, and were not fetched a while ago; 0 keeps all.
func (st *Store) forget(keep time.Duration) error {
	if keep <= 0 {
		return nil
	}
	st.writing.Lock()
	defer st.writing.Unlock()
	least, before := Kept(st.now(), keep), st.now().Add(-FetchedFor).UnixMilli()
	old := func(p part) bool { return p.Day*count.Day < least && (!p.Fetched || p.Made < before) }
	if !slices.ContainsFunc(st.manifest.Parts, old) {
		return nil
	}
	return st.commit(slices.DeleteFunc(slices.Clone(st.manifest.Parts), old), st.manifest.Position, func() {})
}
