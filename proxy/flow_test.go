package proxy

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"headgate/event"
	"headgate/proxy/history"
	"headgate/proxy/report"
	"headgate/proxy/resend"
)

// flowsOf are the sums of what was counted of events: "sink denied purpose_denied analytics".
func (r *running) flowsOf(t *testing.T, kind history.Kind) (sums, values map[string]int64) {
	t.Helper()
	sums, values = map[string]int64{}, map[string]int64{}
	err := r.book.Read(time.Time{}, time.Now().Add(time.Hour), func(k *history.Key) bool { return k.Kind == kind }, func(_ time.Time, k *history.Key, n, value int64) {
		name := fmt.Sprintf("%s|%s|%s|%s|%s", k.Destination, k.What, k.Why, k.Detail, k.Of)
		sums[name] += n
		values[name] += value
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums, values
}

const countedConfig = `
rules:
  - {name: no scrolls, when: name == "scroll", drop: true}
  - {name: not here, when: name == "secret", skip: [sink]}
`

func TestTheHistoryAddsUpToTheAccount(t *testing.T) {
	s := newSink(t)
	s.answer = func(events []event.Event) int {
		if events[0].Name == "bad" {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	folder := t.TempDir()
	r := start(t, folder, s, countedConfig)
	bodies := []string{
		`{"name":"purchase","id":"p-1","params":{"value":59.9,"currency":"eur"}}`, `{"name":"purchase","id":"p-1","params":{"value":59.9,"currency":"eur"}}`,
		`{"name":"scroll"}`, `{"name":"secret"}`, `{"name":"purchase","params":{"value":10,"currency":"EUR"},"consent":{"analytics":false}}`,
	}
	for _, body := range bodies {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatalf("%d %s", status, said)
		}
	}
	r.account(t, "sink")
	if status, said := r.post(t, "/e", `{"name":"bad","id":"bad-1"}`); status != 202 {
		t.Fatalf("%d %s", status, said)
	}
	r.account(t, "sink")
	if n, err := r.RetryDeadLetters(t.Context(), resend.Pick{}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	d := r.account(t, "sink")
	if status, _ := r.post(t, "/e", `{`); status != 400 {
		t.Fatal(status)
	}
	want := fmt.Sprint(map[string]int64{
		"|accepted|||": 6, "|refused|malformed||": 1, "sink|delivered|||": 1, "sink|filtered|duplicate||": 1, "sink|filtered|dropped_by_rule|no scrolls|": 1,
		"sink|filtered|skipped_by_rule|not here|": 1, "sink|denied|purpose_denied|analytics|": 1, "sink|rejected|400||": 2, "sink|again|dead||": 1,
	}, "3 129800000 59900000 10000000", 1, 2)
	check := func() {
		t.Helper()
		var got string
		until(t, func() bool { // what is settled is counted a moment later
			events, _ := r.flowsOf(t, history.Events)
			sums, values := r.flowsOf(t, history.Conversions)
			conversions := fmt.Sprint(sums["|accepted|||purchase EUR"], values["|accepted|||purchase EUR"], values["sink|delivered|||purchase EUR"], values["sink|denied|purpose_denied|analytics|purchase EUR"])
			answers, _ := r.flowsOf(t, history.Answers)
			got = fmt.Sprint(events, conversions, answers["sink|delivered|200||"], answers["sink|reject|400|status 400 Bad Request|"])
			return got == want
		}, func() string { return "counted\n" + got + ", want\n" + want })
	}
	check()
	if d.Rejected != 1 || d.Delivered != 1 || d.Filtered != 3 || d.Denied != 1 {
		t.Errorf("%+v", d)
	}
	r.stop()
	r = start(t, folder, s, countedConfig)
	r.account(t, "sink")
	check()
}

func TestConversionsAreTheOnesOfInsight(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "insight: {conversions: [order done, purchase]}\n")
	for _, name := range []string{"order done", "generate_lead", "purchase"} {
		if status, said := r.post(t, "/e", fmt.Sprintf(`{"name":%q,"params":{"value":7,"currency":"EUR"},"consent":{"analytics":true}}`, name)); status != 202 {
			t.Fatalf("%d %s", status, said)
		}
	}
	s.await(t, 3)
	r.account(t, "sink")
	ask := report.Ask{Since: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Minute)}
	var c *report.Conversions
	var err error
	until(t, func() bool { // what is settled is counted a moment later
		c, err = r.Conversions(t.Context(), ask)
		return err != nil || c.Happened == (report.Sum{Count: 2, Value: 14}) && c.Platforms["sink"].Sum == c.Happened
	}, func() string { return fmt.Sprintf("%+v", c) })
	if err != nil || fmt.Sprint(c.Events) != "[order done purchase]" || c.Currency != "EUR" {
		t.Errorf("%+v %v", c, err)
	}
	ask.Event = "order done"
	if c, err = r.Conversions(t.Context(), ask); err != nil || c.Happened.Count != 1 || len(c.Counted) != 2 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestWhatVisitorsChoseIsCountedOnce(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), `
rules:
  - {name: lead, when: name == "purchase", emit: {name: lead}}
`)
	for _, body := range []string{`{"name":"purchase","consent":{"analytics":true,"ads":false}}`, `{"name":"a"}`, `{"name":"a"}`} {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatalf("%d %s", status, said)
		}
	}
	states := map[string]int64{}
	err := r.book.Read(time.Time{}, time.Now().Add(time.Hour), func(k *history.Key) bool { return k.Kind == history.Consent }, func(_ time.Time, k *history.Key, n, _ int64) {
		history.EachPurpose(k, func(purpose, state string) { states[purpose+" "+state] += n })
		states["events"] += n
		states["tool "+k.Why] += n
	})
	if err != nil || states["events"] != 3 || states["ads denied"] != 1 || states["necessary granted"] != 3 || states["tool event"] != 1 {
		t.Errorf("%v %v", states, err)
	}
}
