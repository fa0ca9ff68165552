package sources_test

import (
	"net/url"
	"strings"
	"testing"

	"headgate/event"
	"headgate/sources"
)

type ga4Expected struct {
	Shared map[string]string `json:"url_params"`
	Events []struct {
		Name   string
		Params map[string]string
		Items  []map[string]any
	}
}

func TestEveryParameterOfACapturedGA4HitIsKept(t *testing.T) {
	t.Parallel()
	var expected map[string]ga4Expected
	load(t, "ga4/expected.json", &expected)
	all := open(t, "", sources.Limits{})
	lines := strings.Split(strings.TrimSpace(string(vector(t, "ga4/hits.tsv"))), "\n")[1:]
	if len(lines) != len(expected) {
		t.Fatalf("%d hits, %d expectations", len(lines), len(expected))
	}
	for _, line := range lines {
		id, rest, _ := strings.Cut(line, "\t")
		address, body, _ := strings.Cut(rest, "\t")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			h := newHit("POST", u.Path+"?"+u.RawQuery, strings.ReplaceAll(body, `\r\n`, "\r\n"))
			h.Path = u.Path[strings.Index(u.Path, "/g/collect"):] // a few were sent below a prefix
			s := claimant(t, all, h)
			r, err := s.Read(h)
			if err != nil {
				t.Fatal(err)
			}
			want := expected[id]
			if len(r.Events) != len(want.Events) || len(r.Rejected) > 0 {
				t.Fatalf("%d events and %v, want %d", len(r.Events), r.Rejected, len(want.Events))
			}
			for i, w := range want.Events {
				params := map[string]string{}
				for name, value := range want.Shared {
					params[name] = value
				}
				for name, value := range w.Params {
					params[name] = value
				}
				checkGA4(t, &r.Events[i], w.Name, params, w.Items)
			}
			answer := s.Answer(h, r)
			if _, stream := want.Shared["richsstsse"]; stream != (answer.Status == 200) || !stream && answer.Status != 204 {
				t.Errorf("answered %d", answer.Status)
			}
		})
	}
}

// fieldOf is where a GA4 parameter is expected. It is written here a second time, from the fact sheet.
var fieldOf = map[string]string{
	"cid": "user.client_id", "uid": "user.user_id", "sid": "session.id", "sct": "session.number", "dl": "page.url", "dr": "page.referrer",
	"dt": "page.title", "dp": "page.path", "dh": "page.host", "ul": "device.language", "sr": "device.screen",
	"cu": "params.currency", "tt": "params.traffic_type", "cs": "campaign.source", "cm": "campaign.medium",
	"cn": "campaign.name", "cc": "campaign.content", "ck": "campaign.term", "ci": "campaign.id", "_et": "params.engagement_time_msec",
}

func checkGA4(t *testing.T, e *event.Event, name string, params map[string]string, items []map[string]any) {
	t.Helper()
	if e.Name != name || e.Source != "ga4" || !e.Received.Equal(received) {
		t.Errorf("name %q source %q received %v, want %q", e.Name, e.Source, e.Received, name)
	}
	for wire, value := range params {
		path := fieldOf[wire]
		switch {
		case strings.HasPrefix(wire, "ep."):
			path = "params." + wire[3:]
		case strings.HasPrefix(wire, "epn."):
			path = "params." + wire[4:]
			if _, numeric := e.GetPath(path).Float(); !numeric {
				t.Errorf("%s is no number", path)
			}
		case wire == "_et" && value == "NaN":
			path = "params.ga4._et"
		case wire == "seg":
			if e.Session.Engaged != (value == "1") {
				t.Errorf("session.engaged is %v for seg=%s", e.Session.Engaged, value)
			}
			continue
		case path == "":
			path = "params.ga4." + wire
			if _, kept := e.Params.Get("ga4").Object().Find(wire); !kept {
				t.Errorf("%s=%s is lost", wire, value)
			}
		}
		if got := e.GetPath(path).Text(); got != value {
			t.Errorf("%s is %q, want %q (%s)", path, got, value, wire)
		}
	}
	if len(e.Items) != len(items) {
		t.Fatalf("%d items, want %d", len(e.Items), len(items))
	}
	for i, want := range items {
		checkItem(t, &e.Items[i], want)
	}
}

// checkItem compares an item with GA4's names for its fields.
func checkItem(t *testing.T, item *event.Item, want map[string]any) {
	t.Helper()
	got, err := event.ParseJSON(item.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range want {
		if custom, ok := value.(map[string]any); ok {
			for name, value := range custom {
				if item.Params.Text(name) != value {
					t.Errorf("item param %s is %q, want %v", name, item.Params.Text(name), value)
				}
			}
			continue
		}
		if !same(got.Object().Get(strings.TrimPrefix(key, "item_")), value) {
			t.Errorf("item %s is %v, want %v", key, got.Object().Get(strings.TrimPrefix(key, "item_")).Any(), value)
		}
	}
}
