package conformance

import (
	"context"
	"sort"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// Models delivers the events of a small story, makes the views over them, and compares what they say. run runs a statement, query
// returns the rows of a SELECT as objects of JSON, in the order of the columns; view is a view's name as it is written in SQL.
func Models(t *testing.T, d *destinations.Destination, run func(sql string), query func(sql string) []string, view func(name string) string) {
	t.Helper()
	events := story()
	batch := make([]destinations.Sending, len(events))
	for i, e := range events {
		batch[i] = Sending(e, 1, i)
	}
	for i, v := range d.Deliver(context.Background(), batch) {
		if v.Kind != destinations.Delivered {
			t.Fatalf("%s: %s %s", events[i].ID, v.Kind, v.Why)
		}
	}
	for range 2 { // views are made again when they have changed
		for _, statement := range d.Models() {
			run(statement)
		}
	}
	for _, c := range []struct{ name, columns, want string }{
		{"once", "id", "a1|a2|a3|a4|a5|a6|b1|c1|c2"},
		{"sessions", "client_id, session, seconds, landing_page, exit_page, source, medium, device, events, page_views, purchases, revenue, engaged",
			"A s1 240 /in /out google cpc desktop 5 1 1 30 1|A s2 0 /in /in news email desktop 1 1 0 0 0|B s3 0 /b /b - - - 1 1 0 0 0|C s4 60 /c /c google organic mobile 2 1 1 0 1"},
		{"funnel", "step, event, sessions", "1 view_item 1|2 add_to_cart 1|3 begin_checkout 1|4 purchase 1"},
		{"attribution", "purchase, revenue, session, source, place, touches, first_touch, last_touch, linear_share, by_position",
			"a6 30 s1 google 2 2 0 1 0.5 0.5|a6 30 s2 news 1 2 1 0 0.5 0.5|c2 0 s4 google 1 1 1 1 1 1"},
		{"daily", "day, came_from, device_type, users, sessions, views, engaged_sessions, orders, total_revenue",
			"2026-11-20 news desktop 1 1 1 0 0 0|2026-11-22 direct unknown 1 1 1 0 0 0|2026-11-22 google desktop 1 1 1 1 1 30|2026-11-22 google mobile 1 1 1 1 1 0"},
	} {
		got := query("SELECT " + c.columns + " FROM " + view(c.name))
		for i := range got {
			got[i] = inWords(t, got[i])
		}
		sort.Strings(got)
		if text := strings.Join(got, "|"); text != c.want {
			t.Errorf("%s says\n%s, want\n%s", c.name, text, c.want)
		}
	}
}

// DecisionModels does the same with the view over decisions, which the destination keeps.
func DecisionModels(t *testing.T, d *destinations.Destination, run func(sql string), query func(sql string) []string, view func(name string) string) {
	t.Helper()
	batch := Batch(1, 6)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in", Signals: []event.Signal{{Source: "gpc", Name: "Sec-GPC", Says: "opt-out"}},
			States: []event.State{{Purpose: "ads", State: "denied", Basis: "signal", Source: "gpc"}}}
		batch[i].Outcomes = []event.Outcome{{Destination: "here", Reason: event.Delivered}, {Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied}}
		if i < 2 {
			batch[i].Consent.Rule, batch[i].Outcomes[1] = "", event.Outcome{Destination: "meta", Reason: event.Delivered}
		}
	}
	for range 2 { // again, as after a crash
		deliver(t, d, batch)
	}
	for _, statement := range d.Models() {
		run(statement)
	}
	got := query("SELECT day, destination, action, reason, region_rule, events FROM " + view("consent"))
	for i := range got {
		got[i] = inWords(t, got[i])
	}
	sort.Strings(got)
	const want = "2026-11-22 here deliver delivered europe 4|2026-11-22 here deliver delivered unknown 2|" +
		"2026-11-22 meta deliver delivered unknown 2|2026-11-22 meta deny purpose_denied europe 4"
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("consent says\n%s, want\n%s", text, want)
	}
}

// story is two visits of A, the second of which ends in an order, a visit of B that nothing is known of, one of C whose order has no
// number for its value, and a bot.
func story() []*event.Event {
	at := func(id, client, session, name, path string, day, minute int) *event.Event {
		e := &event.Event{ID: id, Name: name, Time: Noon.AddDate(0, 0, day).Add(time.Duration(minute) * time.Minute), Received: Noon}
		e.User.ClientID, e.Session.ID, e.Page.URL = client, session, path
		return e
	}
	from := func(e *event.Event, source, medium, device string) *event.Event {
		e.Campaign.Source, e.Campaign.Medium, e.Device.Type = source, medium, device
		return e
	}
	buys := func(e *event.Event, value event.Value) *event.Event {
		e.Params.Set("value", value)
		return e
	}
	bot := at("bot", "D", "s5", "page_view", "/bot", 0, 0)
	bot.Device.Bot = true
	events := []*event.Event{
		from(at("a1", "A", "s2", "page_view", "/in", -2, 0), "news", "email", "desktop"),
		from(at("a2", "A", "s1", "page_view", "/in", 0, 0), "google", "cpc", "desktop"),
		at("a3", "A", "s1", "view_item", "", 0, 1), at("a4", "A", "s1", "add_to_cart", "", 0, 2),
		at("a5", "A", "s1", "begin_checkout", "", 0, 3), buys(at("a6", "A", "s1", "purchase", "/out", 0, 4), event.Float(30)),
		at("b1", "B", "s3", "page_view", "/b", 0, 0),
		from(at("c1", "C", "s4", "page_view", "/c", 0, 0), "google", "organic", "mobile"),
		buys(at("c2", "C", "s4", "purchase", "", 0, 1), event.String("a lot")), bot,
	}
	return events
}

// inWords writes a row, an object of JSON, as its values.
func inWords(t *testing.T, row string) string {
	t.Helper()
	v, err := event.ParseJSON([]byte(row))
	if err != nil {
		t.Fatalf("%s: %v", row, err)
	}
	var words []string
	for _, pair := range v.Object() {
		f, number := pair.Value.Float()
		switch {
		case number:
			words = append(words, event.Float(f).Text())
		case pair.Value.IsNull():
			words = append(words, "-")
		default:
			words = append(words, pair.Value.Text())
		}
	}
	return strings.Join(words, " ")
}
