package store

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"headgate/insight/count"
)

// benchmarkDays, benchmarkVisitors and benchmarkEvents are a month of a large shop. HEADGATE_INSIGHT_BENCH names a folder in which the
// data is kept between runs.
const (
	benchmarkDays     = 30
	benchmarkVisitors = 1_000_000
	benchmarkEvents   = 10_000_000
)

// bulk returns a store with ten million events of a million visitors over thirty days.
func bulk(b *testing.B) *Store {
	b.Helper()
	folder := os.Getenv("HEADGATE_INSIGHT_BENCH")
	if folder == "" {
		folder = b.TempDir()
	}
	c := &clock{noon}
	if _, err := os.Stat(filepath.Join(folder, manifestFile)); err == nil {
		return open(b, folder, c)
	}
	st := open(b, folder, c)
	r := rand.New(rand.NewPCG(7, 7))
	from := time.Date(2026, 10, 21, 0, 0, 0, 0, time.UTC)
	for day := range benchmarkDays {
		c.now = from.AddDate(0, 0, day+1).Add(2 * time.Hour)
		Bulk(st, r, from.AddDate(0, 0, day))
		if err := st.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	c.now = noon
	if err := st.Tend(context.Background(), 0); err != nil {
		b.Fatal(err)
	}
	return st
}

// Bulk adds a day of made-up events: sessions of about five steps through a shop.
func Bulk(st *Store, r *rand.Rand, day time.Time) {
	sources := [][3]string{{}, {}, {}, {"google", "cpc", "brand"}, {"newsletter", "email", "november"}, {"meta", "social", "shoes"}}
	countries, devices := []string{"DE", "FR", "AT", "NL"}, []string{"desktop", "mobile", "mobile", "tablet"}
	var records []Record
	for n := 0; n < benchmarkEvents/benchmarkDays; {
		who := 1 + r.Uint64N(benchmarkVisitors)
		v := Record{Visitor: who * 0x9e3779b97f4a7c15, Site: "shop", Country: countries[who%4], Device: devices[who/4%4]}
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

func BenchmarkScan(b *testing.B) {
	st := bulk(b)
	status := st.Status()
	b.Logf("%d events, %.2f bytes an event in %d files", status.Events, float64(status.Bytes)/float64(status.Events), status.Files)
	b.ResetTimer()
	for range b.N {
		n := 0
		err := st.Scan(context.Background(), Query{Period: count.Period{Since: 0, Until: 1 << 60}}, count.NewSymbols(), func(rows []count.Row) bool {
			n += len(rows)
			return true
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVisitor(b *testing.B) {
	st := bulk(b)
	period := count.Period{Since: 0, Until: 1 << 60}
	for i := 0; b.Loop(); i++ {
		if _, err := st.Visitor(context.Background(), uint64(1+i%1000)*0x9e3779b97f4a7c15, period, count.NewSymbols()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdd measures what an event costs until it is in a file of its day.
func BenchmarkAdd(b *testing.B) {
	c := &clock{noon}
	st := open(b, b.TempDir(), c)
	st.logger = slog.New(slog.DiscardHandler)
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; b.Loop(); i++ {
		st.Add([]Record{{Visitor: 2 + r.Uint64N(100_000), Time: noon.UnixMilli() + int64(i), ID: uint32(i), Event: "page_view", Page: fmt.Sprint("/", i%100), Site: "shop", Country: "DE"}}, uint64(i))
		if i%flushRows == flushRows-1 {
			if err := st.Tend(context.Background(), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}
