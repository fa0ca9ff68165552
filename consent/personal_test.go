package consent

import (
	"reflect"
	"strings"
	"testing"

	"headgate/consent/personal"
	"headgate/event"
)

func TestAProfileIsReadAsItIsWritten(t *testing.T) {
	got := policy(t, `redact: {partner: {id: rotate, click_ids: keep, contact: drop, address: truncate, user_agent: family, screen: drop, geo: country,
		referrer: origin, campaign: drop, items: drop, query: [page], params: [value, currency], only: [page.host]},
		least: {query: [], params: []}, most: {}}`).Personal.Profiles
	for name, want := range map[string]*personal.Profile{
		"partner": {ID: personal.Rotate, ClickIDs: personal.Keep, Contact: personal.Drop, Address: personal.Truncate,
			UserAgent: personal.Family, Screen: personal.Drop, Geo: personal.Country, Referrer: personal.SchemeHost, Campaign: personal.Drop,
			Items: personal.Drop, Query: personal.Allowed{"page"}, Params: personal.Allowed{"value", "currency"}, Only: personal.Allowed{"page.host"}},
		"least":      {Query: personal.Allowed{}, Params: personal.Allowed{}},
		"most":       {},
		"cookieless": personal.BuiltIn()["cookieless"],
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %+v, want %+v", name, got[name], want)
		}
	}
}

func TestAnUnknownProfileLeavesWhatAggregateDoes(t *testing.T) {
	p := policy(t, "redact: {partner: {contact: drop}}")
	p.Personal.Key = []byte("a key of the test")
	e := event.Event{ID: "1", Name: "x", User: event.User{ClientID: "c123456", Email: "ann@shop.example"}, Page: event.Page{Host: "shop.example", Title: "of c123456"}}
	text := func(profile string) string {
		out := p.Redact(&e, profile, nil)
		return string(out.AppendJSON(nil))
	}
	if got, want := text("no such profile"), text("aggregate"); got != want || strings.Contains(got, "c123456") {
		t.Errorf("it leaves %s, not %s", got, want)
	}
	if got := text("partner"); strings.Contains(got, "ann@") || !strings.Contains(got, "of c123456") {
		t.Errorf("a profile of the site's own leaves %s", got)
	}
	from := Origin{Hit: &event.Hit{Cookie: "shop_sid=session-7f3a9"}, Event: e}
	if !p.Personal.RedactsLater(&e, p.Personal.Profile("no such profile"), &from) {
		t.Error("an unknown profile cannot be redacted later")
	}
}

func TestClickIDsGoWhereAdsAreRefused(t *testing.T) {
	for _, c := range []struct {
		config string
		yes    bool
		stays  bool
	}{{"", false, false}, {"", true, true}, {"mode: monitor", false, true}} {
		e := event.Event{Consent: pairs("ads", c.yes), Page: event.Page{URL: "https://shop.example/p?gclid=abc-1"},
			Campaign: event.Campaign{ClickIDs: event.Map{{Key: "gclid", Value: event.String("abc-1")}}}}
		p, from := policy(t, c.config), Origin{Hit: &event.Hit{}, Event: e}
		p.Decide(&Arrival{Hit: from.Hit, Event: &e, From: &from, Page: new(Scrubbed)}, new(Decided))
		p.Personal.Clean(&e, &from)
		if stays := strings.Contains(e.Page.URL, "abc-1"); stays != c.stays || len(e.Campaign.ClickIDs) > 0 != c.stays {
			t.Errorf("%q, ads %v: left %s and %v", c.config, c.yes, e.Page.URL, e.Campaign.ClickIDs)
		}
	}
}

func TestPersonalDataIsLookedForWhereTheConfigurationSays(t *testing.T) {
	for config, want := range map[string][2]bool{"": {true, true}, "scrub: urls": {true, false}, "scrub: [texts]": {false, true}, "scrub: none": {}} {
		e := event.Event{Page: event.Page{Title: "of ann@shop.example"}, Params: pairs("note", "of ann@shop.example")}
		var d Decided
		policy(t, config).Decide(&Arrival{Hit: &event.Hit{}, Event: &e, From: &Origin{Event: e}, Page: new(Scrubbed)}, &d)
		found := d.Found
		if got := [2]bool{!strings.Contains(e.Page.Title, "ann"), !strings.Contains(e.Params.Text("note"), "ann")}; got != want || (found.Total() > 0) != (got[0] || got[1]) {
			t.Errorf("%q: scrubbed the page and texts: %v, want %v; found %v", config, got, want, found)
		}
	}
}
