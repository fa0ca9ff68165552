package history

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shelf is a folder with a book, and its clock.
type shelf struct {
	*Book
	t      *testing.T
	folder string
	at     time.Time
	said   bytes.Buffer
	most   int64
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, folder: t.TempDir(), at: time.Date(2026, 11, 28, 22, 58, 0, 0, time.UTC)}
	s.open()
	return s
}

// open opens the folder, again as after a kill when it was open.
func (s *shelf) open() {
	s.t.Helper()
	var err error
	s.Book, err = Open(Options{Folder: s.folder, Now: func() time.Time { return s.at }, Logger: slog.New(slog.NewTextHandler(&s.said, nil)), Most: s.most})
	if err != nil {
		s.t.Fatal(err)
	}
}

// pass lets time pass, with a flush at the end of each step.
func (s *shelf) pass(d time.Duration) {
	s.t.Helper()
	for end := s.at.Add(d); s.at.Before(end); {
		s.at = s.at.Add(FlushEvery)
		if err := s.Flush(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sums are all counts by minute: "2026-11-28T22:58 shop meta delivered 3".
func (s *shelf) sums(since, until time.Time) string {
	s.t.Helper()
	sums := map[string]int64{}
	err := s.Read(since, until, func(*Key) bool { return true }, func(at time.Time, k *Key, count, _ int64) {
		sums[fmt.Sprintf("%s %s %s %s", at.Format("2T15:04"), k.Site, k.Destination, k.What)] += count
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimPrefix(fmt.Sprint(sums), "map")
}

func (s *shelf) all() string { s.t.Helper(); return s.sums(time.Time{}, s.at.Add(time.Hour)) }

func TestCountsAreKeptByTheMinuteAcrossHoursDaysAndRestarts(t *testing.T) {
	s := newShelf(t)
	meta := s.Flow("shop", "meta")
	meta.Counter("delivered", "", "").Add(1)
	s.pass(time.Minute)
	meta.Counter("delivered", "", "").Add(2)
	s.pass(time.Minute) // it is 23:00
	meta.Counter("denied", "no_choice", "ads").Add(3)
	s.pass(time.Hour) // the next day
	s.Flow("shop", "").Counter("accepted", "", "").Add(4)
	s.Counter(Key{Kind: Answers, Destination: "meta", What: "reject", Why: "400"}).Add(1)
	s.pass(FlushEvery)
	want := "[28T22:58 shop meta delivered:1 28T22:59 shop meta delivered:2 28T23:00 shop meta denied:3 29T00:00  meta reject:1 29T00:00 shop  accepted:4]"
	if got := s.all(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.open() // killed
	if got := s.all(); got != want {
		t.Errorf("after a kill\ngot  %s\nwant %s", got, want)
	}
	s.Flow("shop", "").Counter("accepted", "", "").Add(1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.open()
	if got := s.all(); got != strings.Replace(want, "accepted:4", "accepted:5", 1) {
		t.Errorf("after a restart: %s", got)
	}
	if got := s.sums(s.at.Truncate(time.Hour).Add(-time.Hour), s.at.Truncate(time.Hour)); got != "[28T23:00 shop meta denied:3]" {
		t.Errorf("one hour: %s", got)
	}
	if !s.Began().Equal(time.Date(2026, 11, 28, 22, 58, 0, 0, time.UTC)) || s.said.Len() > 0 {
		t.Errorf("began %s; %s", s.Began(), s.said.String())
	}
}

func TestAKillWhileAnHourIsMovedCountsItOnce(t *testing.T) {
	s := newShelf(t)
	s.Flow("shop", "").Counter("accepted", "", "").Add(7)
	s.pass(time.Minute)
	journal, err := os.ReadFile(filepath.Join(s.folder, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	s.pass(time.Hour)
	if err := os.WriteFile(filepath.Join(s.folder, "journal"), journal, 0o600); err != nil { // it had not been emptied
		t.Fatal(err)
	}
	s.open()
	if got := s.all(); got != "[28T22:58 shop  accepted:7]" {
		t.Error(got)
	}
}

func TestWhatAKillTearsIsCutOffAndWhatIsDamagedIsSaid(t *testing.T) {
	s := newShelf(t)
	count := s.Flow("shop", "").Counter("accepted", "", "")
	count.Add(1)
	s.pass(3 * time.Hour) // one hour is over, and had counts
	count.Add(2)
	s.pass(FlushEvery)
	for _, name := range []string{"journal", "2026-11-28.hours"} {
		path := filepath.Join(s.folder, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		torn := append(bytes.Clone(whole), whole[:len(whole)-1]...)
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		s.open()
		if got := s.all(); got != "[28T22:58 shop  accepted:1 29T01:58 shop  accepted:2]" || s.said.Len() > 0 {
			t.Errorf("%s is torn: %s; %s", name, got, s.said.String())
		}
	}
	for _, name := range []string{"journal", "2026-11-28.hours"} {
		path := filepath.Join(s.folder, name)
		bad, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad[len(bad)-1] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s.said.Reset()
		s.open()
		if s.Damage() == "" || !strings.Contains(s.said.String(), "damaged") {
			t.Errorf("%s: nothing was said: %q %q", name, s.Damage(), s.said.String())
		}
	}
	if got := s.all(); got != "[]" {
		t.Error(got)
	}
	s.Flow("shop", "").Counter("accepted", "", "").Add(5)
	s.pass(time.Minute)
	if got := s.all(); !strings.Contains(got, "accepted:5") {
		t.Errorf("it does not go on: %s", got)
	}
	if err := os.RemoveAll(s.folder); err != nil {
		t.Fatal(err)
	}
	s.open()
	if got := s.all(); got != "[]" {
		t.Errorf("deleted, it begins with %s", got)
	}
}

func TestOldDaysGo(t *testing.T) {
	s := newShelf(t)
	begin := s.at
	for range 40 {
		s.Flow("shop", "").Counter("accepted", "", "").Add(1)
		s.at = s.at.Add(24 * time.Hour)
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	names, err := s.days()
	if err != nil || len(names) > 32 {
		t.Errorf("%d days are kept: %v", len(names), err)
	}
	if !s.Began().After(begin.AddDate(0, 0, 8)) {
		t.Errorf("began %s", s.Began())
	}
	s.most = 1
	s.open()
	s.Flow("shop", "").Counter("accepted", "", "").Add(1)
	s.pass(time.Hour)
	if names, _ = s.days(); len(names) != 1 {
		t.Errorf("without room %d days are kept", len(names))
	}
}

func TestTooManyWordsAreCountedTogether(t *testing.T) {
	s := newShelf(t)
	for i := range mostCounters + 100 {
		s.Counter(Key{Kind: Answers, Destination: "meta", What: "reject", Detail: fmt.Sprint(i)}).Add(1)
	}
	if n := len(s.counters.list()); n > mostCounters+1 {
		t.Errorf("%d counters", n)
	}
	total := int64(0)
	_ = s.Read(s.at.Add(-time.Hour), s.at.Add(time.Hour), func(*Key) bool { return true }, func(_ time.Time, _ *Key, n, _ int64) { total += n })
	if total != mostCounters+100 {
		t.Errorf("of %d words %d were counted", mostCounters+100, total)
	}
}

// TestADayOfTwentyDestinationsIsSmall counts what a busy site with twenty destinations counts in an hour, and how much room it takes.
func TestADayOfTwentyDestinationsIsSmall(t *testing.T) {
	s := newShelf(t)
	s.at = s.at.Truncate(time.Hour)
	s.open()
	n := int64(1)
	for range 3 * 60 {
		for d := range 20 {
			flow := s.Flow("shop", fmt.Sprint("destination", d))
			for _, c := range [][3]string{{"delivered"}, {"delivered", "redacted"}, {"denied", "no_choice", "ads"}, {"denied", "purpose_denied", "ads"},
				{"filtered", "event_not_mapped"}, {"filtered", "duplicate"}} {
				n = n*1103515245 + 12345
				flow.Counter(c[0], c[1], c[2]).Add(n >> 16 & 0x3ff)
			}
			for b := range 8 {
				s.Counter(Key{Kind: Latency, Destination: fmt.Sprint("destination", d), What: fmt.Sprint(30 + b)}).Add(n >> 20 & 0xf)
				s.Counter(Key{Kind: Fill, Destination: fmt.Sprint("destination", d), What: "of", Of: fmt.Sprint("field", b)}).Add(100)
			}
		}
		s.pass(time.Minute)
	}
	names, _ := s.days()
	total := int64(0)
	for _, name := range names {
		info, err := os.Stat(filepath.Join(s.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	month := total / 3 * 24 * 30
	t.Logf("an hour takes %d bytes, 30 days %d MiB; the journal %d bytes", total/3, month>>20, s.journal.size)
	if month > DefaultMost {
		t.Errorf("30 days of 20 destinations take %d MiB", month>>20)
	}
}

func TestAQuantileIsRightWithinATenth(t *testing.T) {
	buckets := map[string]int64{}
	for ms := 1; ms <= 1000; ms++ {
		buckets[Bucket(time.Duration(ms)*time.Millisecond)]++
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond} {
		if got := Quantile(buckets, q); got < want || got > want*110/100 {
			t.Errorf("quantile %v is %s, want %s", q, got, want)
		}
	}
	if Quantile(nil, 0.5) != 0 {
		t.Error("of nothing it is not 0")
	}
}

// BenchmarkCount is what an event with twenty destinations costs on the way of a hit, half of them refused.
func BenchmarkCount(b *testing.B) {
	book, err := Open(Options{Folder: b.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{5, 20} {
		var flows []*Flow
		for d := range n {
			flows = append(flows, book.Flow("shop", fmt.Sprint("destination", d)))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i, f := range flows {
					if i%2 == 0 {
						f.Counter("denied", "no_choice", "ads").Add(1)
					}
				}
			}
		})
	}
}
