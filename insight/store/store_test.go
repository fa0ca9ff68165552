package store

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"headgate/insight/count"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func open(t testing.TB, folder string, c *clock) *Store {
	t.Helper()
	st, err := Open(Options{Folder: folder, Now: c.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func rowsOf(t testing.TB, st *Store) []string {
	t.Helper()
	s := count.NewSymbols()
	var out []string
	q := Query{Period: count.Period{Since: 0, Until: 1 << 60}, Columns: []count.Column{count.Event, count.Page, count.Items}, Value: true}
	err := st.Scan(context.Background(), q, s, func(rows []count.Row) bool {
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.Visitor, r.Time, s.Text(r.Event), s.Text(r.Page), s.Text(r.Items), r.Value))
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func randomRecords(r *rand.Rand, n int) []Record {
	out := make([]Record, n)
	for i := range out {
		out[i] = Record{Visitor: 2 + r.Uint64N(40), Time: noon.Add(time.Duration(r.IntN(5*86400)-4*86400) * time.Second).UnixMilli(), ID: uint32(i + 1),
			Event: fmt.Sprint("event", r.IntN(5)), Page: fmt.Sprint("/", r.IntN(9)), Value: int64(r.IntN(3) * 100)}
	}
	return out
}

// The same rows are read whatever of them is in memory, in files, merged, or read again after a restart.
func TestRowsAreReadFromWhereverTheyAre(t *testing.T) {
	folder, c := t.TempDir(), &clock{noon}
	st, r := open(t, folder, c), rand.New(rand.NewPCG(1, 2))
	all := randomRecords(r, 3000)
	want := map[string]bool{}
	for i := range all {
		want[fmt.Sprint(all[i].Visitor, all[i].Time, all[i].Event, all[i].Page, "", all[i].Value)] = true
	}
	check := func(when string) {
		t.Helper()
		got := rowsOf(t, st)
		if len(got) != 3000 {
			t.Fatalf("%s: %d rows", when, len(got))
		}
		for _, g := range got {
			if !want[g] {
				t.Fatalf("%s: row %s", when, g)
			}
		}
	}
	for i := range 10 {
		st.Add(all[i*300:(i+1)*300], uint64(i+1))
		if i < 9 {
			if err := st.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	check("in files and memory")
	if got := st.Position(); got != 10 {
		t.Errorf("position %d", got)
	}
	if err := st.Tend(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	check("after merging")
	for _, later := range []time.Duration{48 * time.Hour, 49 * time.Hour} { // first the rest is written, and when it has settled, merged
		c.now = noon.Add(later)
		if err := st.Tend(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
	}
	check("after merging whole days")
	if n := st.Status().Files; n != 6 {
		t.Errorf("%d files for 6 days", n)
	}
	st = open(t, folder, c)
	check("after a restart")
	if got := st.Position(); got != 10 {
		t.Errorf("position %d after a restart", got)
	}
	for visitor := uint64(0); visitor < 45; visitor++ {
		s := count.NewSymbols()
		rows, err := st.Visitor(context.Background(), visitor, count.Period{Since: 0, Until: 1 << 60}, s)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range all {
			if all[i].Visitor == visitor {
				n++
			}
		}
		if len(rows) != n || !slices.IsSortedFunc(rows, func(a, b count.Row) int { return int(a.Time - b.Time) }) {
			t.Errorf("visitor %d has %d rows, want %d", visitor, len(rows), n)
		}
	}
}

func TestAnEventThatArrivesAgainCountsOnce(t *testing.T) {
	c := &clock{noon}
	st := open(t, t.TempDir(), c)
	at := noon.UnixMilli()
	st.Add([]Record{{Visitor: 7, Time: at, ID: 1, Event: "a"}, {Visitor: 7, Time: at + 5, ID: 1, Event: "b"}, {Visitor: 7, Time: at + 9, ID: 1, Event: "a"}}, 1)
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	st.Add([]Record{{Visitor: 7, Time: at, ID: 1, Event: "a"}, {Visitor: 8, Time: at, ID: 1, Event: "a"}, {Visitor: 7, Time: at - count.Day, ID: 1, Event: "a"}}, 2)
	want := []string{fmt.Sprint(7, at-count.Day, "a", "", "", 0), fmt.Sprint(7, at, "a", "", "", 0), fmt.Sprint(7, at+5, "b", "", "", 0), fmt.Sprint(8, at, "a", "", "", 0)}
	for i := range want {
		want[i] = fmt.Sprint(want[i])
	}
	if got := rowsOf(t, st); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestACrashLeavesTheLastFlush(t *testing.T) {
	folder, c := t.TempDir(), &clock{noon}
	st := open(t, folder, c)
	st.Add([]Record{{Visitor: 7, Time: noon.UnixMilli(), ID: 1, Event: "a"}}, 5)
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	st.Add([]Record{{Visitor: 7, Time: noon.UnixMilli(), ID: 2, Event: "b"}}, 9)
	if err := os.WriteFile(filepath.Join(folder, "2026-11-20-1-9.parquet"), []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, folder, c)
	if got := again.Position(); got != 5 {
		t.Errorf("position %d, want 5", got)
	}
	if got := rowsOf(t, again); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.parquet")); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

func TestAFileThatIsLostCostsItsOwnRows(t *testing.T) {
	folder, c := t.TempDir(), &clock{noon}
	st := open(t, folder, c)
	for i := range 2 {
		st.Add([]Record{{Visitor: 7, Time: noon.UnixMilli() - int64(i)*count.Day, ID: 1, Event: "a"}}, 5)
		if err := st.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.parquet"))
	if err := os.Truncate(files[0], 100); err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, open(t, folder, c)); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
}

func TestAVisitorWhoIsErasedIsInNoFile(t *testing.T) {
	folder, c := t.TempDir(), &clock{noon}
	st, r := open(t, folder, c), rand.New(rand.NewPCG(1, 2))
	all := randomRecords(r, 2000)
	for i := range all {
		if all[i].Visitor == 9 {
			all[i].Page = "/marker-9"
		}
	}
	st.Add(all[:1000], 1)
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	st.Add(all[1000:], 2)
	before := len(rowsOf(t, st))
	cut := noon.Add(-24 * time.Hour).UnixMilli()
	removed, err := st.Erase(context.Background(), map[uint64]int64{9: 1 << 60, 10: cut})
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64]int{}
	for i := range all {
		if all[i].Visitor == 9 || all[i].Visitor == 10 && all[i].Time < cut {
			want[all[i].Visitor]++
		}
	}
	if !maps.Equal(removed, want) || len(rowsOf(t, st)) != before-want[9]-want[10] {
		t.Errorf("rows removed: %v, want %v; %d left of %d", removed, want, len(rowsOf(t, st)), before)
	}
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	if st.Position() != 2 {
		t.Errorf("position %d", st.Position())
	}
	for _, row := range rowsOf(t, open(t, folder, c)) {
		if row[:2] == "9 " {
			t.Errorf("still there: %s", row)
		}
	}
}

func TestClearingMakesRoomForCountingAgain(t *testing.T) {
	c := &clock{noon}
	st, r := open(t, t.TempDir(), c), rand.New(rand.NewPCG(3, 2))
	all := randomRecords(r, 2000)
	st.Add(all, 8)
	since := noon.Add(-30 * time.Hour).UnixMilli()
	if err := st.Load().Replace(context.Background(), since, 3); err != nil {
		t.Fatal(err)
	}
	want := 0
	for i := range all {
		if all[i].Time < since {
			want++
		}
	}
	if got := rowsOf(t, st); len(got) != want || st.Position() != 3 {
		t.Errorf("%d rows, want %d; position %d", len(got), want, st.Position())
	}
}

func TestOldDaysAreRemoved(t *testing.T) {
	c := &clock{noon}
	st := open(t, t.TempDir(), c)
	for day := range 5 {
		st.Add([]Record{{Visitor: 7, Time: noon.AddDate(0, 0, -day).UnixMilli(), ID: 1, Event: "a"}}, 1)
	}
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := st.Tend(context.Background(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, st); len(got) != 3 {
		t.Errorf("rows %v", got)
	}
}

func TestRowsAboutNobodyAreReadOnlyWhenAskedFor(t *testing.T) {
	c := &clock{noon}
	st := open(t, t.TempDir(), c)
	st.Add([]Record{{Visitor: count.Unmeasured, Time: noon.UnixMilli(), Event: "a"}, {Visitor: count.Bot, Time: noon.UnixMilli(), Event: "a"}}, 1)
	for range 2 {
		if got := rowsOf(t, st); len(got) != 0 {
			t.Errorf("rows %v", got)
		}
		n := 0
		err := st.Scan(context.Background(), Query{Period: count.Period{Since: 0, Until: 1 << 60}, Nobody: true}, count.NewSymbols(), func(rows []count.Row) bool {
			n += len(rows)
			return true
		})
		if err != nil || n != 2 {
			t.Errorf("%d rows, %v", n, err)
		}
		if err := st.Flush(); err != nil {
			t.Fatal(err)
		}
	}
}
