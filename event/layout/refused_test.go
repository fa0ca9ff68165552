package layout_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"headgate/event"
	"headgate/event/layout"
)

func refusedDecision() *event.Decision {
	d := &event.Decision{DroppedBy: "staff", Outcomes: []event.Outcome{
		{Destination: "ga4", Action: event.Deny, Reason: event.PurposeDenied, Because: "analytics: denied by OptanonConsent", Cites: event.Cites{1}},
		{Destination: "meta", Action: event.Filter, Reason: event.DroppedByRule, Text: "staff", Own: true},
		{Destination: "ga4", Action: event.Deny, Reason: event.OptedOutGPC},
	}}
	d.Event.ID, d.Event.Name, d.Event.Source = "anna@mark.example", "add_to_cart", "ga4"
	d.Event.Time = time.Unix(1_800_000_000, 5).UTC()
	d.Event.User.Email = "anna@mark.example"
	return d
}

func TestARefusedEventIsFoundByItsIDAndHoldsNobodysData(t *testing.T) {
	d := refusedDecision()
	b := layout.AppendRefused(nil, d)
	if bytes.Contains(b, []byte("anna")) || bytes.Contains(b, []byte("mark")) {
		t.Errorf("%q names somebody", b)
	}
	id, other := layout.HashID(d.Event.ID), layout.HashID("b")
	if !layout.IsRefused(b, nil) || !layout.IsRefused(b, &id) || layout.IsRefused(b, &other) {
		t.Error("it is not found by its id alone")
	}
	if layout.IsRefused(layout.Append(nil, d), nil) {
		t.Error("a decision is taken for a refused event")
	}
	if _, err := layout.Decode(string(b)); err == nil {
		t.Error("a refused event is taken for a decision")
	}
	if _, _, ok := layout.Peek(b); ok {
		t.Error("a refused event has an id")
	}
	for i := range d.Outcomes {
		o := &d.Outcomes[i]
		*o = event.Outcome{Destination: o.Destination, Action: o.Action, Reason: o.Reason}
	}
	want := &layout.Refused{ID: id, Name: "add_to_cart", Time: d.Event.Time, Source: "ga4", DroppedBy: "staff", Outcomes: d.Outcomes}
	got, err := layout.DecodeRefused(string(b))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	for n := range b {
		if _, err := layout.DecodeRefused(string(b[:n])); err == nil {
			t.Errorf("%d of %d bytes are read as a whole", n, len(b))
		}
	}
}

func TestNamesThatMayBeSomebodysAreNotKept(t *testing.T) {
	for name, kept := range map[string]bool{
		"purchase": true, "Add To Cart": true, "checkout/step:2": true, "v2.view_item": true, "": true,
		"anna@mark.example": false, "call 030 1234567": false, "käufer": false, "a\x00b": false,
		"a name that is much longer than anybody would give to an event of a site": false,
	} {
		d := refusedDecision()
		d.Event.Name = name
		got, err := layout.DecodeRefused(string(layout.AppendRefused(nil, d)))
		if err != nil || (got.Name == name) != kept && name != "" {
			t.Errorf("%q: kept as %q %v", name, got.Name, err)
		}
	}
}

func FuzzDecodeRefused(f *testing.F) {
	f.Add(string(layout.AppendRefused(nil, refusedDecision())))
	f.Fuzz(func(t *testing.T, s string) {
		r, err := layout.DecodeRefused(s)
		if err != nil {
			return
		}
		for _, o := range r.Outcomes {
			if o.Action.Due() {
				t.Errorf("a refused event is due at %s", o.Destination)
			}
		}
	})
}
