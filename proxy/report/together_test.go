package report

import (
	"slices"
	"testing"
	"time"

	"headgate/proxy/history"
)

func TestReportsAddUpWhatSeveralHaveCounted(t *testing.T) {
	fill := func(n int64) func(b *history.Book) {
		return func(b *history.Book) {
			b.Flow("shop", "").Counter("accepted", "", "").Add(n)
			b.Conversion("shop", "", "purchase", "EUR").Counter("accepted", "", "").AddValue(n * 1e6)
			b.Counter(history.Key{Kind: history.Latency, Destination: "meta", What: "8"}).Add(n)
		}
	}
	here, there := counted(t, fill(1)), counted(t, fill(10))
	all := func(asked history.Span) history.Counts {
		extract, err := there.Extract(asked)
		if err != nil {
			t.Fatal(err)
		}
		both := history.NewTogether(here)
		if !both.Add(extract, noon.Add(-24*time.Hour)) {
			t.Fatal("an extract cannot be read")
		}
		damaged := slices.Clone(extract)
		damaged[len(damaged)/2] ^= 1
		if both.Add(damaged, noon) || both.Add(nil, noon) {
			t.Error("a damaged extract is taken")
		}
		return both
	}
	h, err := OfHistory(all, lastHour)
	if err != nil || len(h.Series) != 1 || h.Series[0].Total != 22 || !slices.Equal(h.Series[0].Counts[57:], []int64{0, 11, 11}) || !h.Began.Equal(noon.Add(-24*time.Hour)) {
		t.Errorf("%+v %v", h, err)
	}
	steps := lastHour
	steps.Step = 15 * time.Minute
	if h, err = OfHistory(all, steps); err != nil || !slices.Equal(h.Series[0].Counts, []int64{0, 0, 0, 22}) {
		t.Errorf("%+v %v", h, err)
	}
	late := Ask{Since: noon.Add(-90 * time.Second), Until: noon} // in the middle of a minute
	if c, err := OfConversions(all, late, usual, nil); err != nil || c.Happened != (Sum{4, 22}) {
		t.Errorf("%+v %v", c, err)
	}
	late.Destination = "meta"
	if p, err := OfDestination(all, late, nil); err != nil || p.Latency.Count != 22 || p.Latency.P50 != 0.002 {
		t.Errorf("%+v %v", p, err)
	}
}
