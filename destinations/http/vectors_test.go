package http_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/destinations/http"

	"headgate/destinations"
	"headgate/event"
)

// vectorDestinations are the catalogue's names for the folders of the shared vectors, with the settings that a case's
// configuration becomes.
var vectorDestinations = map[string]struct {
	name     string
	settings func(config event.Map) string
}{
	"meta": {"meta", func(c event.Map) string {
		return fmt.Sprintf(`settings: {pixel_id: %q, access_token: %q, version: %q}`, c.Text("pixel_id"), c.Text("access_token"), c.Text("api_version"))
	}},
}

// The cases named derived-* are binding. Those named wo-* show another product's mapping of other events, some with
// deviations that must not be copied (seconds taken for milliseconds, empty user_data), and are not run.
func TestVectorsOfVendors(t *testing.T) {
	const root = "../../../shared/vectors/destinations"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared vectors are not here: " + root)
	}
	for folder, to := range vectorDestinations {
		runDerivedVectors(t, filepath.Join(root, folder), to.name, to.settings)
	}
}

// runDerivedVectors checks that a destination of the catalogue sends what the cases of a folder list: method, address,
// headers and body.
func runDerivedVectors(t *testing.T, folder, name string, settings func(config event.Map) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "derived-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(name+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			v := readVector(t, file)
			e := vectorEvent(t, v.Get("input").Object())
			d := opened(t, name, settings(v.Get("config").Object()), func(deps *destinations.Deps) {
				deps.Now = func() time.Time { return e.Time.Add(time.Minute) }
			})
			requests, verdicts := d.Encode([]destinations.Sending{{Event: e, Attempt: 1}})
			want := v.Get("expected_requests").List()
			if len(requests) != len(want) {
				t.Fatalf("%d requests, want %d; %v", len(requests), len(want), verdicts)
			}
			for i, r := range requests {
				w := want[i].Object()
				address, query, _ := strings.Cut(r.URL, "?")
				wantAddress, _, _ := strings.Cut(w.Text("url"), "?")
				if r.Method != w.Text("method") || address != wantAddress {
					t.Errorf("%s %s, want %s %s", r.Method, address, w.Text("method"), w.Text("url"))
				}
				sent := event.Hit{Query: query}
				for _, p := range w.Get("params").Object() {
					if p.Key == "access_token" && headerOf(r, "Authorization") == "Bearer "+p.Value.Text() {
						continue // where a vendor takes it in a header too, it stays out of access logs
					}
					if got := sent.QueryValue(p.Key); got != p.Value.Text() {
						t.Errorf("?%s=%s, want %s", p.Key, got, p.Value.Text())
					}
				}
				for _, h := range w.Get("headers").Object() {
					if strings.HasPrefix(h.Value.Text(), "<OAuth 1.0a") {
						continue // the sender signs
					}
					if got := headerOf(r, h.Key); got != h.Value.Text() {
						t.Errorf("%s: %s, want %s", h.Key, got, h.Value.Text())
					}
				}
				got, err := event.ParseJSON(r.Body)
				if err != nil {
					t.Fatal(err)
				}
				includes(t, "body", got, bodyOf(w))
			}
		})
	}
}

func readVector(t *testing.T, file string) event.Map {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := event.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	return v.Object()
}

// bodyOf is the body that a case lists, under either of its names.
func bodyOf(request event.Map) event.Value {
	if body := request.Get("body"); !body.IsNull() {
		return body
	}
	return request.Get("json")
}

func headerOf(r *http.Request, name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func vectorEvent(t *testing.T, in event.Map) *event.Event {
	t.Helper()
	ms, _ := in.Get("timestamp_ms").Float()
	e := &event.Event{ID: in.Text("event_id"), Name: in.Text("event_name"), Time: time.UnixMilli(int64(ms)).UTC(), Source: "vectors",
		Cookies: in.Get("cookies").Object(), Params: in.Get("params").Object().Clone(),
		Consent: event.Map{{Key: "ads", Value: event.Boolean(true)}, {Key: "sharing", Value: event.Boolean(true)}, {Key: "personalized_ads", Value: event.Boolean(true)}, {Key: "analytics", Value: event.Boolean(true)}}}
	for path, from := range map[string]string{"user.client_id": "client_id", "user.user_id": "user_id", "device.ip": "ip", "device.user_agent": "user_agent",
		"page.url": "page_location", "page.referrer": "page_referrer", "page.title": "page_title"} {
		if err := e.SetPath(path, in.Get(from)); err != nil {
			t.Fatal(err)
		}
	}
	e.Page.Host = "shop.example.com"
	user := in.Get("user_data").Object()
	for path, from := range map[string]string{"email": "email", "phone": "phone", "first_name": "first_name", "last_name": "last_name", "city": "city", "postal_code": "zip", "country": "country"} {
		if err := e.SetPath("user."+path, user.Get(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range e.Params.Get("items").List() {
		var item event.Item
		for _, p := range one.Object() {
			if fact := item.Set(strings.TrimPrefix(p.Key, "item_"), p.Value); fact != "" {
				t.Fatal(fact)
			}
		}
		e.Items = append(e.Items, item)
	}
	e.Params.Delete("items")
	return e
}

// includes checks that all of want is in got; a list with one hash may be the hash itself, and the other way round.
func includes(t *testing.T, path string, got, want event.Value) {
	t.Helper()
	switch want.Kind() {
	case event.Object:
		for _, p := range want.Object() {
			includes(t, path+"."+p.Key, got.Object().Get(p.Key), p.Value)
		}
		return
	case event.List:
		if len(want.List()) == 1 && got.Kind() == event.Text {
			includes(t, path, got, want.List()[0])
			return
		}
		if len(got.List()) != len(want.List()) {
			t.Errorf("%s has %d elements, want %d", path, len(got.List()), len(want.List()))
			return
		}
		for i, one := range want.List() {
			includes(t, fmt.Sprintf("%s[%d]", path, i), got.List()[i], one)
		}
		return
	}
	if !got.Equal(want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s = %s, want %s", path, g, w)
	}
}
