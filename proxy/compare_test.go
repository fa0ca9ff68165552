package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/document"
	"headgate/event/layout"
	"headgate/proxy/decide"
	"headgate/proxy/explain"
	"headgate/proxy/impact"
	"headgate/proxy/plan"
)

const comparedRules = `
rules:
  - {name: net value, when: name == "purchase", set: {params.value: =params.value - 1}}
  - {name: lead, when: name == "purchase", emit: {name: lead, params.value: 5}}
  - {name: no tests, when: params.test == true, drop: true}
  - {name: stamped, set: {params.seen: =now(), params.nonce: =uuid()}}
`

// compare posts purchases and a page view and compares with a draft in which one text stands for another.
func compare(t *testing.T, trial explain.Trial, replaced ...string) (*impact.Report, *sink, error) {
	t.Helper()
	s := newSink(t)
	r := start(t, t.TempDir(), s, comparedRules)
	for i := range 4 {
		body := fmt.Sprintf(`{"id":"e-%d","name":"purchase","params":{"value":%d},"consent":{"analytics":true,"ads":false}}`, i, 10+i)
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatal(said)
		}
	}
	if status, said := r.post(t, "/e", `{"id":"v-1","name":"page_view","consent":{"analytics":true}}`); status != 202 {
		t.Fatal(said)
	}
	s.await(t, 9)
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Sample == 0 {
		trial.Sample = explain.UsualTried
	}
	report, err := r.Diff(t.Context(), edit.Draft{"headgate.yaml": []byte(strings.NewReplacer(replaced...).Replace(string(text)))}, trial)
	if got := len(s.ids()); got != 9 {
		t.Errorf("%d events were sent, 9 before the comparison", got)
	}
	return report, s, err
}

