package attempts

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type shelf struct {
	*Store
	t      testing.TB
	folder string
	at     time.Time
	most   int64
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{t: t, folder: t.TempDir(), at: time.Date(2026, 11, 28, 22, 58, 0, 0, time.UTC)}
	s.reopen()
	return s
}

func (s *shelf) reopen() {
	s.t.Helper()
	var err error
	if s.Store, err = Open(Options{Folder: s.folder, Keep: 72 * time.Hour, Most: s.most, Now: func() time.Time { return s.at }, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) of(destination string, p Place, accepted time.Time) []Attempt {
	s.t.Helper()
	found, err := s.Of(destination, "shop-1", p, accepted)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

func TestEveryAnswerIsFoundByThePlaceOfItsEvent(t *testing.T) {
	s := newShelf(t)
	begin := s.at
	failed := Attempt{Time: s.at, Verdict: "retry", Status: 503, Why: "later", Took: 20 * time.Millisecond}
	s.Note("meta", "shop-1", &failed, []Place{{7, 0}, {7, 1}, {7, 3}, {9, 0}})
	s.Note("meta", "other", &Attempt{Time: s.at, Verdict: "delivered"}, []Place{{7, 1}})
	s.at = s.at.Add(3 * time.Hour)
	delivered := Attempt{Time: s.at, Verdict: "delivered", Status: 200, Took: time.Second}
	s.Note("meta", "shop-1", &delivered, []Place{{9, 0}, {7, 1}})
	s.Note("ga4", "shop-1", &delivered, []Place{{7, 2}})
	for range 2 {
		for _, c := range []struct {
			destination string
			place       Place
			want        []Attempt
		}{
			{"meta", Place{7, 0}, []Attempt{failed}},
			{"meta", Place{7, 1}, []Attempt{failed, delivered}},
			{"meta", Place{7, 2}, nil},
			{"ga4", Place{7, 2}, []Attempt{delivered}},
			{"meta", Place{9, 0}, []Attempt{failed, delivered}},
			{"meta", Place{8, 0}, nil},
		} {
			if diff := cmp.Diff(c.want, s.of(c.destination, c.place, begin)); diff != "" {
				t.Errorf("%s %v: %s", c.destination, c.place, diff)
			}
		}
		s.reopen()
	}
	if got := s.of("meta", Place{7, 1}, begin.Add(2*time.Hour)); len(got) != 1 {
		t.Errorf("answers from before it was accepted are looked at: %v", got)
	}
}

func TestTheLastTenAttemptsAreShown(t *testing.T) {
	s := newShelf(t)
	begin := s.at
	for i := range 25 {
		s.at = s.at.Add(20 * time.Minute)
		s.Note("meta", "shop-1", &Attempt{Time: s.at, Verdict: "retry", Why: fmt.Sprint("words ", i%3)}, []Place{{1, 0}})
	}
	got := s.of("meta", Place{1, 0}, begin)
	if len(got) != Shown || !got[Shown-1].Time.Equal(s.at) || got[Shown-1].Why != "words 0" || got[Shown-2].Why != "words 2" {
		t.Errorf("%v", got)
	}
}

func TestWhatIsTornOrDamagedCostsOnlyItself(t *testing.T) {
	s := newShelf(t)
	begin := s.at
	for i := range 3 {
		s.Note("meta", "shop-1", &Attempt{Time: s.at, Verdict: "retry", Why: "w"}, []Place{{uint64(i), 0}})
		s.Flush()
	}
	files, err := filepath.Glob(filepath.Join(s.folder, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)/3-1] ^= 1
	if err := os.WriteFile(files[0], whole[:len(whole)-2], 0o600); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	s.Note("meta", "shop-1", &Attempt{Time: s.at, Verdict: "delivered"}, []Place{{7, 0}})
	for i, want := range []int{0, 1, 0, 0, 0, 0, 0, 1} {
		if got := s.of("meta", Place{uint64(i), 0}, begin); len(got) != want {
			t.Errorf("group %d: %v", i, got)
		}
	}
}

func TestOldAnswersGo(t *testing.T) {
	s := newShelf(t)
	begin := s.at
	s.Note("meta", "shop-1", &Attempt{Time: s.at, Verdict: "retry"}, []Place{{1, 0}})
	s.Flush()
	s.at = s.at.Add(76 * time.Hour)
	s.Note("meta", "shop-1", &Attempt{Time: s.at, Verdict: "delivered"}, []Place{{1, 0}})
	s.Flush()
	s.reopen()
	if got := s.of("meta", Place{1, 0}, begin); len(got) != 1 || got[0].Verdict != "delivered" {
		t.Errorf("%v", got)
	}
	s.most = 1
	s.reopen()
	if got := s.of("meta", Place{1, 0}, begin); len(got) != 0 {
		t.Errorf("without room: %v", got)
	}
}

// FuzzReadBlock: whatever is on disk is read or passed over.
func FuzzReadBlock(f *testing.F) {
	b := newBlock("w", time.Unix(1, 0))
	b.add(&Attempt{Time: time.Unix(2, 0), Verdict: "retry", Why: "w"}, []Place{{1, 2}, {1, 3}})
	f.Add(b.seal()[blockHead:])
	f.Fuzz(func(_ *testing.T, body []byte) {
		readBlock(body, "w", Place{1, 2}, nil)
	})
}

func BenchmarkNote(b *testing.B) {
	s := newShelf(b)
	a := &Attempt{Time: s.at, Verdict: "delivered", Status: 200, Took: time.Second}
	place := []Place{{0, 0}}
	b.ReportAllocs()
	for b.Loop() {
		place[0].Group++
		s.Note("meta", "shop-1", a, place)
	}
}
