package personal

import (
	"net/netip"
	"testing"

	"headgate/event"
)

func TestClickIDsLeaveAddressesWithoutConsentToAds(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.example/p?gclid=abc-1":                                                   "https://shop.example/p",
		"https://shop.example/p?gclid=abc-1&utm_source=news":                                   "https://shop.example/p?utm_source=news",
		"https://shop.example/p?a=1&GCLID=abc-1&b=2":                                           "https://shop.example/p?a=1&b=2",
		"https://shop.example/p?a=1&fbclid=abc-1&ttclid=x#top":                                 "https://shop.example/p?a=1#top",
		"https://shop.example/p?gclid=abc-1&fbclid=abc-2#top":                                  "https://shop.example/p#top",
		"https://shop.example/p#gclid=abc-1&x=1":                                               "https://shop.example/p#x=1",
		"https://shop.example/p#/route?msclkid=abc-1":                                          "https://shop.example/p#/route",
		"https://shop.example/p?%67clid=abc-1&x=1":                                             "https://shop.example/p?x=1",
		"https://shop.example/p?to=https%3A%2F%2Fx.example%2F%3Fgclid%3Dabc-1%26a%3D1":         "https://shop.example/p?to=https://x.example/%3Fa%3D1",
		"https://shop.example/p?to=https%253A%252F%252Fx.example%252F%253Ftblci%253Dabc-1&b=2": "https://shop.example/p?to=https://x.example/&b=2",
		"https://shop.example/p?page=2&gclidish=1":                                             "https://shop.example/p?page=2&gclidish=1",
		"see https://shop.example/?li_fat_id=abc-1 or https://x.example/":                      "see https://shop.example/ or https://x.example/",
		`{"url":"https://shop.example/?dicbo=abc-1","epik":"abc-1","a":1}`:                     `{"url":"https://shop.example/","a":1}`,
		"ring of abc-123 and abc-1234":                                                         "ring of [redacted] and [redacted]4",
		"a=b":                                                                                  "a=b",
	} {
		e := event.Event{Page: event.Page{URL: address, Referrer: address}, Campaign: event.Campaign{
			ClickIDs: event.Map{{Key: "dclid", Value: event.String("abc-123")}}},
			Cookies: event.Map{{Key: "_gcl_aw", Value: event.String("GCL.1.abc")}, {Key: "_fbp", Value: event.String("fb.1.2.3")}},
			Params:  event.Map{{Key: "link", Value: event.String(address)}, {Key: "gbraid", Value: event.String("x")}},
			Items:   []event.Item{{Name: address, Params: event.Map{{Key: "twclid", Value: event.String("x")}}}}}
		from := Origin{Hit: &event.Hit{}, Event: e}
		Redactor{}.Clean(&e, &from)
		for path, got := range map[string]string{"page.url": e.Page.URL, "page.referrer": e.Page.Referrer, "params.link": e.Params.Text("link"), "items": e.Items[0].Name} {
			if got != want {
				t.Errorf("%s of %s:\n got %s\nwant %s", path, address, got, want)
			}
		}
		if len(e.Campaign.ClickIDs) > 0 || len(e.Cookies) != 1 || len(e.Params) != 1 || len(e.Items[0].Params) > 0 {
			t.Errorf("%s: left %+v", address, e)
		}
		if len(from.Event.Params) != 2 || from.Event.Items[0].Name != address {
			t.Error("what the event was is changed")
		}
		e = from.Event
		from.Clicks = true
		Redactor{}.Clean(&e, &from)
		if e.Page.URL != address || len(e.Campaign.ClickIDs) != 1 {
			t.Errorf("where click ids may stay %s becomes %s", address, e.Page.URL)
		}
	}
}

