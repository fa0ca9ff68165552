package trace_test

import (
	"encoding/json"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/eventtest"
	"headgate/event/trace"
)

func traceOf(d *event.Decision) *trace.Trace {
	return &trace.Trace{
		Event: &event.Event{Name: "purchase"}, Received: &event.Event{Name: "Order Completed"}, Source: "segment", Consent: &d.Consent,
		Rules: []trace.Rule{{Name: "net value", Matched: true, Changes: []trace.Change{{Path: "params.value", Old: event.Float(119), New: event.Float(100)}}}},
		Destinations: []trace.Destination{
			{Outcome: d.Outcomes[0], Because: "ads: denied"},
			{Outcome: event.Outcome{Destination: "ga4", Action: event.Deliver, Reason: event.Delivered},
				Requests: []trace.Request{{Method: "POST", URL: "https://vendor.example/?a=1&b=<2>", Headers: event.Headers{{Name: "Authorization", Value: "***"}}, Body: []byte(`{"a":1}`), Notes: []string{"a name was made valid"}}, {Body: []byte("no json")}},
				Verdict:  &trace.Verdict{Verdict: "retry", Why: "busy", Status: 503}},
		},
	}
}

func TestATraceIsWrittenAsTheContractSays(t *testing.T) {
	got, err := json.Marshal(traceOf(eventtest.Full(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"event":{"name":"purchase"},"received":{"name":"Order Completed"},"source":"segment",` +
		`"consent":{"region":{"country":"DE","region":"BY","rule":"europe","model":"opt_in"},` +
		`"state":{"ads":{"state":"denied","basis":"choice","source":"OptanonConsent (C0004=0), answered 2026-11-22"},"analytics":{"state":"granted","basis":"choice","source":"OptanonConsent (C0002=1)"}},` +
		`"signals":[{"source":"gpc","name":"Sec-GPC","value":"1","says":"","set_aside":"not listed"},` +
		`{"source":"onetrust","name":"OptanonConsent","value":"sha256:00","says":"ads denied","when":"2026-11-22T10:00:00.123456789Z"}],"conflict":"ads: granted by Sec-GPC, denied by OptanonConsent","monitor":true},` +
		`"rules":[{"name":"net value","matched":true,"changes":[{"path":"params.value","old":119,"new":100}]}],"dropped_by":null,` +
		`"destinations":{"meta":{"action":"deny","reason":"purpose_denied","because":"ads: denied","requests":[],"verdict":null},` +
		`"ga4":{"action":"deliver","reason":"allowed","because":"","requests":[{"method":"POST","url":"https://vendor.example/?a=1\u0026b=\u003c2\u003e","headers":{"Authorization":"***"},"body":{"a":1},"notes":["a name was made valid"]},` +
		`{"headers":{},"body":"no json"}],"verdict":{"verdict":"retry","why":"busy","status":503}}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestATraceIsReadByAPerson(t *testing.T) {
	shown := traceOf(eventtest.Full(t))
	shown.WhatIf = []trace.WhatIf{{Granted: "ads", Outcome: event.Outcome{Destination: "meta", Action: event.Deliver}}}
	for _, c := range []struct {
		name     string
		received *event.Event
		rules    string
	}{
		{"just walked", shown.Received, "rule  net value\n  params.value: 119 → 100\n"},
		{"stored", nil, "rules  ran when it came; what they changed is not kept\n"},
	} {
		var got strings.Builder
		shown.Received = c.received
		if c.received == nil {
			shown.Rules = nil
		}
		if err := shown.WriteText(&got); err != nil {
			t.Fatal(err)
		}
		want := "purchase    (source segment)\n\nconsent  rule europe (opt_in), visitor in DE-BY\n" +
			"  ads        denied   by choice  OptanonConsent (C0004=0), answered 2026-11-22\n" +
			"  analytics  granted  by choice  OptanonConsent (C0002=1)\n" +
			"  conflict  ads: granted by Sec-GPC, denied by OptanonConsent\n" +
			"  signal Sec-GPC         1            set aside: not listed\n" +
			"  signal OptanonConsent  sha256:00  ads denied\n\n" + c.rules +
			"\nmeta  deny: ads: denied\n  with ads granted: deliver\n" +
			"\nga4  deliver\n  POST https://vendor.example/?a=1&b=<2>\n  Authorization: ***\n\n  {\"a\":1}\n  note: a name was made valid\n\n  no json\n  retry: busy\n\n"
		if got.String() != want {
			t.Errorf("%s\ngot  %q\nwant %q", c.name, got.String(), want)
		}
	}
}

func TestWhatCountsStandsInTheHeading(t *testing.T) {
	shown := &trace.Trace{Event: &event.Event{ID: "1", Name: "generate_lead"}, Received: &event.Event{}, Source: "ga4", EmittedBy: "thanks", Consent: &event.Record{Rule: "europe", Model: "opt_in"},
		Rules: []trace.Rule{{Name: "more", Matched: true, Emitted: "lead_again"}},
		Destinations: []trace.Destination{
			{Outcome: event.Outcome{Destination: "meta", Action: event.Deliver, Reason: event.Delivered}, Because: "ads: granted", Verdict: &trace.Verdict{Verdict: "reject", Why: "needs value"}},
			{Outcome: event.Outcome{Destination: "hook", Action: event.Deliver, Reason: event.Delivered}, Because: "ads: granted",
				Requests: []trace.Request{{Method: "POST", URL: "https://hook.example/", Body: []byte(`{"a":"` + strings.Repeat("x", 100) + `"}`)}}},
		}}
	var got strings.Builder
	if err := shown.WriteText(&got); err != nil {
		t.Fatal(err)
	}
	want := `generate_lead  1  (source ga4)
emitted by the rule thanks

consent  rule europe (opt_in)

rule  more
  emits: lead_again

meta  reject: needs value
  deliver: ads: granted

hook  deliver: ads: granted
  POST https://hook.example/

  {
    "a": "` + strings.Repeat("x", 100) + `"
  }

`
	if got.String() != want {
		t.Errorf("got %s", got.String())
	}
	text, err := shown.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{`"reason":"allowed"`, `"emitted":"lead_again"`, `"emitted_by":"thanks"`} {
		if !strings.Contains(string(text), said) {
			t.Errorf("%s is not in %s", said, text)
		}
	}
}

func TestTheRulesOfAStoredEventAreThoseThatChangedIt(t *testing.T) {
	d := &event.Decision{ChangesKept: true, Event: event.Event{Name: "order", Params: event.Map{{Key: "value", Value: event.Float(7)}}},
		Changed: []event.Changed{{Path: "name", Rule: "rename", Old: event.String("purchase")}, {Path: "params.value", Rule: "net", Old: event.Float(9)},
			{Path: "params.note", Rule: "rename"}}}
	rules := trace.RulesOf(d)
	if len(rules) != 2 || rules[0].Name != "rename" || len(rules[0].Changes) != 2 || rules[1].Changes[0].New.Text() != "7" {
		t.Fatalf("%+v", rules)
	}
	if name := rules[0].Changes[0]; name.Old.Text() != "purchase" || name.New.Text() != "order" {
		t.Errorf("%+v", name)
	}
}
