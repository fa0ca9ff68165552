package consent

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/event"
)

func keyed(t testing.TB, yaml string) *Policy {
	p := policy(t, yaml)
	p.Key = []byte("a key of the test")
	return p
}

// Everything personal also stands where nobody should have put it: in addresses, titles, parameters, items.
func seeded() event.Event {
	e := marked()
	e.User.Email = "ann@shop.example"
	e.User.Phone = "+4915112345678"
	leak := "c=" + e.User.ClientID + " u=" + e.User.UserID + " mail ann@shop.example " + e.User.FirstName + " " + e.Device.IP
	e.Page.URL = "https://www.shop.example/p?uid=" + e.User.UserID + "&utm_source=news&gclid=G-123456#ann@shop.example"
	e.Page.Query = "uid=" + e.User.UserID + "&utm_source=news&gclid=G-123456"
	e.Page.Title = leak
	e.Page.Referrer = "https://user:pw@partner.example/path?id=" + e.User.ClientID
	e.Campaign.ClickIDs = event.Map{{Key: "gclid", Value: event.String("G-123456")}}
	e.Device.Browser, e.Device.OS, e.Device.Type, e.Device.Language = "Firefox", "Linux", "desktop", "de-DE"
	e.Params = event.Map{
		{Key: "value", Value: event.Float(12.5)},
		{Key: "note", Value: event.String(leak)},
		{Key: "ga4", Value: event.ObjectOf(event.Map{{Key: "cid", Value: event.String(e.User.ClientID)}})},
		{Key: "user_data", Value: event.ObjectOf(event.Map{{Key: "x", Value: event.String("mark-hidden-contact")}})},
		{Key: "nested", Value: event.ListOf(event.ObjectOf(event.Map{
			{Key: "customer_id", Value: event.String("mark-hidden-id")}, {Key: "click", Value: event.String("G-123456")},
			{Key: "color", Value: event.String("red")}}))},
	}
	e.Items = []event.Item{{ID: "sku", Name: "for ann@shop.example", Affiliation: e.User.UserID,
		Params: event.Map{{Key: "email", Value: event.String("mark-hidden-contact")}}}}
	return e
}

// forbidden are the values that must be gone, by class.
func forbidden(e *event.Event, classes ...event.Class) (out []string) {
	for i := range event.Fields {
		f := &event.Fields[i]
		for _, c := range classes {
			if f.Class != c {
				continue
			}
			switch ref := f.Ref(e).(type) {
			case *string:
				if *ref != "" {
					out = append(out, *ref)
				}
			case *event.Map:
				for _, p := range *ref {
					out = append(out, p.Value.Text())
				}
			}
		}
	}
	return out
}