func TestOneRuleHoldsForAnAddressWhereverItStands(t *testing.T) {
	const four, six = "198.51.100.77", "2001:db8:1:2::4"
	for _, c := range []struct {
		text, truncated, dropped string
	}{
		{four, "198.51.100.0", "[redacted]"},
		{"from 198.51.100.77, via 198.51.100.7", "from 198.51.100.0, via 198.51.100.7", "from [redacted], via 198.51.100.7"},
		{"198.51.100.77:443", "198.51.100.0:443", "[redacted]:443"},
		{"::ffff:198.51.100.77", "198.51.100.0", "[redacted]"},
		{"1.198.51.100.77.2", "1.198.51.100.0.2", "1.[redacted].2"},
		{"198.51.100.778", "198.51.100.778", "198.51.100.778"},
		{"ip:2001:DB8:1:2:0:0:0:4.", "ip:2001:db8:1::.", "ip:[redacted]."},
		{"[2001:db8:1:2::4]:80", "[2001:db8:1::]:80", "[[redacted]]:80"},
		{"https://x.example/?a=2001%3Adb8%3A1%3A2%3A%3A4", "https://x.example/?a=2001:db8:1::", "https://x.example/?a=[redacted]"},
		{"MTk4LjUxLjEwMC43Nw==", "[redacted]==", "[redacted]=="},
		{"ip%20198.51.100.77", "ip%20198.51.100.0", "ip%20[redacted]"},
		{"198%2E51%2E100%2E77", "198.51.100.0", "[redacted]"},
		{"0d5e9a6b", "0d5e9a6b", "0d5e9a6b"},
		{"Chrome/139.0.7258.66 of 12:30:45", "Chrome/139.0.7258.66 of 12:30:45", "Chrome/139.0.7258.66 of 12:30:45"},
	} {
		for rule, want := range map[event.AddressRule]string{event.KeepAddress: c.text, event.TruncateAddress: c.truncated, event.DropAddress: c.dropped} {
			e := event.Event{Device: event.Device{IP: six}, Params: event.Map{{Key: "note", Value: event.String(c.text)},
				{Key: "client_ip", Value: event.String("203.0.113.9")}}, User: event.User{Traits: event.Map{{Key: "seen", Value: event.String(c.text)}}}}
			from := Origin{Hit: &event.Hit{Address: netip.MustParseAddr(four)}, Event: e, Address: rule}
			from.Clicks = true
			Redactor{}.Clean(&e, &from)
			if got := e.Params.Text("note"); got != want {
				t.Errorf("rule %d: %s became %s, want %s", rule, c.text, got, want)
			}
			if got := e.User.Traits.Text("seen"); got != want {
				t.Errorf("rule %d: a trait %s became %s, want %s", rule, c.text, got, want)
			}
			if got, want := e.Params.Text("client_ip"), [...]string{"203.0.113.9", "203.0.113.0", ""}[rule]; got != want {
				t.Errorf("rule %d: params.client_ip is %q, want %q", rule, got, want)
			}
		}
	}
}

// What a rule copied from the request and nothing in the event tells of cannot be found once the request is gone.
func TestWhatCannotBeRedactedLaterIsKnown(t *testing.T) {
	h := &event.Hit{Cookie: "shop_sid=session-7f3a9; theme=dark", Address: netip.MustParseAddr("203.0.113.9")}
	for note, want := range map[string]bool{"hello": true, "session-7f3a9": false, "of c123456": true, "dark": true} {
		e := event.Event{ID: "1", User: event.User{ClientID: "c123456"}, Params: event.Map{{Key: "note", Value: event.String(note)}}}
		if got := keyed.RedactsLater(&e, cookieless, &Origin{Hit: h, Event: e}); got != want {
			t.Errorf("%s is found later: %v, want %v", note, got, want)
		}
	}
}

func TestAnEventsIDDoesNotTellOfItsVisitor(t *testing.T) {
	id := func(id string) string {
		e := event.Event{ID: id, User: event.User{ClientID: "c123456"}}
		return keyed.Redact(&e, cookieless, nil).ID
	}
	if id("order-1") != "order-1" {
		t.Error("an id that tells of nobody is changed")
	}
	if got := id("c123456-1"); len(got) != 32 || got != id("c123456-1") || got == id("c123456-2") {
		t.Errorf("the id became %q", got)
	}
}
