package evidence

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"headgate/alerts"
	"headgate/event"
	"headgate/proxy/history"
)

// shop is a simulated shop whose counts are written into a real book, minute by minute.
type shop struct {
	t      *testing.T
	book   *history.Book
	folder string
	now    time.Time
	random *rand.Rand
	busy   float64 // events in the busiest minute
	mood   float64 // of the day: some days are better

	change func(s *shop, c *counts) // what is wrong from a time on; nil: nothing
}

// counts are those of one minute.
type counts struct {
	events, granted, unread, wrong, filtered, twice int64
	purchases, valued                               int64
	failed, rejected                                int64
}

func newShop(t *testing.T, seed uint64, busy float64) *shop {
	t.Helper()
	s := &shop{t: t, folder: t.TempDir(), now: time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC), random: rand.New(rand.NewPCG(seed, 7)), busy: busy, mood: 1}
	s.open()
	return s
}

func (s *shop) open() {
	s.t.Helper()
	var err error
	s.book, err = history.Open(history.Options{Folder: s.folder, Keep: 35 * 24 * time.Hour, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.book.Close() }) // a second close does nothing
}

// copy is another shop with the same past.
func (s *shop) copy(t *testing.T) *shop {
	t.Helper()
	c := &shop{t: t, folder: t.TempDir(), now: s.now, random: rand.New(rand.NewPCG(3, 8)), busy: s.busy, mood: s.mood}
	if err := os.CopyFS(c.folder, os.DirFS(s.folder)); err != nil {
		t.Fatal(err)
	}
	c.open()
	return c
}

// some is about n, as chance has it.
func (s *shop) some(n float64) int64 {
	if n > 50 {
		return max(0, int64(math.Round(n+math.Sqrt(n)*s.random.NormFloat64())))
	}
	k, p := int64(0), s.random.Float64()
	for limit := math.Exp(-n); p > limit; k++ {
		p *= s.random.Float64()
	}
	return k
}

// minute passes: visitors come in bursts, by the hour of the day and the day of the week.
func (s *shop) minute() {
	if s.now.Hour() == 0 && s.now.Minute() == 0 {
		s.mood = math.Exp(0.15 * s.random.NormFloat64())
	}
	hour := float64(s.now.Hour()) + float64(s.now.Minute())/60
	level := 0.08 + math.Pow(math.Sin(math.Pi*math.Mod(hour+21, 24)/24), 2)
	if day := s.now.Weekday(); day == time.Saturday || day == time.Sunday {
		level *= 0.6
	}
	visitors := float64(s.some(s.busy * level * s.mood / 12)) // 12 events each
	c := counts{events: s.some(visitors * 12), granted: 12 * s.some(visitors*0.6)}
	c.granted = min(c.granted, c.events)
	c.purchases = min(s.some(visitors*0.06), c.events)
	c.valued = c.purchases - min(c.purchases, s.some(float64(c.purchases)*0.02))
	c.unread, c.wrong = s.some(float64(c.events)*0.002), s.some(float64(c.events)*0.03)
	c.filtered, c.twice = s.some(float64(c.events)*0.05), s.some(float64(c.events)*0.01)
	c.failed, c.rejected = s.some(float64(c.events)*0.005), s.some(float64(c.events)*0.001)
	if s.now.Hour() == 15 && s.now.Minute() < 3 { // a vendor's hiccup, each day
		c.failed = c.events
	}
	if s.change != nil {
		s.change(s, &c)
	}
	s.write(&c)
	s.now = s.now.Add(time.Minute)
}

func (s *shop) write(c *counts) {
	b := s.book
	add := func(k history.Key, n int64) {
		if n > 0 {
			b.Counter(k).Add(n)
		}
	}
	b.Flow("shop", "").Counter("accepted", "", "").Add(c.events)
	for range c.purchases {
		b.Conversion("shop", "", "purchase", "EUR").Counter("accepted", "", "").AddValue(50e6)
	}
	meta := b.Flow("shop", "meta")
	meta.Counter("filtered", string(event.DroppedByRule), "no bots").Add(c.filtered)
	meta.Counter("filtered", string(event.Duplicate), "").Add(c.twice)
	meta.Counter("retried", "503", "").Add(c.failed)
	meta.Counter("rejected", "400", "").Add(c.rejected)
	meta.Counter("delivered", "", "").Add(max(0, c.events-c.filtered-c.twice-c.rejected-c.failed))
	consented := func(state string) history.Key {
		return history.Key{Kind: history.Consent, Site: "shop", Of: "DE", Why: "onetrust", What: "analytics=" + state + " ads=" + state}
	}
	add(consented(event.Granted), c.granted)
	add(consented(event.Denied), c.events-c.granted)
	add(history.Key{Kind: history.Signals, Of: "onetrust", What: "of"}, c.events)
	add(history.Key{Kind: history.Signals, Of: "onetrust", What: "unreadable"}, c.unread)
	add(history.Key{Kind: history.Clocks, Of: "ga4", What: "of"}, c.events)
	add(history.Key{Kind: history.Clocks, Of: "ga4", What: "wrong"}, c.wrong)
	fill := func(field, what string, n int64) {
		add(history.Key{Kind: history.Fill, Destination: "meta", Of: field, What: what}, n)
	}
	fill("user.email", "of", c.events)
	fill("user.email", "filled", c.events/5)
	fill("params.value", "of", c.purchases)
	fill("params.value", "filled", c.valued)
	if c.failed > 0 {
		add(history.Key{Kind: history.Answers, Destination: "meta", What: "retry", Why: "503", Detail: "unavailable"}, c.failed)
	}
	if c.rejected > 0 {
		add(history.Key{Kind: history.Answers, Destination: "meta", What: "reject", Why: "400", Detail: "Invalid parameter"}, c.rejected)
	}
}

