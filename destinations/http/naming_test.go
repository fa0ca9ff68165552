package http_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/samples"
	"headgate/event/trace"
)

const particular = `
name: crm
title: CRM
kind: engagement
about: x
docs: https://crm.example/docs
needs: [analytics]
refused: drop
naming: ga4
events: {"*": "=", session_start: off, purchase: bought}
max_age: 7d
ages:
  - {when: params.shop == true, max_age: 62d}
send:
  post: https://crm.example/events
  body: {name: =theirs, places: {positions: [=params.a, "", =params.b]}, "*": {copy: =params, naming: ga4, length: 3, except: [a, b, shop]}}
`

func shown(t *testing.T, d *opening, e *event.Event) trace.Request {
	t.Helper()
	requests := d.Show([]destinations.Sending{{Event: e, Attempt: 1}})
	if len(requests) != 1 {
		t.Fatalf("%d requests of %s", len(requests), e.Name)
	}
	return requests[0]
}

func TestNamesThatAVendorDoesNotTakeAreMadeValidAndShownSo(t *testing.T) {
	d := own(t, particular, `{}`, with(vendor(func(*http.Request, string) (int, string) { return 200, "" })))
	e := &event.Event{Name: "Button Clicked"}
	for _, p := range [][2]string{{"Plan Name", "gold"}, {"plan-name", "lost"}, {"taken name", "lost"}, {"taken_name", "own"}, {"ga_own", "x"}, {"a", "1"}} {
		e.Params.Set(p[0], event.String(p[1]))
	}
	got := shown(t, d, e)
	if want := `{"name":"button_clicked","places":["1","",""],"plan_name":"gol","taken_name":"own"}`; string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
	for _, want := range []string{`"Button Clicked" is named "button_clicked"`, `"Plan Name" is named "plan_name"`, `"ga_own" is left out`, `plan_name is cut to 3 characters`} {
		if !strings.Contains(strings.Join(got.Notes, "\n"), want) {
			t.Errorf("no note %s in %q", want, got.Notes)
		}
	}
	if requests, _ := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}}); string(requests[0].Body) != string(got.Body) {
		t.Errorf("what is sent differs from what is shown: %s", requests[0].Body)
	}
}

func TestANameIsLookedUpAsItIsMadeValid(t *testing.T) {
	d := own(t, particular, `{events: {signed_up: Signed Up}}`, nil)
	for name, want := range map[string]string{" purchase ": "bought", "signed_up": "signed_up", "Signed Up": "signed_up"} {
		if got := shown(t, d, &event.Event{Name: name}); !strings.Contains(string(got.Body), `"name":"`+want+`"`) {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
	if _, verdicts := d.Encode([]destinations.Sending{{Event: &event.Event{Name: "Session Start"}}}); verdicts[0].Kind != destinations.Reject {
		t.Errorf("an event that is left out was sent under another spelling: %v", verdicts)
	}
}

func TestSomeEventsMayBeOlder(t *testing.T) {
	for _, c := range []struct {
		entry string
		days  int
		shop  bool
		sent  bool
	}{
		{`{}`, 6, false, true}, {`{}`, 8, false, false}, {`{}`, 61, true, true}, {`{}`, 63, true, false},
		{`{delivery: {max_age: 3d}}`, 4, true, false},
	} {
		d := own(t, particular, c.entry, nil)
		e := &event.Event{Name: "purchase", Time: samples.Now().Add(-time.Duration(c.days) * 24 * time.Hour)}
		e.Params.Set("shop", event.Boolean(c.shop))
		if _, verdicts := d.Encode([]destinations.Sending{{Event: e}}); (verdicts[0].Kind == 0) != c.sent {
			t.Errorf("%s, %d days, in a shop %t: %v", c.entry, c.days, c.shop, verdicts)
		}
	}
}

func TestANamingThatNobodyHasIsAMistake(t *testing.T) {
	_, ms := tryOwn(t, strings.Replace(particular, "naming: ga4\n", "naming: ga5\n", 1), `{}`, nil)
	if got := ms.Error(); !strings.Contains(got, `crm.yaml:9:1: no naming "ga5"; there is ga4, ga4_property, hubspot`) {
		t.Error(got)
	}
}
