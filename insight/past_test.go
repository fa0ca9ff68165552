package insight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/event"
)

// keptFacts is a destination that has the events of those who granted analytics, as they arrived.
type keptFacts []fact

func (k keptFacts) archived(ctx context.Context, name string, since, until time.Time, progress func(read, of int), fn func(*event.Event)) error {
	if name != "warehouse" {
		return fmt.Errorf("no destination %s", name)
	}
	progress(0, 1)
	for _, f := range k {
		if f.granted && !f.arrived.Before(since) && f.arrived.Before(until) {
			e := f.decision(f.arrived).Event
			e.Consent.Set("analytics", event.Boolean(true))
			fn(&e)
		}
	}
	progress(1, 1)
	return ctx.Err()
}

// questions are asked about a period, to compare what two Insights say.
func (d *desk) questions(period string) string {
	d.t.Helper()
	var b strings.Builder
	for _, one := range []map[string]any{
		d.ask(d.Overview, period), d.ask(d.Overview, period+"&by=page"), d.ask(d.Funnel, period+"&name=checkout"), d.ask(d.Paths, period+"&steps=3"), d.ask(d.Carts, period),
		d.ask(d.Campaigns, period+"&model=position&lookback=2d"), d.ask(d.Searches, period),
	} {
		for _, key := range []string{"unmeasured", "visitors_unmeasured", "before"} { // a destination has no events that were refused
			delete(one, key)
		}
		fmt.Fprintln(&b, one)
	}
	return b.String()
}

// What was deleted, or is older than the log, is the same once it was rebuilt from an archive.
func TestARebuildFromAnArchiveIsTheSame(t *testing.T) {
	t.Parallel()
	eachSeed(t, 10, 3, func(t *testing.T, r *rand.Rand) {
		d := newDesk(t, counted)
		all := crowd(r, d.now)
		d.feed(r, all)
		since := d.now.Add(-22 * 24 * time.Hour) // before the first
		period := "since=" + d.now.Add(-15*24*time.Hour).Format(time.RFC3339)
		want := d.questions(period)

		half := len(all) / 2
		d.log.events = d.log.events[half:] // what is older was dropped
		if err := os.RemoveAll(filepath.Join(d.folder, "insight")); err != nil {
			t.Fatal(err)
		}
		d.archive = keptFacts(all)
		d.restart()
		d.follow()
		if d.questions(period) == want {
			t.Fatal("nothing was missing")
		}
		done := make(chan error)
		go func() { done <- d.Rebuild(context.Background(), since, "warehouse", func(Progress) {}) }()
		if err := d.until(done); err != nil {
			t.Fatal(err)
		}
		d.same(want, d.questions(period))
	})
}

// until counts what is in the log until something is done.
func (d *desk) until(done chan error) error {
	d.t.Helper()
	for {
		select {
		case err := <-done:
			return err
		default:
			d.follow()
		}
	}
}

func (d *desk) same(want, got string) {
	d.t.Helper()
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range wants {
		if wants[i] != gots[i] {
			d.t.Errorf("%s\nwant\n%s", gots[i], wants[i])
		}
	}
}

// Days that are older than keep are read from the store, once, and the answers are those of an Insight that has kept them.
func TestOldDaysComeFromTheStore(t *testing.T) {
	t.Parallel()
	eachSeed(t, 10, 4, func(t *testing.T, r *rand.Rand) {
		all := crowd(r, monday)
		since := monday.Add(-12 * 24 * time.Hour)
		period := "since=" + since.Format(time.RFC3339)
		kept := newDesk(t, counted)
		kept.feed(r, all)
		want := kept.questions(period)

		d := newDesk(t, counted+"keep: 5d\nstore: warehouse\n")
		d.archive = keptFacts(all)
		d.restart()
		d.feed(r, all)
		d.tend()
		d.same(want, d.questions(period))
		read := len(d.fetched)
		d.tend()
		d.same(want, d.questions(period))
		if read == 0 || len(d.fetched) != read {
			t.Errorf("%d days were read, then %d", read, len(d.fetched))
		}

		d.restart()
		d.follow()
		d.same(want, d.questions(period))
		if len(d.fetched) != read {
			t.Errorf("after a restart %d days were read, not %d", len(d.fetched), read)
		}

		d.now = d.now.Add(2 * time.Hour)
		d.tend()
		files, err := filepath.Glob(filepath.Join(d.folder, "insight", "2*.parquet"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files: %v", err)
		}
		for _, file := range files {
			if name := filepath.Base(file); name < d.now.Add(-5*24*time.Hour).Format(time.DateOnly) {
				t.Errorf("%s is still here", name)
			}
		}
	})
}

func (d *desk) tend() {
	d.t.Helper()
	d.follow()
	if err := d.store.Flush(); err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.Tend(context.Background(), d.serving.Load().terms.Keep.Std()); err != nil {
		d.t.Fatal(err)
	}
}
