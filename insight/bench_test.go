//go:build unix

package insight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"headgate/insight/answers"
	"headgate/insight/count"
	"headgate/insight/store"
)

// benchmarkDays, benchmarkVisitors and benchmarkEvents are a month of a large shop. HEADGATE_INSIGHT_BENCH names a folder in which the
// data is kept between runs.
const (
	benchmarkDays     = 30
	benchmarkVisitors = 1_000_000
	benchmarkEvents   = 10_000_000
)

// month returns an Insight with ten million events of a million visitors over thirty days.
func month(b *testing.B) *Insight {
	b.Helper()
	folder := os.Getenv("HEADGATE_INSIGHT_BENCH")
	if folder == "" {
		folder = b.TempDir()
	}
	d := &desk{t: b, log: &memoryLog{}, policy: policy(b), folder: folder, yaml: counted}
	end := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	d.now = end
	d.restart()
	if d.store.Status().Events > 0 {
		return d.Insight
	}
	r := rand.New(rand.NewPCG(7, 7))
	from := time.Date(2026, 10, 21, 0, 0, 0, 0, time.UTC)
	for day := range benchmarkDays {
		d.now = from.AddDate(0, 0, day+1).Add(2 * time.Hour)
		addDay(d.store, r, from.AddDate(0, 0, day))
		if err := d.store.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	d.now = end
	if err := d.store.Tend(context.Background(), 0); err != nil {
		b.Fatal(err)
	}
	status := d.store.Status()
	b.Logf("%d events, %.2f bytes an event in %d files", status.Events, float64(status.Bytes)/float64(status.Events), status.Files)
	return d.Insight
}

// addDay adds a day of made-up events: sessions of about five steps through a shop.
func addDay(st *store.Store, r *rand.Rand, day time.Time) {
	sources := [][3]string{{}, {}, {}, {"google", "cpc", "brand"}, {"newsletter", "email", "november"}, {"meta", "social", "shoes"}}
	countries, devices := []string{"DE", "FR", "AT", "NL"}, []string{"desktop", "mobile", "mobile", "tablet"}
	var records []store.Record
	for n := 0; n < benchmarkEvents/benchmarkDays; {
		who := 1 + r.Uint64N(benchmarkVisitors)
		v := store.Record{Visitor: who * 0x9e3779b97f4a7c15, Site: "shop", Country: countries[who%4], Device: devices[who/4%4]}
		c := sources[r.IntN(len(sources))]
		v.Source, v.Medium, v.Campaign = c[0], c[1], c[2]
		at := day.Add(time.Duration(r.Int64N(int64(23 * time.Hour))))
		steps := 1 + r.IntN(9)
		for i := range steps {
			e := v
			e.ID, e.Event, e.Page = r.Uint32(), "page_view", fmt.Sprint("/category/", r.IntN(200))
			switch {
			case i > 1 && i%3 == 0:
				e.Event, e.Page, e.Items = "view_item", fmt.Sprint("/product/", r.IntN(50)), fmt.Sprint("SKU-", r.IntN(50))
			case i > 3 && i%4 == 0:
				e.Event, e.Value, e.Currency = "add_to_cart", 1995, "EUR"
			case i > 5 && i%7 == 0:
				e.Event, e.Value, e.Currency, e.Order = "purchase", int64(1000+r.IntN(9000)), "EUR", fmt.Sprint("T-", r.IntN(1e6))
			}
			e.Time = at.UnixMilli()
			at = at.Add(time.Duration(1000+r.IntN(90_000)) * time.Millisecond)
			records = append(records, e)
			v.Source, v.Medium, v.Campaign = "", "", ""
			n++
		}
	}
	st.Add(records, 1)
}

// computed is how long this process has computed: on a busy machine that tells more than the time that passed.
func computed(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// afterStart asks a question as if nothing were remembered but what is on disk.
func (i *Insight) afterStart(question func(context.Context, url.Values) (*answers.Answer, error)) func(context.Context, url.Values) (*answers.Answer, error) {
	return func(ctx context.Context, q url.Values) (*answers.Answer, error) {
		in := i.serving.Load()
		if err := i.Serve(in.terms, in.policy); err != nil {
			return nil, err
		}
		return question(ctx, q)
	}
}

// BenchmarkQuestions asks about all of it.
func BenchmarkQuestions(b *testing.B) {
	in := month(b)
	for range benchmarkDays { // as the follower does, a day at a time
		if err := in.SumUp(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	const period = "since=2026-10-21T00:00:00Z&until=2026-11-20T00:00:00Z"
	for _, one := range []struct {
		name     string
		question func(context.Context, url.Values) (*answers.Answer, error)
		query    string
	}{
		{"overview", in.Overview, period},
		{"overview after a start", in.afterStart(in.Overview), period},
		{"funnel", in.Funnel, period + "&steps=view_item,add_to_cart,purchase&within=7d"},
		{"transitions", in.Paths, period + "&from=page_view"},
		{"campaigns", in.Campaigns, period + "&model=position"},
		{"carts", in.Carts, period},
		{"live", in.Live, ""},
		{"one day", in.Overview, "since=2026-11-18T00:00:00Z&until=2026-11-19T00:00:00Z"},
	} {
		b.Run(one.name, func(b *testing.B) {
			q, err := url.ParseQuery(one.query)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := one.question(context.Background(), q); err != nil { // what is remembered of a day is
				b.Fatal(err)
			}
			began := computed(b)
			for b.Loop() {
				if _, err := one.question(context.Background(), q); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(computed(b)-began)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
	b.Run("profile", func(b *testing.B) {
		period := count.Period{Since: 0, Until: 1 << 60}
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			began := computed(b)
			if _, err := in.store.Visitor(context.Background(), uint64(1+i%100_000)*0x9e3779b97f4a7c15, period, count.NewSymbols()); err != nil {
				b.Fatal(err)
			}
			took = append(took, computed(b)-began)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[(len(took)-1)*99/100])/1e6, "p99-cpu-ms")
	})
}
