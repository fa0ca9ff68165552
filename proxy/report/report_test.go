package report

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"headgate/event"
	"headgate/proxy/history"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// counted is a book whose counts come at 11:58 and 11:59.
func counted(t *testing.T, fill func(b *history.Book)) *history.Book {
	t.Helper()
	at := noon.Add(-2 * time.Minute)
	b, err := history.Open(history.Options{Folder: t.TempDir(), Now: func() time.Time { return at }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	for range 2 {
		fill(b)
		at = at.Add(time.Minute)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// just reads a book alone.
func just(b *history.Book) From { return func(history.Span) history.Counts { return b } }

// usual are the conversions of those who name none.
var usual = []string{"purchase", "generate_lead"}

var lastHour = Ask{Since: noon.Add(-time.Hour), Until: noon}

func TestHistoryHasAStepForEachMinute(t *testing.T) {
	b := counted(t, func(b *history.Book) {
		b.Flow("shop", "").Counter("accepted", "", "").Add(3)
		b.Flow("shop", "meta").Counter("denied", "no_choice", "ads").Add(1)
		b.Flow("other", "ga4").Counter("delivered", "", "").Add(1)
	})
	h, err := OfHistory(just(b), lastHour)
	if err != nil {
		t.Fatal(err)
	}
	if h.Points != 60 || h.Step != 60 || len(h.Series) != 3 || h.Series[0].Total != 6 || !slices.Equal(h.Series[0].Counts[57:], []int64{0, 3, 3}) || h.Series[2].Detail != "ads" {
		t.Errorf("%+v", h)
	}
	one := lastHour
	one.Site, one.Destination, one.Step = "shop", "meta", time.Hour
	if h, err = OfHistory(just(b), one); err != nil || h.Points != 1 || len(h.Series) != 2 || h.Series[1].Counts[0] != 2 {
		t.Errorf("%+v %v", h, err)
	}
	for _, bad := range []Ask{{Since: noon, Until: noon}, {Since: noon.Add(-90 * 24 * time.Hour), Until: noon, Step: time.Minute}, {Since: noon.Add(-time.Hour), Until: noon, Step: time.Second}} {
		if _, err := OfHistory(just(b), bad); !errors.Is(err, ErrAsked) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestConversionsThatHappenedAreWhatEachDestinationGotAndTheGap(t *testing.T) {
	b := counted(t, func(b *history.Book) {
		for _, currency := range []string{"EUR", "EUR", "USD", ""} {
			b.Conversion("shop", "", "purchase", currency).Counter("accepted", "", "").AddValue(10e6)
			b.Conversion("shop", "meta", "purchase", currency).Counter("denied", "no_choice", "ads").AddValue(10e6)
		}
		b.Conversion("shop", "", "purchase", "EUR").Counter("accepted", "", "").AddValue(5e6)
		b.Conversion("shop", "meta", "purchase", "EUR").Counter("delivered", "", "").AddValue(5e6)
		b.Conversion("shop", "", "generate_lead", "EUR").Counter("accepted", "", "").AddValue(1e6)
		b.Conversion("shop", "meta", "generate_lead", "EUR").Counter("retried", "503", "").AddValue(1e6)
	})
	c, err := OfConversions(just(b), lastHour, usual, []string{"meta", "ga4"})
	if err != nil {
		t.Fatal(err)
	}
	meta := c.Platforms["meta"]
	if c.Currency != "EUR" || c.Happened != (Sum{10, 72}) || meta.Sum != (Sum{2, 10}) || meta.Pending != (Sum{2, 2}) ||
		!slices.Equal(meta.Gap, []Gap{{"denied", "no_choice", "ads", Sum{6, 60}}}) || c.Platforms["ga4"].Pending != c.Happened {
		t.Errorf("%+v %+v", c, meta)
	}
	if len(c.Others) != 1 || c.Others[0].Currency != "USD" || c.Others[0].Happened != (Sum{2, 20}) {
		t.Errorf("%+v", c.Others)
	}
	leads := lastHour
	leads.Event = "generate_lead"
	if c, err = OfConversions(just(b), leads, usual, nil); err != nil || c.Happened != (Sum{2, 2}) {
		t.Errorf("%+v %v", c, err)
	}
	leads.Event = "scroll"
	if _, err = OfConversions(just(b), leads, usual, nil); !errors.Is(err, ErrAsked) {
		t.Error(err)
	}
}

func TestConsentIsSummedUpByPurposeCountryToolAndDay(t *testing.T) {
	b := counted(t, func(b *history.Book) {
		r := &event.Record{Country: "DE", States: []event.State{{Purpose: "analytics", State: "granted"}, {Purpose: "ads", State: "denied"}}, Signals: []event.Signal{{Source: "gpc"}}}
		b.Counter(history.ConsentKey("shop", "onetrust", r, 2)).Add(3)
		r = &event.Record{Country: "FR", States: []event.State{{Purpose: "analytics", State: "unknown"}}, Conflict: event.Conflict{Purpose: 1}}
		b.Counter(history.ConsentKey("shop", "", r, 2)).Add(1)
		b.Flow("shop", "meta").Counter("denied", "purpose_denied", "ads").Add(3)
		b.Flow("shop", "meta").Counter("filtered", "not_wanted", "").Add(9)
	})
	c, err := OfConsent(just(b), lastHour)
	if err != nil {
		t.Fatal(err)
	}
	if c.Events != 8 || *c.Purposes["analytics"] != (Choice{6, 0, 2}) || *c.Purposes["ads"] != (Choice{0, 6, 0}) || c.GPC != 6 || c.Conflicts != 2 {
		t.Errorf("%+v", c)
	}
	got := fmt.Sprintf("%d %s %d %q %d %s %d %d %v", len(c.Countries), *c.Countries[0].Country, c.Countries[0].Events, *c.Tools[1].Tool, len(c.Tools), *c.Days[0].Day, c.Days[0].Events, c.Destinations["meta"].Lost, c.Destinations["meta"].Reasons)
	if got != "2 DE 6 \"\" 2 2026-11-22 8 6 [{purpose_denied ads 6}]" {
		t.Error(got)
	}
}

func TestADestinationsAnswersAreGrouped(t *testing.T) {
	b := counted(t, func(b *history.Book) {
		b.Counter(history.Key{Kind: history.Answers, Destination: "meta", What: "delivered", Why: "200"}).Add(5)
		b.Counter(history.Key{Kind: history.Answers, Destination: "meta", What: "reject", Why: "400", Detail: "bad"}).Add(1)
		b.Counter(history.Key{Kind: history.Answers, Destination: "ga4", What: "reject", Why: "400", Detail: "bad"}).Add(7)
		b.Counter(history.Key{Kind: history.Latency, Destination: "meta", What: history.Bucket(100 * time.Millisecond)}).Add(4)
		b.Counter(history.Key{Kind: history.Fill, Destination: "meta", Of: "user.email", What: "of"}).Add(10)
		b.Counter(history.Key{Kind: history.Fill, Destination: "meta", Of: "user.email", What: "filled"}).Add(4)
	})
	ask := lastHour
	ask.Destination = "meta"
	p, err := OfDestination(just(b), ask, []string{"user.email", "user.phone"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Answers, []Answers{{"delivered", 200, "", 10}, {"reject", 400, "bad", 2}}) || !slices.Equal(p.Fill, []Fill{{"user.email", 8, 20}, {"user.phone", 0, 0}}) {
		t.Errorf("%+v", p)
	}
	if p.Latency.Count != 8 || p.Latency.P50 < 0.1 || p.Latency.P50 > 0.11 || p.Latency.P99 != p.Latency.P50 {
		t.Errorf("%+v", p.Latency)
	}
}
