package rows_test

import (
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/event"
)

func TestADecisionRowForEachDestinationSaysWhy(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := destinations.Sending{
		Event: &event.Event{ID: "e1", Name: "purchase", Time: at, Received: at, Site: "shop"},
		Consent: &event.Record{Country: "DE", Rule: "europe", Model: "opt_in", States: []event.State{{Purpose: "ads", State: "denied", Basis: "choice", Source: "OptanonConsent (C0004=0)"}},
			Signals: []event.Signal{{Source: "onetrust", Name: "OptanonConsent", Value: "sha256:of somebody", Denied: 1, When: at}}},
		Outcomes: []event.Outcome{{Destination: "archive", Reason: event.Delivered}, {Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied,
			Because: "ads: denied by OptanonConsent (C0004=0)"}},
	}
	decided := rows.DecisionsOf(&s)
	if len(decided) != 2 {
		t.Fatalf("%d rows", len(decided))
	}
	var text []byte
	for _, c := range rows.Decisions() {
		switch p := c.Ref(decided[1]).(type) {
		case *string:
			text = append(append(text, c.Name+"="...), *p...)
		case *event.Map:
			text = append(p.AppendJSON(append(text, c.Name+"="...)), ' ')
		case *event.Value:
			text = p.AppendJSON(append(text, c.Name+"="...))
		case *time.Time:
			text = event.AppendTime(append(text, c.Name+"="...), *p)
		case *bool:
			continue
		}
		text = append(text, '\n')
	}
	want := `event_id=e1
event_name=purchase
time="2026-11-22T12:00:00.000Z"
received="2026-11-22T12:00:00.000Z"
site=shop
destination=meta
action=deny
reason=purpose_denied
because=ads: denied by OptanonConsent (C0004=0)
profile=
country=DE
region=
rule=europe
model=opt_in
conflict=
states={"ads":{"state":"denied","basis":"choice","source":"OptanonConsent (C0004=0)"}}` + " \n" +
		`signals=[{"source":"onetrust","name":"OptanonConsent","says":"ads denied","when":"2026-11-22T12:00:00.000Z"}]` + "\n"
	if string(text) != want {
		t.Errorf("got\n%s", text)
	}
	if rows.DecisionsOf(&destinations.Sending{Event: s.Event}) != nil {
		t.Error("rows of decisions that nobody knows")
	}
}
