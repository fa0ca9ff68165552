package insight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// An overview that adds up days equals one that goes through the rows, whatever its borders are, and whatever happens to the days
// between two questions: events that come late, files that are merged, visitors who are erased.
func TestAnOverviewOfDaysIsThatOfTheRows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 2))
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
