// Package eventtest has what tests of events, and of what is made of them, share.
package eventtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headgate/event"
)

// SameValues compares values for cmp.Diff.
var SameValues = cmp.Comparer(event.Value.Equal)

// Number returns a number that keeps its writing.
func Number(s string) event.Value {
	v, ok := event.NumberText(s)
	if !ok {
		panic(s)
	}
	return v
}

// Full returns a decision in which every field of the vocabulary says something.
func Full(t testing.TB) *event.Decision {
	t.Helper()
	d := &event.Decision{DroppedBy: "leave staff out", Stored: "cookieless", ChangesKept: true, EmittedBy: "emit a lead"}
	at := time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC)
	fill(t, &d.Event, at)
	d.Consent = event.Record{
		Country: "DE", Region: "BY", Rule: "europe", Model: "opt_in", Monitor: true,
		States: []event.State{
			{Purpose: "ads", State: "denied", Basis: "choice", Cause: event.Cause{Kind: event.BySaying, Signal: event.Citation{Signal: 2, Part: "C0004", Tail: "=0"}}},
			{Purpose: "analytics", State: "granted", Basis: "choice", Source: "OptanonConsent (C0002=1)"}},
		Signals: []event.Signal{{Source: "gpc", Name: "Sec-GPC", Value: "1", Aside: event.Aside{Kind: event.AsideInWords, Part: "not listed"}},
			{Source: "onetrust", Name: "OptanonConsent", Value: "sha256:00", Denied: 1, When: at}},
		Conflict: event.Conflict{Purpose: 1, Granted: 1, Denied: 2},
	}
	d.Outcomes = []event.Outcome{
		{Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied, Cites: event.Cites{1}},
		{Destination: "ga4", Action: event.Redact, Reason: event.Redacted, Profile: "aggregate", Instead: "cookieless", Cites: event.Cites{2, 1},
			Flags: []event.Flag{{Purpose: "sharing", Sets: "ldu=1"}}},
		{Destination: "hook", Action: event.Filter, Reason: event.DroppedByRule, Text: "staff", Own: true},
	}
	d.Changed = []event.Changed{{Path: "params.value", Rule: "net value", Old: Number("59.90")}, {Path: "params.note", Rule: "net value"},
		{Path: "user.traits", Rule: "traits", Old: event.ObjectOf(event.Map{{Key: "plan", Value: event.String("pro")}})}}
	d.Identifiers = []event.Identifier{{Kind: event.ClientID, Hash: event.IdentifierHash{1, 2, 3}}, {Kind: event.Phone, Hash: event.IdentifierHash{15: 0xff}}}
	return d
}

// fill puts something into every field of an event.
func fill(t testing.TB, e *event.Event, at time.Time) {
	t.Helper()
	for i := range event.Fields {
		f := &event.Fields[i]
		switch p := f.Ref(e).(type) {
		case *string:
			*p = "text of " + f.Path
		case *bool:
			*p = true
		case *int64:
			*p = -int64(i)
		case *time.Time:
			*p = at.Add(time.Duration(i))
		case *event.Map:
			*p = event.Map{
				{Key: "text", Value: event.String("größe \" \\ \n")}, {Key: "long", Value: Number("12345678901234567890")},
				{Key: "f", Value: event.Float(1.5)}, {Key: "yes", Value: event.Boolean(true)}, {Key: "null"},
				{Key: "list", Value: event.ListOf(event.String("a"), event.ListOf(), event.ObjectOf(event.Map{{Key: "k", Value: event.Float(-3)}}))},
			}
		case *[]event.Item:
			size := event.Map{{Key: "size", Value: event.String("M")}}
			*p = []event.Item{{ID: "sku", Price: event.Num(0), Quantity: event.Num(2), Params: size}, {Name: "second"}}
		default:
			t.Fatalf("%s: field of unknown type %T", f.Path, p)
		}
	}
}
