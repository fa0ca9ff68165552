package event

import (
	"encoding/json"
	"testing"
)

func TestATraceIsWrittenAsTheContractSays(t *testing.T) {
	d := full(t)
	trace := &Trace{
		Event: &Event{Name: "purchase"}, Received: &Event{Name: "Order Completed"}, Source: "segment", Consent: &d.Consent,
		Rules: []RuleTrace{{Name: "net value", Matched: true, Changes: []Change{{"params.value", Float(119), Float(100)}}}},
		Destinations: []DestinationTrace{
			{Outcome: d.Outcomes[0]},
			{Outcome: Outcome{Destination: "ga4", Action: Deliver, Reason: Delivered},
				Requests: []Request{{"POST", "https://vendor.example/?a=1&b=<2>", Headers{{"Authorization", "***"}}, []byte(`{"a":1}`)}, {Body: []byte("no json")}},
				Verdict:  &VerdictTrace{"retry", "busy", 503}},
		},
	}
	got, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"event":{"name":"purchase"},"received":{"name":"Order Completed"},"source":"segment",` +
		`"consent":{"region":{"country":"DE","region":"BY","rule":"europe","model":"opt_in"},` +
		`"state":{"ads":{"state":"denied","basis":"choice","source":"OptanonConsent (C0004=0)"},"analytics":{"state":"granted","basis":"choice","source":"OptanonConsent (C0002=1)"}},` +
		`"signals":[{"source":"onetrust","name":"OptanonConsent","value":"sha256:00","says":"ads denied","when":"2026-11-22T10:00:00.123456789Z"},` +
		`{"source":"gpc","name":"Sec-GPC","value":"1","says":"","set_aside":"not listed"}],"conflict":"ads: denied by OptanonConsent, granted by gcs","monitor":true},` +
		`"rules":[{"name":"net value","matched":true,"changes":[{"path":"params.value","old":119,"new":100}]}],"dropped_by":null,` +
		`"destinations":{"meta":{"action":"deny","reason":"purpose_denied","because":"ads: denied","requests":[],"verdict":null},` +
		`"ga4":{"action":"deliver","reason":"delivered","because":"","requests":[{"method":"POST","url":"https://vendor.example/?a=1\u0026b=\u003c2\u003e","headers":{"Authorization":"***"},"body":{"a":1}},` +
		`{"headers":{},"body":"no json"}],"verdict":{"verdict":"retry","why":"busy","status":503}}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestACloneSharesNothingThatRulesChange(t *testing.T) {
	e := &full(t).Event
	before := string(e.AppendJSON(nil))
	c := e.Clone()
	for i := range Fields {
		if m, ok := Fields[i].Ref(c).(*Map); ok {
			m.Set("text", String("changed"))
			m.Delete("yes")
		}
	}
	c.Items[0].Params.Set("size", String("changed"))
	c.Items[1].Name = "changed"
	if after := string(e.AppendJSON(nil)); after != before {
		t.Errorf("changing the clone changed the event:\nbefore %s\nafter  %s", before, after)
	}
}
