package insight

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// An overview that adds up days equals one that goes through the rows, whatever its borders are, and whatever happens to the days
// between two questions: events that come late, files that are merged, visitors who are erased.
func TestAnOverviewOfDaysIsThatOfTheRows(t *testing.T) {
	t.Parallel()
	eachSeed(t, 20, 2, func(t *testing.T, r *rand.Rand) {
		d := newDesk(t, counted)
		all := crowd(r, d.now)
		d.feed(r, all[:len(all)*2/3])
		d.compare(r)
		if err := d.store.Flush(); err != nil {
			t.Fatal(err)
		}
		d.compare(r)
		if d.serving.Load().answers.Remembered() == 0 {
			t.Error("no day is remembered")
		}
		d.feed(r, all[len(all)*2/3:])
		d.compare(r)
		if err := d.store.Tend(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		d.compare(r)
		if _, err := d.store.Erase(context.Background(), map[uint64]int64{visitorOf(d.policy, "visitor-1"): d.now.UnixMilli()}); err != nil {
			t.Fatal(err)
		}
		d.compare(r)
	})
}

// compare asks for some periods twice: as it is, and with a filter that leaves nothing out, for which rows are read.
func (d *desk) compare(r *rand.Rand) {
	d.t.Helper()
	for range 8 {
		since := d.now.Add(-4*24*time.Hour - time.Duration(r.Int64N(int64(16*24*time.Hour))))
		if r.IntN(2) == 0 {
			since = since.Truncate(24 * time.Hour)
		}
		until := since.Add(3*24*time.Hour + time.Duration(2+r.Int64N(int64(24*time.Hour))))
		period := "since=" + since.Format(time.RFC3339Nano) + "&until=" + until.Format(time.RFC3339Nano)
		got, want := d.ask(d.Overview, period), d.ask(d.Overview, period+`&filter=name+!%3D+"nothing"`)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			d.t.Fatalf("%s:\n%v\nwant\n%v", period, got, want)
		}
	}
}

// What days came to is kept beside their files: after a start no rows are read for them. It goes with a file when a visitor is erased or an event
// comes late, and one that is damaged, or that other rules have made, is not taken.
func TestWhatADayCameToIsKeptBesideItsFile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 3))
			d := newDesk(t, counted)
			d.feed(r, crowd(r, d.now))
			days := d.sumUpAll()
			if len(days) < 5 {
				t.Fatalf("only %d days are over", len(days))
			}
			d.restart()
			for _, since := range days {
				if d.Summed(since) == nil {
					t.Errorf("nothing is kept of %s", time.UnixMilli(since).UTC())
				}
			}
			d.compare(r)

			erased := visitorOf(d.policy, "visitor-1")
			if _, err := d.store.Erase(context.Background(), map[uint64]int64{erased: d.now.UnixMilli()}); err != nil {
				t.Fatal(err)
			}
			lost := 0
			for _, since := range days {
				one := d.Summed(since)
				if one == nil {
					lost++
				} else if slices.Contains(one.Visitors, erased) {
					t.Errorf("who was erased is in what is kept of %s", time.UnixMilli(since).UTC())
				}
			}
			if notes := d.notes(); len(notes) != len(days)-lost || lost == 0 {
				t.Errorf("%d of %d days have lost what was kept, and the folder has %d", lost, len(days), len(notes))
			}
			d.sumUpAll()
			for _, name := range d.notes() {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				text[r.IntN(len(text))] ^= 1
				if err := os.WriteFile(name, text[:len(text)-r.IntN(2)], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d.restart()
			d.compare(r)
			for range days {
				if err := d.SumUp(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			d.yaml = strings.Replace(counted, "generate_lead", "view_item", 1)
			d.restart()
			for _, since := range days {
				if d.Summed(since) != nil {
					t.Errorf("what other conversions came to is taken for %s", time.UnixMilli(since).UTC())
				}
			}
			d.compare(r)
		})
	}
}

// sumUpAll lets all days be over, sums them up, and returns those that have rows.
func (d *desk) sumUpAll() []int64 {
	d.t.Helper()
	err := d.store.Flush()
	d.now = d.now.Add(26 * time.Hour)
	err = errors.Join(err, d.store.Tend(context.Background(), 0))
	days := d.store.Days()
	for range days {
		err = errors.Join(err, d.SumUp(context.Background()))
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return days
}

func (d *desk) notes() []string {
	d.t.Helper()
	names, err := filepath.Glob(filepath.Join(d.folder, "insight", "*.sums"))
	if err != nil {
		d.t.Fatal(err)
	}
	return names
}