// until lets time pass, and writes the book as often as it is necessary.
func (s *shop) until(end time.Time) {
	s.t.Helper()
	for s.now.Before(end) {
		s.minute()
		// A read writes what was counted, without a sync.
		if err := s.book.Read(s.now, s.now, func(*history.Key) bool { return false }, nil); err != nil {
			s.t.Fatal(err)
		}
	}
}

// watch lets time pass and looks for alerts every ten minutes; a running process does so more often.
func (s *shop) watch(l *alerts.Ledger, end time.Time) {
	s.t.Helper()
	c := alerts.Defaults()
	for s.now.Before(end) {
		s.until(s.now.Add(10 * time.Minute))
		f, err := Usual(s.book, s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		recent, err := Recent(s.book, s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		if a := recent["meta"]; a != nil {
			d := alerts.Destination{Name: "meta", State: "running", Attempts: a.Attempts[:], Rejected: a.Rejected, Words: a.Failure, Why: a.Reject}
			for _, usual := range f.Rejected {
				d.Rejected.UsualNow, d.Rejected.UsualOf, d.Rejected.Days = usual.UsualNow, usual.UsualOf, usual.Days
			}
			f.Destinations = []alerts.Destination{d}
		}
		l.Step(s.now, alerts.Detect(f, &c), &c)
	}
}

func ledger(t *testing.T) *alerts.Ledger {
	t.Helper()
	l, err := alerts.Open(t.TempDir() + "/alerts.json")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Days of ordinary traffic, with chance, bursts, better and worse days, nights, weekends and a vendor's hiccup, are no alarm.
func TestADayOfNormalTrafficRaisesNothing(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name string
		seed uint64
		busy float64
	}{{"a busy shop", 1, 600}, {"a small shop", 2, 24}} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			s, l := newShop(t, one.seed, one.busy), ledger(t)
			saturday := time.Date(2026, 11, 14, 0, 0, 0, 0, time.UTC)
			s.until(saturday)
			s.watch(l, saturday.Add(26*time.Hour))
			for _, a := range l.List() {
				t.Errorf("%s at %s: %s", a.Kind, a.Since.Format("Mon 15:04"), a.Cause)
			}
		})
	}
}

// The same shop, in which one thing after the other goes wrong from noon to three: each raises its own alert, and it closes.
func TestWhatGoesWrongInOrdinaryTrafficIsFound(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
	before := newShop(t, 3, 240)
	before.until(noon)
	if err := before.book.Close(); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		kind, about string
		change      func(s *shop, c *counts)
	}{
		{alerts.Volume, "purchase", func(_ *shop, c *counts) { c.purchases, c.valued = 0, 0 }},
		{alerts.Failing, "", func(_ *shop, c *counts) { c.failed = c.events }},
		{alerts.DeadLetters, "", func(_ *shop, c *counts) { c.rejected = c.events / 10 }},
		{alerts.Consent, "ads", func(_ *shop, c *counts) { c.granted /= 3 }},
		{alerts.Signals, "onetrust", func(_ *shop, c *counts) { c.unread = c.events / 2 }},
		{alerts.Rules, "rule no bots", func(_ *shop, c *counts) { c.filtered = c.events * 8 / 10 }},
		{alerts.Fields, "params.value", func(_ *shop, c *counts) { c.valued = 0 }},
		{alerts.Duplicates, "", func(_ *shop, c *counts) { c.twice = c.events / 3 }},
		{alerts.Clock, "ga4", func(_ *shop, c *counts) { c.wrong = c.events }},
	} {
		t.Run(one.kind, func(t *testing.T) {
			t.Parallel()
			s, l := before.copy(t), ledger(t)
			s.change = one.change
			s.watch(l, noon.Add(3*time.Hour))
			all := l.List()
			if len(all) == 0 || all[0].Until != nil {
				t.Fatalf("nothing is open: %+v", all)
			}
			found := false
			for _, a := range all {
				found = found || a.Kind == one.kind && a.About == one.about && a.Until == nil
			}
			if !found {
				t.Errorf("%+v", all)
			}
			s.change = nil
			s.watch(l, noon.Add(7*time.Hour))
			for _, a := range l.List() {
				if a.Until == nil {
					t.Errorf("%s is still open: %s", a.Kind, a.Cause)
				}
			}
		})
	}
}
