package personal

import (
	"strings"
	"testing"
	"time"

	"headgate/event"
)

// keyed makes ids; ga4 is a block of a protocol.
var keyed = Redactor{Key: []byte("a key of the test"), Blocks: []event.Block{{Param: "ga4", Query: true}}}

var cookieless = BuiltIn()["cookieless"]

func TestARedactedEventHoldsNothingOfAForbiddenClass(t *testing.T) {
	for _, c := range []struct {
		profile string
		how     *Profile
		classes []event.Class
	}{
		{"cookieless", cookieless, []event.Class{event.ID, event.Contact, event.Network}},
		{"cnil_proxy", BuiltIn()["cnil_proxy"], []event.Class{event.ID, event.Contact, event.Network}},
		{"aggregate", BuiltIn()["aggregate"], []event.Class{event.ID, event.Contact, event.Network}},
		{"partner", &Profile{Contact: Drop}, []event.Class{event.Contact}},
	} {
		t.Run(c.profile, func(t *testing.T) {
			e := seeded()
			before := string(e.AppendJSON(nil))
			out := keyed.Redact(&e, c.how, nil)
			if after := string(e.AppendJSON(nil)); after != before {
				t.Fatalf("the original was changed:\n%s\n%s", before, after)
			}
			text := string(out.AppendJSON(nil))
			values := append(forbidden(&e, c.classes...), "mark-hidden-contact")
			if len(c.classes) > 1 {
				values = append(values, "mark-hidden-id", "G-123456")
			}
			for _, v := range values {
				if strings.Contains(text, v) {
					t.Errorf("%q is still there: %s", v, text)
				}
			}
		})
	}
}

// A value goes wherever it stands, however it is written there, and does not arise again from what stood around it.
func TestAValueThatIsTakenOutIsNowhere(t *testing.T) {
	e := event.Event{Name: "x", User: event.User{ClientID: "c123456", UserID: "Ann Smith/1"}, Page: event.Page{
		URL: "https://shop.example/of/Ann%20Smith%2F1?by=Ann+Smith%2F1&cc123456=1", Title: "c123c123456456 and c12c1c12345623456", Referrer: "https://c123456.example/",
	}, Params: event.Map{
		{Key: "prefs_c123456", Value: event.String("red")},
		{Key: "seen", Value: event.ObjectOf(event.Map{{Key: "c123456", Value: event.Float(2)}, {Key: "Ann Smith/1", Value: event.Float(3)}, {Key: "kept", Value: event.Float(4)}})},
	}}
	out := keyed.Redact(&e, &Profile{ID: Drop}, nil)
	for path, want := range map[string]string{
		"page.url": "https://shop.example/of/[redacted]?by=[redacted]&c[redacted]=1", "page.title": "c123[redacted]456 and c12c1[redacted]23456",
		"page.referrer": "https://[redacted].example/", "params.prefs_[redacted]": "red", "params.seen.[redacted]": "3", "params.seen.kept": "4",
	} {
		if got := out.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestWhatRedactionLeaves(t *testing.T) {
	profiles := BuiltIn()
	profiles["partner"] = &Profile{ID: Rotate, Address: Truncate, Params: Allowed{"value"}, Query: Allowed{"page"}, Geo: Country, Items: Drop, Referrer: Drop}
	e := seeded()
	for _, c := range []struct {
		profile string
		want    map[string]string // path: value
	}{
		{"cookieless", map[string]string{"page.url": "https://www.shop.example/p?utm_source=news", "page.query": "utm_source=news",
			"page.referrer": "https://partner.example/path", "device.user_agent": "Firefox Linux desktop", "device.language": "de",
			"geo.region": "mark-geo-region", "geo.city": "", "campaign.source": "mark-campaign-source", "params.value": "12.5",
			"user.client_id": "", "page.path": "mark-page-path"}},
		{"cnil_proxy", map[string]string{"page.url": "https://www.shop.example/p", "page.query": "", "page.referrer": "https://partner.example/",
			"campaign.source": "", "geo.country": "mark-geo-country", "geo.region": "", "device.user_agent": "Firefox Linux desktop",
			"params.value": "12.5", "device.browser_version": ""}},
		{"aggregate", map[string]string{"id": "mark-id", "name": "mark-name", "page.host": "mark-page-host", "geo.country": "mark-geo-country",
			"page.url": "", "params.value": "", "device.browser": "", "page.path": ""}},
		{"partner", map[string]string{"device.ip": "203.0.113.0", "user.email": "ann@shop.example", "params.value": "12.5", "params.note": "",
			"page.query": "", "page.referrer": "", "page.referrer_class": "", "traffic.class": "mark-traffic-class", "device.user_agent": "mark-device-user_agent", "geo.country": "mark-geo-country", "geo.city": ""}},
	} {
		out := keyed.Redact(&e, profiles[c.profile], nil)
		for path, want := range c.want {
			if got := out.GetPath(path).Text(); got != want {
				t.Errorf("%s: %s is %q, want %q", c.profile, path, got, want)
			}
		}
		if !out.Time.Equal(e.Time) || out.Name != e.Name {
			t.Errorf("%s: lost its name or time", c.profile)
		}
	}
}

func TestWhatAnAppSaysOfItsDeviceGoesByItsClass(t *testing.T) {
	t.Parallel()
	app := event.Map{{Key: "version", Value: event.String("2.11")}}
	device := event.Map{{Key: "type", Value: event.String("ios")}}
	for _, p := range event.AppParams {
		if key, ok := strings.CutPrefix(p.Path, "device."); ok && p.Class != event.Content {
			device.Set(key, event.String("mark-"+key))
		}
	}
	e := event.Event{Params: event.Map{{Key: "app", Value: event.ObjectOf(app)}, {Key: "device", Value: event.ObjectOf(device)},
		{Key: "note", Value: event.String("sent from mark-advertising_id")}}}
	for name, how := range BuiltIn() {
		out := keyed.Redact(&e, how, nil)
		text := string(out.AppendJSON(nil))
		if strings.Contains(text, "mark-") {
			t.Errorf("%s leaves %s", name, text)
		}
		if left := out.Params.Get("device").Object().Text("type"); name != "aggregate" && left != "ios" {
			t.Errorf("%s leaves no kind of device: %s", name, text)
		}
	}
	if whole := string(e.AppendJSON(nil)); strings.Count(whole, "mark-") != len(device) {
		t.Errorf("the event itself was changed: %s", whole)
	}
}

func TestARotatingIDChangesWithTheDayAndTheSite(t *testing.T) {
	with := keyed
	e := event.Event{Site: "shop", Received: today, User: event.User{ClientID: "c1"}, Session: event.Session{ID: "s1"}}
	id := func(change func(*event.Event)) string {
		c := e
		change(&c)
		out := with.Redact(&c, BuiltIn()["cnil_proxy"], nil)
		return out.User.ClientID
	}
	first := id(func(*event.Event) {})
	if len(first) != 8 || first != id(func(e *event.Event) { e.Received = today.Add(time.Hour) }) {
		t.Errorf("%q does not last the day", first)
	}
	for name, change := range map[string]func(*event.Event){
		"day":     func(e *event.Event) { e.Received = today.Add(24 * time.Hour) },
		"site":    func(e *event.Event) { e.Site = "blog" },
		"visitor": func(e *event.Event) { e.User.ClientID = "c2" },
	} {
		if id(change) == first {
			t.Errorf("another %s has the same id", name)
		}
	}
	with.Key = nil
	if got := id(func(*event.Event) {}); got != "" {
		t.Errorf("without a key there is the id %q", got)
	}
}