func TestARedactedEventHoldsNothingOfAForbiddenClass(t *testing.T) {
	for _, c := range []struct {
		profile string
		classes []event.Class
	}{
		{"cookieless", []event.Class{event.ID, event.Contact, event.Network}},
		{"cnil_proxy", []event.Class{event.ID, event.Contact, event.Network}},
		{"aggregate", []event.Class{event.ID, event.Contact, event.Network}},
		{"no such profile", []event.Class{event.ID, event.Contact, event.Network}},
		{"partner", []event.Class{event.Contact}},
	} {
		t.Run(c.profile, func(t *testing.T) {
			p := keyed(t, "redact: {partner: {contact: drop}}")
			e := seeded()
			before := string(e.AppendJSON(nil))
			out := p.Redact(&e, c.profile, nil)
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
	p := keyed(t, "redact: {partner: {id: drop}}")
	e := event.Event{Name: "x", User: event.User{ClientID: "c123456", UserID: "Ann Smith/1"}, Page: event.Page{
		URL: "https://shop.example/of/Ann%20Smith%2F1?by=Ann+Smith%2F1&cc123456=1", Title: "c123c123456456 and c12c1c12345623456", Referrer: "https://c123456.example/",
	}, Params: event.Map{
		{Key: "prefs_c123456", Value: event.String("red")},
		{Key: "seen", Value: event.ObjectOf(event.Map{{Key: "c123456", Value: event.Float(2)}, {Key: "Ann Smith/1", Value: event.Float(3)}, {Key: "kept", Value: event.Float(4)}})},
	}}
	out := p.Redact(&e, "partner", nil)
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
	p := keyed(t, "redact: {partner: {id: rotate, address: truncate, params: [value], query: [page], geo: country, items: drop}}")
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
			"page.query": "", "device.user_agent": "mark-device-user_agent", "geo.country": "mark-geo-country", "geo.city": ""}},
	} {
		out := p.Redact(&e, c.profile, nil)
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
	for name := range builtInProfiles() {
		out := policy(t, "{}").Redact(&e, name, nil)
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
	p := keyed(t, "")
	e := event.Event{Site: "shop", Received: today, User: event.User{ClientID: "c1"}, Session: event.Session{ID: "s1"}}
	id := func(change func(*event.Event)) string {
		c := e
		change(&c)
		out := p.Redact(&c, "cnil_proxy", nil)
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
	p.Key = nil
	if got := id(func(*event.Event) {}); got != "" {
		t.Errorf("without a key there is the id %q", got)
	}
}

func TestPersonalDataIsFoundByItsLook(t *testing.T) {
	for text, want := range map[string]string{
		"write to ann.lee+x@shop.example.com.":        "write to [redacted:email].",
		"ann%40shop.example":                          "[redacted:email]",
		"mailto:ann@shop.example?x":                   "mailto:[redacted:email]?x",
		"call +49 151 12345678 now":                   "call [redacted:phone] now",
		"call +4915112345678.":                        "call [redacted:phone].",
		"paid with 4111 1111 1111 1111":               "paid with [redacted:card]",
		"5555-5555-5555-4444":                         "[redacted:card]",
		"378282246310005":                             "[redacted:card]",
		"DE89370400440532013000 please":               "[redacted:iban] please",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1": "[redacted:token]",
		"Bearer abcdefghijkl next":                    "[redacted:token] next",
		"+49 151 12345678 2026-11-22":                 "[redacted:phone] 2026-11-22",
		"4111 1111 1111 1111 on 12 24":                "[redacted:card] on 12 24",
		"4111 1111 1111 1111 12 24":                   "[redacted:card] 12 24",
		"ann@shop.example.x":                          "[redacted:email].x",
		// what only looks alike stays
		"4111 1111 1111 1112":    "4111 1111 1111 1112",
		"order 1234567890123":    "order 1234567890123",
		"@handle and a@b":        "@handle and a@b",
		"4006381333023":          "4006381333023", // an article's number
		"1795000000.123456789":   "1795000000.123456789",
		"DE88370400440532013000": "DE88370400440532013000", // its check digits are wrong
		"9795000000123455":       "9795000000123455",       // no issuer starts so
		"eyJub3.token":           "eyJub3.token",
		"+1 2 3":                 "+1 2 3",
		"":                       "",
	} {
		var found Findings
		if got := Scrub(text, &found); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if changed := text != want; changed != (found.Total() == 1) {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

// Whatever stands beside what: nothing is left to be found.
func TestNothingIsFoundInWhatWasScrubbed(t *testing.T) {
	parts := []string{"ann@shop.example", "ann%40shop.example", "+4915112345678", "4111111111111111", "4111 1111 1111 1111", "DE89370400440532013000",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Bearer ", "abcdefgh", "+", "-", "_", ".", "@", "%", "/", " ", ":", "a", "1", "49", "00", "(", "é", "\xff"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var text strings.Builder
		for range 1 + random.IntN(6) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		var found, left Findings
		clean := Scrub(text.String(), &found)
		if Scrub(clean, &left); left.Total() > 0 {
			t.Fatalf("%q becomes %q, in which there is still %v", text.String(), clean, left)
		}
	}
}

// Work in proportion to the square of a text would not end within the time that a test has.
func TestATextMadeToBeExpensiveIsNot(t *testing.T) {
	for _, part := range []string{"eyJ-", "eyJ.", "+1 ", "444 ", "4444-", "@a.", "a@b.c.", "%40", "AB12", "Bearer ", "+(", "?a=%3F", "&a=", "%25"} {
		var found Findings
		text := strings.Repeat(part, 2<<20/len(part))
		Scrub(text, &found)
		ScrubURL("https://shop.example/?q="+text, &found)
	}
	e := event.Event{User: event.User{ClientID: strings.Repeat("c", 1<<20)}, Page: event.Page{Title: strings.Repeat("c", 4<<20)}}
	for i := range 10_000 {
		e.Cookies.Add(strconv.Itoa(i), event.String("value "+strconv.Itoa(i)))
	}
	if out := policy(t, "").Redact(&e, "cookieless", nil); out.Page.Title != takenOut {
		t.Errorf("the title is %.100q", out.Page.Title)
	}
}

func TestAddressesAreScrubbed(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.example/a?color=red&size=4":                         "https://shop.example/a?color=red&size=4",
		"https://shop.example/a?email=ann&x=1":                            "https://shop.example/a?email=[redacted:key]&x=1",
		"https://shop.example/a?Access-Token=abc":                         "https://shop.example/a?Access-Token=[redacted:key]",
		"https://shop.example/u/ann@shop.example/x":                       "https://shop.example/u/[redacted:email]/x",
		"https://shop.example/u/ann%40shop.example/x":                     "https://shop.example/u/[redacted:email]/x",
		"https://ann:pw@shop.example/x":                                   "https://shop.example/x",
		"https://shop.example/a?q=ann%2540shop.example":                   "https://shop.example/a?q=[redacted:email]",
		"https://shop.example/a?q=%2B4915112345678":                       "https://shop.example/a?q=[redacted:phone]",
		"https://shop.example/a?q=4111+1111+1111+1111&d=1+2":              "https://shop.example/a?q=[redacted:card]&d=1+2",
		"https://shop.example/a?q=ann%40shop.example+%2B49+151+12345678":  "https://shop.example/a?q=[redacted:email]%20[redacted:phone]",
		"https://shop.example/a?q=ann+shoes@shop.example":                 "https://shop.example/a?q=[redacted:email]",
		"https://shop.example/?to=https%3A%2F%2Fx.example%2F%3Femail%3Da": "https://shop.example/?to=https://x.example/%3Femail%3D[redacted:key]",
		"https://shop.example/a?q=x%2B4111%2B1111%2B1111%2B1111":          "https://shop.example/a?q=x%2520[redacted:card]",
		"https://shop.example/a?q=to%3A%252B4915112345678":                "https://shop.example/a?q=to:[redacted:phone]",
		"https://shop.example/out?ann%40shop.example":                     "https://shop.example/out?[redacted:email]",
		"https://shop.example/out?ann@shop.example=1&4111+1111+1111+1111": "https://shop.example/out?[redacted:email]=1&[redacted:card]",
		"https://shop.example/#access_token=abc&x=1":                      "https://shop.example/#access_token=[redacted:key]&x=1",
		"https://shop.example/?":                                          "https://shop.example/?",
		"":                                                                "",
	} {
		var found Findings
		if got := ScrubURL(address, &found); got != want {
			t.Errorf("%s\n got: %s\nwant: %s", address, got, want)
		}
		if (address != want) != (found.Total() > 0) {
			t.Errorf("%s: found %v", address, found)
		}
	}
}

func TestAnEventIsScrubbedBeforeStorage(t *testing.T) {
	dirtyEvent := func() event.Event {
		return event.Event{
			User: event.User{Email: "ann@shop.example"},
			Page: event.Page{URL: "https://shop.example/?q=ann@shop.example", Query: "q=ann@shop.example", Title: "Order of ann@shop.example"},
			Params: event.Map{{Key: "message", Value: event.String("I am ann@shop.example")}, {Key: "email", Value: event.String("ann@shop.example")},
				{Key: "link_url", Value: event.String("https://shop.example/?token=abc")}, {Key: "value", Value: event.Float(3)}},
			Items: []event.Item{{ID: "4111111111111111", Name: "Ring for ann@shop.example", Params: event.Map{
				{Key: "engraving", Value: event.String("+49 151 12345678")}, {Key: "email", Value: event.String("ann@shop.example")}}}},
		}
	}
	e := dirtyEvent()
	found := policy(t, "").Scrub(&e, new(Scrubbed))
	if found[Email] != 5 || found[Key] != 1 || found[Phone] != 1 {
		t.Errorf("found %v", found)
	}
	if e.User.Email != "ann@shop.example" || e.Params.Text("email") != "ann@shop.example" {
		t.Error("data in a field that is meant for it is gone")
	}
	if e.Page.Title != "Order of [redacted:email]" || e.Params.Text("link_url") != "https://shop.example/?token=[redacted:key]" {
		t.Errorf("%+v", e)
	}
	if got, want := string(e.Items[0].AppendJSON(nil)), `{"id":"4111111111111111","name":"Ring for [redacted:email]","params":{"engraving":"[redacted:phone]","email":"ann@shop.example"}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	e = dirtyEvent()
	if found := policy(t, "scrub: none").Scrub(&e, new(Scrubbed)); found.Total() != 0 || !reflect.DeepEqual(e, dirtyEvent()) {
		t.Errorf("scrub: none found %v", found)
	}
}

func TestEventsOfARequestAreScrubbedAsIfEachWereAlone(t *testing.T) {
	page := func(title string) event.Page {
		return event.Page{URL: "https://shop.example/?q=ann@shop.example", Query: "q=ann@shop.example", Title: title}
	}
	p, last := policy(t, ""), new(Scrubbed)
	for i, page := range []event.Page{page("a"), page("a"), page("of bob@shop.example"), page("of bob@shop.example"), page("a"), {}, {}, page("a")} {
		alone, together := event.Event{Page: page}, event.Event{Page: page}
		want, got := p.Scrub(&alone, new(Scrubbed)), p.Scrub(&together, last)
		if got != want || alone.Page != together.Page || strings.Contains(together.Page.URL, "ann@") {
			t.Errorf("event %d: %v in %+v, want %v in %+v", i, got, together.Page, want, alone.Page)
		}
	}
}

func TestAKeyIsNoPlaceForPersonalDataEither(t *testing.T) {
	e := event.Event{Params: event.Map{{Key: "of ann@shop.example", Value: event.Float(0)}, {Key: "of bob@shop.example", Value: event.Float(1)}, {Key: "points", Value: event.ObjectOf(event.Map{
		{Key: "ann@shop.example", Value: event.Float(2)}, {Key: "bob@shop.example", Value: event.Float(3)}, {Key: "all", Value: event.Float(5)}})}}}
	found := policy(t, "").Scrub(&e, new(Scrubbed))
	if got, want := string(e.Params.AppendJSON(nil)), `{"of [redacted:email]":1,"points":{"[redacted:email]":3,"all":5}}`; got != want || found[Email] != 4 {
		t.Errorf("%v in %s, want %s", found, got, want)
	}
}

func TestAddressesAreCutDown(t *testing.T) {
	for _, c := range []struct{ address, query, origin string }{
		{"https://shop.example/p?a=1&utm_source=x&page=2#part", "https://shop.example/p?utm_source=x&page=2", "https://shop.example/"},
		{"https://shop.example/p#part?utm_source=x", "https://shop.example/p", "https://shop.example/"},
		{"https://u:p@shop.example:8443", "https://shop.example:8443", "https://shop.example:8443/"},
		{"/p?utm%5Fsource=x", "/p?utm%5Fsource=x", ""},
		{"android-app://com.example/a", "android-app://com.example/a", "android-app://com.example/"},
		{"", "", ""},
	} {
		if got := withQuery(c.address, utmKeys); got != c.query {
			t.Errorf("%s: %s, want %s", c.address, got, c.query)
		}
		if got := origin(c.address); got != c.origin {
			t.Errorf("%s: %s, want %s", c.address, got, c.origin)
		}
	}
}
