package search

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var begin = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

type shelf struct {
	*Index
	t      testing.TB
	folder string
	most   int64
	said   bytes.Buffer
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{t: t, folder: t.TempDir()}
	s.reopen()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (s *shelf) reopen() {
	s.t.Helper()
	if s.Index != nil {
		_ = s.Close()
	}
	var err error
	if s.Index, err = Open(Options{Folder: s.folder, Most: s.most, Logger: slog.New(slog.NewTextHandler(&s.said, nil))}); err != nil {
		s.t.Fatal(err)
	}
}

var outcomes = [][]Outcome{
	{{"meta", "due", "delivered"}, {"ga4", "due", "delivered"}},
	{{"meta", "denied", "no_choice"}, {"ga4", "due", "delivered"}},
	{{"meta", "filtered", "event_not_mapped"}, {"ga4", "filtered", "dropped_by_rule"}},
}

// fill adds groups of that many events, ten milliseconds apart. Event n has the keys n+1 and, as its visitor's, 1<<40 + n%1000.
func (s *shelf) fill(from, groups, size int) {
	s.t.Helper()
	entries := make([]Entry, size)
	for g := from; g < from+groups; g++ {
		for i := range entries {
			n := g*size + i
			e := &entries[i]
			e.Index, e.Name, e.Site = i, []string{"page_view", "purchase", "scroll"}[n%3], "shop"
			e.Outcomes = outcomes[n%len(outcomes)]
			e.Keys = append(e.Keys[:0], scattered(uint64(n+1)), scattered(uint64(1<<40+n%1000)))
		}
		group := Group{Seq: uint64(2*g + 1), Writer: "shop-1", Number: uint64(g + 1), Time: begin.Add(time.Duration(g) * 10 * time.Millisecond)}
		if err := s.Add(group, entries); err != nil {
			s.t.Fatal(err)
		}
	}
}

// scattered spreads keys as hashes are.
func scattered(n uint64) Key { return Key(n * 0x9e3779b97f4a7c15) }

func (s *shelf) find(q Query, most int) (hits []Hit) {
	s.t.Helper()
	err := s.Find(s.t.Context(), &q, func(h *Hit) bool {
		hits = append(hits, *h)
		return len(hits) < most
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return hits
}

func TestAnEventIsFoundByAnyOfItsKeys(t *testing.T) {
	s := newShelf(t)
	const groups, size = 3000, 50 // more than two segments
	s.fill(0, groups, size)
	if len(s.sealed) != 2 {
		t.Fatalf("%d segments", len(s.sealed))
	}
	for _, n := range []int{0, 1, 49, 50, 70_000, groups*size - 1} {
		hits := s.find(Query{Keys: [][]Key{{scattered(uint64(n + 1))}}}, 10)
		if len(hits) != 1 || hits[0].Number != uint64(n/size+1) || hits[0].Index != n%size || hits[0].Seq != uint64(2*(n/size)+1) || hits[0].Writer != "shop-1" ||
			!hits[0].Time.Equal(begin.Add(time.Duration(n/size)*10*time.Millisecond)) || hits[0].Site != "shop" || !slices.Equal(hits[0].Outcomes, outcomes[n%3]) {
			t.Errorf("event %d: %+v", n, hits)
		}
	}
	hits := s.find(Query{Keys: [][]Key{{scattered(1<<40 + 7)}}}, 1000)
	if len(hits) != groups*size/1000 || hits[0].Number != uint64((groups*size-1000+7)/size+1) || !slices.IsSortedFunc(hits, func(a, b Hit) int { return b.Time.Compare(a.Time) }) {
		t.Errorf("of a visitor %d events, the newest %+v", len(hits), hits[0])
	}
	if hits := s.find(Query{Keys: [][]Key{{scattered(1<<40 + 7)}, {5, scattered(1008)}}}, 10); len(hits) != 1 {
		t.Errorf("both keys: %+v", hits)
	}
	if hits := s.find(Query{Keys: [][]Key{{scattered(1 << 50)}}}, 10); hits != nil {
		t.Errorf("a key of nobody: %+v", hits)
	}
}

func TestEventsAreFoundByWhatWasDecided(t *testing.T) {
	s := newShelf(t)
	s.fill(0, 3000, 50)
	refused := func(list []Outcome) bool {
		return slices.ContainsFunc(list, func(o Outcome) bool { return o.Destination == "meta" && o.State == "denied" })
	}
	if hits := s.find(Query{Outcome: refused}, 50); len(hits) != 50 || hits[0].Name != "purchase" {
		t.Errorf("%d %+v", len(hits), hits[0])
	}
	since := begin.Add(10 * time.Second)
	if hits := s.find(Query{Names: []string{"scroll"}, Since: since, Until: since.Add(time.Second)}, 1e6); len(hits) != 100*50/3 && len(hits) != 100*50/3+1 {
		t.Errorf("in a second %d", len(hits))
	}
	if hits := s.find(Query{Names: []string{"none"}}, 1); hits != nil {
		t.Errorf("%+v", hits)
	}
}

func TestTheIndexGoesOnAfterARestart(t *testing.T) {
	s := newShelf(t)
	s.fill(0, 3000, 50)
	next := s.Next()
	if next != 2*2999+2 {
		t.Fatal(next)
	}
	s.reopen() // as after a kill: the open rows are gone
	next = s.Next()
	if next == 1 || next > 2*3000 {
		t.Fatalf("it would go on at %d", next)
	}
	s.fill(int(next)/2, 3000-int(next)/2, 50)
	for _, n := range []int{0, 149_999, 140_000} {
		if hits := s.find(Query{Keys: [][]Key{{scattered(uint64(n + 1))}}}, 10); len(hits) != 1 {
			t.Errorf("event %d: %+v", n, hits)
		}
	}
	if err := s.Trim(uint64(2 * 1500)); err != nil {
		t.Fatal(err)
	}
	if len(s.sealed) != 1 || len(s.find(Query{Keys: [][]Key{{scattered(1)}}}, 1)) != 0 {
		t.Error("what the log has dropped is still found")
	}
}

func TestADamagedIndexIsDropped(t *testing.T) {
	s := newShelf(t)
	s.fill(0, 1400, 50)
	files, _ := filepath.Glob(filepath.Join(s.folder, "*"))
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	if s.Next() != 1 || !strings.Contains(s.said.String(), "damaged") {
		t.Errorf("next %d, said %q", s.Next(), s.said.String())
	}
}

func TestWhoIsForgottenIsInNoFile(t *testing.T) {
	s := newShelf(t)
	s.fill(0, 3000, 50)
	person := scattered(1<<40 + 7)
	if err := s.Forget([]Key{person, scattered(1 << 50)}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if hits := s.find(Query{Keys: [][]Key{{person}}}, 10); len(hits) != 0 {
			t.Errorf("%d events of someone who is forgotten", len(hits))
		}
		if hits := s.find(Query{Keys: [][]Key{{scattered(8)}}}, 10); len(hits) != 0 {
			t.Error("one is found by its own id")
		}
		if hits := s.find(Query{Keys: [][]Key{{scattered(1<<40 + 8)}}}, 1); len(hits) != 1 {
			t.Error("somebody else is gone too")
		}
		s.reopen()
	}
	files, _ := filepath.Glob(filepath.Join(s.folder, "*"))
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var hash [8]byte
		for i := range hash {
			hash[i] = byte(person >> (8 * i))
		}
		if bytes.Contains(data, hash[:]) {
			t.Errorf("%s holds the key", name)
		}
	}
}

func TestTheIndexIsBounded(t *testing.T) {
	s := newShelf(t)
	s.most = 4 << 20
	s.reopen()
	s.fill(0, 8000, 50)
	total := int64(0)
	files, _ := filepath.Glob(filepath.Join(s.folder, "*"))
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > s.most || len(s.find(Query{Keys: [][]Key{{scattered(400_000)}}}, 1)) != 1 {
		t.Errorf("%d bytes", total)
	}
}

// BenchmarkTenMillion asks an index of ten million events, all of them of the last hour, with six keys each.
func BenchmarkTenMillion(b *testing.B) {
	s := newShelf(b)
	const total, size = 10_000_000, 200
	entries := make([]Entry, size)
	for g := range total / size {
		for i := range entries {
			n := g*size + i
			e := &entries[i]
			e.Index, e.Name, e.Site = i, fmt.Sprint("event", n%40), "shop"
			e.Outcomes = outcomes[n%len(outcomes)]
			e.Keys = append(e.Keys[:0], scattered(uint64(n+1)))
			for k := range 5 {
				e.Keys = append(e.Keys, scattered(uint64((k+1)<<40+n%200_000)))
			}
		}
		if err := s.Add(Group{Seq: uint64(g + 1), Writer: "shop-1", Number: uint64(g + 1), Time: begin.Add(time.Duration(g) * 72 * time.Millisecond)}, entries); err != nil {
			b.Fatal(err)
		}
	}
	bytes := int64(0)
	for _, one := range s.sealed {
		bytes += one.size
	}
	for name, q := range map[string]Query{
		"exact":       {Keys: [][]Key{{scattered(1<<40 + 12345)}}},
		"exact rare":  {Keys: [][]Key{{scattered(5)}}},
		"filter":      {Names: []string{"event7"}, Outcome: func(o []Outcome) bool { return o[0].State == "denied" }, Since: begin},
		"filter none": {Names: []string{"none"}, Since: begin},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				if err := s.Find(b.Context(), &q, func(*Hit) bool { n++; return n < 50 }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(bytes)/total, "bytes/event")
		})
	}
}