func TestTheSameConfigurationChangesNothing(t *testing.T) {
	report, _, err := compare(t, explain.Trial{}, "net value", "net value")
	if err != nil {
		t.Fatal(err)
	}
	if report.Changed || report.Events != 5 || report.Of != 9 || report.Skipped["made by a rule: the event it was made of is compared"] != 4 || len(report.Fields)+len(report.Reasons) > 0 {
		t.Errorf("%s", asText(t, report))
	}
	at := report.Destinations["sink"]
	if at == nil || at.Before != 9 || at.After != 9 || at.BytesBefore == 0 || at.BytesBefore != at.BytesAfter {
		t.Errorf("sink %s", asText(t, at))
	}
	want := []impact.Rule{{Name: "net value", Before: 4, After: 4, State: "same"}, {Name: "lead", Before: 4, After: 4, State: "same"}, {Name: "no tests", State: "same"}, {Name: "stamped", Before: 9, After: 9, State: "same"}}
	for i, rule := range report.Rules {
		if *rule != want[i] {
			t.Errorf("rule %+v, want %+v", rule, want[i])
		}
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAChangedRuleShowsWhatItChanges(t *testing.T) {
	report, _, err := compare(t, explain.Trial{}, "params.value - 1", "params.value - 2", "params.test == true", "params.value == 11", "- {name: lead, when: name == \"purchase\", emit: {name: lead, params.value: 5}}", "")
	if err != nil {
		t.Fatal(err)
	}
	at := report.Destinations["sink"]
	// The purchase of 13 is worth 11 now and is dropped, the four leads are gone, three purchases have another value.
	if !report.Changed || at.Before != 9 || at.After != 4 || at.Disappear != 5 || at.Change != 3 || at.Appear != 0 {
		t.Fatalf("%s", asText(t, report))
	}
	if len(report.Fields) != 1 || report.Fields[0].Path != "params.value" || report.Fields[0].Count != 3 || len(report.Fields[0].Examples) != 3 ||
		report.Fields[0].Examples[0].Old.Text() != "9" || report.Fields[0].Examples[0].New.Text() != "8" {
		t.Errorf("fields %s", asText(t, report.Fields))
	}
	if len(at.Fields) != 1 || at.Fields[0].Path != "body[0].params.value" || at.Fields[0].Count != 3 {
		t.Errorf("fields of requests %s", asText(t, at.Fields))
	}
	states := ""
	for _, r := range report.Rules {
		states += fmt.Sprintf("%s %s %d %d; ", r.Name, r.State, r.Before, r.After)
	}
	if want := "net value changed 4 4; no tests changed 0 1; stamped same 9 4; lead removed 4 0; "; states != want {
		t.Errorf("rules %s, want %s", states, want)
	}
	reasons := ""
	for _, r := range report.Reasons {
		reasons += fmt.Sprintf("%s %d %d; ", r.Reason, r.Before, r.After)
	}
	if want := "delivered 9 4; dropped_by_rule 0 1; no_event 0 4; "; reasons != want {
		t.Errorf("reasons %s, want %s", reasons, want)
	}
	kinds := map[string]int{}
	for _, e := range at.Examples {
		kinds[e.Kind]++
		if e.ID == "" || e.Before == "" || e.After == "" {
			t.Errorf("an example without words: %+v", e)
		}
	}
	if kinds["disappear"] != 3 || kinds["change"] != 3 {
		t.Errorf("examples %v", kinds)
	}
}

func TestConsentAndDestinationsAreComparedToo(t *testing.T) {
	report, _, err := compare(t, explain.Trial{Where: `name == "purchase" and params.value > 10`}, "needs: [analytics]", "needs: [analytics, ads]",
		"rules:\n", "  second: {use: webhook, consent: {needs: [analytics]}, settings: {url: \"http://127.0.0.1:9/\"}, rules: [{name: own, set: {params.own: true}}]}\nrules:\n")
	if err != nil {
		t.Fatal(err)
	}
	// The formula is on the event as received: three of the four purchases, not the two whose net value is above 10.
	if report.Of != 3 || report.Events != 3 || report.Destinations["sink"].Disappear != 6 || report.Destinations["second"].Appear != 6 {
		t.Errorf("%s", asText(t, report))
	}
	if last := report.Rules[len(report.Rules)-1]; last.Name != "second: own" || last.State != "added" || last.After != 6 {
		t.Errorf("rules %s", asText(t, report.Rules))
	}
	if got := report.Reasons[len(report.Reasons)-1]; got.Destination != "sink" || got.Reason != "purpose_denied" || got.After != 6 {
		t.Errorf("reasons %s", asText(t, report.Reasons))
	}
}

func TestAComparisonNeedsADraftWithoutMistakes(t *testing.T) {
	var mistakes document.Mistakes
	if _, _, err := compare(t, explain.Trial{}, "params.value - 1", "params.value -"); !errors.As(err, &mistakes) || mistakes[0].At.File != "headgate.yaml" || mistakes[0].At.Line == 0 {
		t.Errorf("%v", err)
	}
	if _, _, err := compare(t, explain.Trial{Where: "nmae"}); !errors.As(err, &mistakes) {
		t.Errorf("%v", err)
	}
	if _, _, err := compare(t, explain.Trial{Sample: explain.MostTried + 1}); !errors.Is(err, explain.ErrQuestion) {
		t.Errorf("%v", err)
	}
}

// BenchmarkCompare sends 10,000 stored events with five rules to four destinations through two configurations.
func BenchmarkCompare(b *testing.B) {
	folder := b.TempDir()
	path := filepath.Join(folder, "headgate.yaml")
	more := `
  ga4: {settings: {measurement_id: G-EXAMPLE, api_secret: "${SECRET}"}}
  meta: {settings: {pixel_id: "1234567890", access_token: "${SECRET}"}}
  tiktok: {settings: {pixel_code: ABC, access_token: "${SECRET}"}}
`
	text := fmt.Sprintf(fiveRules, filepath.Join(folder, "data")) + more
	env := config.Env{Lookup: func(string) (string, bool) { return "s3cret-of-the-test", true }}
	frozen := explain.NewFrozen(time.Now())
	deps := frozen.Deps(config.Deps{Logger: slog.New(slog.DiscardHandler)})
	open := func(text string) *config.Parts {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		parts, mistakes := config.Open(path, env, deps)
		if err := mistakes.Err(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = parts.Close(b.Context()) })
		return parts
	}
	before, after := open(text), open(strings.Replace(text, "params.value * 2", "params.value * 3", 1))
	var stored [][]byte
	inForce := plan.New(before, time.Now())
	e, events, err := explain.Events(inForce, explain.Question{Sample: "purchase"}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		one := *events[0].Clone()
		one.ID, one.Received = fmt.Sprint("e-", i), e.Received
		w := decide.New(inForce, e, nil, false)
		w.Given(&one)
		entries, _ := w.Written()
		for _, entry := range entries {
			if !layout.IsRefused(entry.Bytes, nil) {
				stored = append(stored, append([]byte(nil), entry.Bytes...))
			}
		}
		w.Release()
	}
	b.ResetTimer()
	for b.Loop() {
		c, err := explain.NewComparer(inForce, plan.New(after, time.Now()), frozen, explain.Trial{Sample: explain.UsualTried}, time.Now)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range stored {
			c.Add(s)
		}
		report, err := c.Report(b.Context())
		if err != nil || report.Events != 10_000 || report.Destinations["meta"].Change != 10_000 {
			b.Fatalf("%v %+v", err, report)
		}
	}
}
