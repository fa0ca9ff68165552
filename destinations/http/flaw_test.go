package http_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"headgate/destinations"
	"headgate/event"
)

// TestAnEventThatCannotBeSentIsRejectedAndNoOther sends three events, the middle one of which cannot be put into a request.
func TestAnEventThatCannotBeSentIsRejectedAndNoOther(t *testing.T) {
	for _, c := range []struct{ name, send, text, why string }{
		{"a line break in a header", "{post: 'https://crm.example/', headers: {X-Page: =page.title}, body: {id: =id}}", "a\r\nX-Admin: 1", "its header X-Page would hold a line break"},
		{"a control character in a header", "{post: 'https://crm.example/', headers: {X-Page: =page.title}, body: {id: =id}}", "a\x00b", "its header X-Page"},
		{"a line break in a line", "{post: 'https://crm.example/', batch: {events: 10}, format: lines, body: {each: =batch, as: =page.title}}", "a\nforged", "line break"},
		{"another folder", "{post: 'https://crm.example/pages/{page.title}', body: {id: =id}}", "..", "another folder"},
		{"another host", "{post: 'https://{default(page.title, \"crm\")}.example/', body: {id: =id}}", "evil", "not a host of this destination"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int32
			d := own(t, crm+"send: "+c.send+"\n", "{}", with(vendor(func(*http.Request, string) (int, string) { asked.Add(1); return 200, "" })))
			batch := make([]destinations.Sending, 3)
			for i := range batch {
				batch[i] = destinations.Sending{Event: &event.Event{ID: "id", Name: "purchase", Page: event.Page{Title: "crm"}}}
			}
			batch[1].Event.Page.Title = c.text
			for i, v := range d.Deliver(context.Background(), batch) {
				want := destinations.Delivered
				if i == 1 {
					want = destinations.Reject
				}
				if v.Kind != want || i == 1 && !strings.Contains(v.Why, c.why) {
					t.Errorf("event %d: %v %s", i, v.Kind, v.Why)
				}
			}
			if asked.Load() == 0 {
				t.Error("nothing was sent")
			}
		})
	}
}

func TestWhatAnEventSaysStaysAPartOfAnAddress(t *testing.T) {
	var asked atomic.Value
	d := own(t, crm+"settings: {folder: {type: text, required: true, help: where, example: a/b}}\n"+
		"send: {post: 'https://crm.example/{settings.folder}/{page.title}/end', query: {q: =page.title}, body: {id: =id}}\n",
		"{settings: {folder: a/b}}", with(vendor(func(r *http.Request, _ string) (int, string) { asked.Store(r.URL.String()); return 200, "" })))
	d.Deliver(context.Background(), []destinations.Sending{{Event: &event.Event{ID: "id", Name: "purchase", Page: event.Page{Title: "x/../y?admin=1#é\n"}}}})
	if want := "https://crm.example/a/b/x%2F..%2Fy%3Fadmin=1%23%C3%A9%0A/end?q=x%2F..%2Fy%3Fadmin%3D1%23%C3%A9%0A"; asked.Load() != want {
		t.Errorf("got  %v\nwant %s", asked.Load(), want)
	}
}

func TestAHeaderThatSettingsMakeImpossibleIsAMistake(t *testing.T) {
	_, ms := tryOwn(t, crm+"settings: {note: {type: text, required: true, help: which, example: a}}\n"+
		"send: {post: 'https://crm.example/', headers: {X-Note: =settings.note}, body: {id: =id}}\n", "{settings: {note: \"a\\nb\"}}", nil)
	if len(ms) == 0 || !strings.Contains(ms.Err().Error(), "cannot send the header") {
		t.Errorf("it says %v", ms.Err())
	}
}

func TestAFormulaThatFailsIsLoggedWithoutTheVisitorsText(t *testing.T) {
	var log bytes.Buffer
	d := own(t, crm+"send: {post: 'https://crm.example/', body: {id: =id, worth: =params.price * 2}}\n", "{}", func(deps *destinations.Deps) {
		with(vendor(func(*http.Request, string) (int, string) { return 200, "" }))(deps)
		deps.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	e := &event.Event{ID: "id", Name: "purchase", Params: event.Map{{Key: "price", Value: event.String("Jane (\"J\") Doe")}}}
	d.Deliver(context.Background(), []destinations.Sending{{Event: e}})
	if said := log.String(); strings.Contains(said, "Jane") || !strings.Contains(said, "params.price is text, not a number") {
		t.Errorf("logged: %s", said)
	}
}
