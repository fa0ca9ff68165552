package answers

import (
	"context"
	"slices"
	"strings"
	"sync"

	"headgate/insight/count"
)

// days remembers what whole days came to, so that an overview of a month reads the rows of its first and last day only. It belongs to
// one configuration, which says what conversions and sessions are.
type days struct {
	mu    sync.Mutex
	known map[int64]*dayCount // by when they begin
	held  int                 // numbers of visitors in all of them

	summed map[string]bool // files with a note; the follower's alone
}

// dayCount is a day as it was counted from some files. It does not change.
type dayCount struct {
	files      string
	stretch    *count.Stretch
	nobody     [2]int
	currencies map[uint32]string // by the symbols of the stretch
}

// mostHeld bounds the memory of days: so many visitors of a day, 8 bytes each.
const mostHeld = 4 << 20

func (d *days) find(at int64, files string) *dayCount {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one := d.known[at]; one != nil && one.files == files {
		return one
	}
	return nil
}

func (d *days) keep(at int64, one *dayCount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.known[at]; old != nil {
		d.held -= len(old.stretch.Visitors)
	}
	if d.known == nil || d.held+len(one.stretch.Visitors) > mostHeld {
		d.known, d.held = map[int64]*dayCount{}, 0
	}
	d.known[at] = one
	d.held += len(one.stretch.Visitors)
}

// byDays counts a period day by day, and how many events are about nobody.
func (a *ask) byDays(ctx context.Context, period count.Period) (*count.Overview, [2]int, error) {
	var list []*count.Stretch
	var nobody [2]int
	if err := a.serving.Reach(ctx, period); err != nil {
		return nil, nobody, err
	}
	for since := period.Since; since < period.Until; {
		until := min(count.DayOf(since)+count.Day, period.Until)
		one, err := a.day(ctx, count.Period{Since: since, Until: until})
		if err != nil {
			return nil, nobody, err
		}
		list = append(list, a.own(one))
		for i, n := range one.nobody {
			nobody[i] += n
		}
		since = until
	}
	return count.Joined(list, a.Session.Std().Milliseconds()), nobody, nil
}

// day counts a day, or a part of one, from its rows, unless it is known or summed up. A day is remembered when it is whole and no row of it is
// in memory, where more may come.
func (a *ask) day(ctx context.Context, period count.Period) (*dayCount, error) {
	known := &a.serving.days
	files, settled := a.serving.Store.Files(period.Since)
	one := a.newDay(period, files)
	if settled && len(files) == 0 {
		return one, nil
	}
	settled = settled && period.Until-period.Since == count.Day
	if settled {
		if one := known.find(period.Since, one.files); one != nil {
			return one, nil
		}
		if summed := a.summed(period, files); summed != nil {
			known.keep(period.Since, summed)
			return summed, nil
		}
	}
	err := a.scan(ctx, period, []count.Column{count.Event, count.Currency}, one.stretch.Add, func(rows []count.Row) { one.nobody[rows[0].Visitor] += len(rows) })
	if err != nil {
		return nil, err
	}
	for currency := range one.stretch.All.Value {
		one.currencies[currency] = a.text(currency)
	}
	if again, still := a.serving.Store.Files(period.Since); settled && still && slices.Equal(again, files) {
		known.keep(period.Since, one)
	}
	return one, nil
}

// newDay is a day of which nothing is counted yet.
func (a *ask) newDay(period count.Period, files []string) *dayCount {
	overview := count.Overview{Gap: a.Session.Std().Milliseconds(), Conversions: a.ConversionSet(a.symbols), Bucket: count.Day}
	return &dayCount{files: strings.Join(files, " "), currencies: map[uint32]string{}, stretch: &count.Stretch{Period: period, Overview: overview}}
}

// own returns the figures of a day with the symbols of this question.
func (a *ask) own(one *dayCount) *count.Stretch {
	symbol := func(currency uint32) uint32 { return a.symbols.ID(one.currencies[currency]) }
	out := *one.stretch
	out.All.Value = out.All.Value.Renamed(symbol)
	out.Series = make(map[int64]*count.Figures, len(one.stretch.Series))
	for at, f := range one.stretch.Series {
		figures := *f
		figures.Value = figures.Value.Renamed(symbol)
		out.Series[at] = &figures
	}
	return &out
}
