package enrich_test

import (
	"strings"
	"testing"
	"time"

	"headgate/enrich"
	"headgate/event"
	"headgate/event/keys"
)

// adsEvent is an event on a page, of a visitor who granted or refused ads.
func adsEvent(url string, ads bool) *event.Event {
	return &event.Event{Source: "events", Page: event.Page{URL: url},
		Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}, {Key: "ads", Value: event.Boolean(ads)}}}
}

// arrive walks the events of one hit and returns the text of the cookie of clicks that is set.
func arrive(en *enrich.Enricher, h *event.Hit, events ...*event.Event) string {
	en.Client(h)
	v := en.Visit(h)
	for _, e := range events {
		v.Describe(e)
		v.Identify(e)
	}
	return setCookie(&v, "", "_hg_clicks", "came_by")
}

// later is a hit some days after the others, with the cookie that an answer set.
func later(days int, cookie string) *event.Hit {
	value, _, _ := strings.Cut(cookie, ";")
	h := browser("cookie", "_hg=1.1700000000.77.88; "+value)
	h.Received = received.AddDate(0, 0, days)
	return h
}

func TestClickIDsOutliveTheLandingPage(t *testing.T) {
	en := build(t, "")
	landing := adsEvent("https://www.shop.example/?tblci=GiC-x&ScCid=Ab.C%2F%21d", true)
	cookie := arrive(en, later(0, ""), landing)
	if want := "_hg_clicks=1!tblci.1795341600.GiC-x!sccid.1795341600.Ab.C%2F%21d; Max-Age=2592000" + attributes; cookie != want {
		t.Fatalf("\n got %s\nwant %s", cookie, want)
	}
	purchase := adsEvent("https://www.shop.example/thanks", true)
	if again := arrive(en, later(29, cookie), purchase); again != "" {
		t.Errorf("nothing is new, but the answer sets %s", again)
	}
	expect(t, purchase, map[string]string{"campaign.click_ids.tblci": "GiC-x", "campaign.click_ids.sccid": "Ab.C/!d"})
	purchase = adsEvent("https://www.shop.example/thanks", true)
	arrive(en, later(31, cookie), purchase)
	expect(t, purchase, map[string]string{"campaign.click_ids": ""})
}

func TestEveryClickIDIsKeptAsLongAsItsPlatformCreditsIt(t *testing.T) {
	en := build(t, "")
	for _, id := range keys.ClickIDs {
		cookie := arrive(en, later(0, ""), adsEvent("https://www.shop.example/?"+strings.ToUpper(id.Name)+"=Value-1", true))
		days := int(id.Lifetime / (24 * time.Hour))
		for day, want := range map[int]string{days - 1: "Value-1", days + 1: ""} {
			e := adsEvent("https://www.shop.example/thanks", true)
			arrive(en, later(day, cookie), e)
			if got := e.Campaign.ClickIDs.Text(id.Name); got != want {
				t.Errorf("%s after %d days: %q, want %q", id.Name, day, got, want)
			}
		}
	}
}

func TestAClickReplacesThoseOfItsPlatformOnly(t *testing.T) {
	en := build(t, "")
	const kept = "_hg_clicks=1!gclid.1795300000.old!gbraid.1795300000.oldb!tblci.1795200000.t"
	for _, c := range []struct{ name, query, set, given string }{
		{"another click of Google's", "gclid=new", "1!gclid.1795341600.new!tblci.1795200000.t", `{"gclid":"new","tblci":"t"}`},
		{"the same click again", "gclid=old&gbraid=oldb", "", `{"gclid":"old","gbraid":"oldb","tblci":"t"}`},
		{"the same click with less of it", "gclid=old", "", `{"gclid":"old","tblci":"t"}`},
		{"a click of another platform", "msclkid=m", "1!msclkid.1795341600.m!gclid.1795300000.old!gbraid.1795300000.oldb!tblci.1795200000.t", `{"msclkid":"m","gclid":"old","gbraid":"oldb","tblci":"t"}`},
		{"no click", "q=1", "", `{"gclid":"old","gbraid":"oldb","tblci":"t"}`},
	} {
		e := adsEvent("https://www.shop.example/?"+c.query, true)
		set := arrive(en, later(0, kept), e)
		value, _, _ := strings.Cut(strings.TrimPrefix(set, "_hg_clicks="), ";")
		if given := string(event.ObjectOf(e.Campaign.ClickIDs).AppendJSON(nil)); value != c.set || given != c.given {
			t.Errorf("%s: set %q and gave %s, want %q and %s", c.name, value, given, c.set, c.given)
		}
	}
}

func TestWithoutAdsConsentNoClickIsKeptOrGiven(t *testing.T) {
	en := build(t, "")
	const kept = "_hg_clicks=1!tblci.1795200000.t"
	if set := arrive(en, later(0, ""), adsEvent("https://www.shop.example/?gclid=g", false)); set != "" {
		t.Errorf("a browser without the cookie gets %s", set)
	}
	for name, events := range map[string][]*event.Event{
		"refused":          {adsEvent("https://www.shop.example/?gclid=g", false)},
		"unknown":          {{Source: "events", Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}}}},
		"a refusal first":  {adsEvent("https://www.shop.example/", false), adsEvent("https://www.shop.example/", true)},
		"a refusal second": {adsEvent("https://www.shop.example/?gclid=g", true), adsEvent("https://www.shop.example/", false)},
	} {
		if set := arrive(en, later(0, kept), events...); set != "_hg_clicks=; Max-Age=0"+attributes {
			t.Errorf("%s: the answer carries %q", name, set)
		}
		if last := events[len(events)-1]; last.Campaign.ClickIDs.Text("tblci") != "" {
			t.Errorf("%s: the last event has %v", name, last.Campaign.ClickIDs)
		}
	}
	analytics := adsEvent("https://www.shop.example/?gclid=g", true)
	analytics.Consent.Set("analytics", event.Boolean(false))
	if set := arrive(en, later(0, ""), analytics); !strings.HasPrefix(set, "_hg_clicks=1!gclid.") {
		t.Errorf("ads alone are granted, and the answer carries %q", set)
	}
}

func TestAKeptClickOfMetasKeepsItsTime(t *testing.T) {
	en := build(t, "")
	const kept = "_hg_clicks=1!fbclid.1795200000.AbC"
	e := adsEvent("https://www.shop.example/thanks", true)
	arrive(en, later(0, kept), e)
	expect(t, e, map[string]string{"campaign.click_ids.fbclid": "AbC", "cookies._fbc": "fb.1.1795200000000.AbC"})
	e = adsEvent("https://www.shop.example/thanks", true)
	arrive(en, browser("cookie", "_fbc=fb.1.1795300000000.newer; "+kept), e)
	expect(t, e, map[string]string{"campaign.click_ids.fbclid": "", "cookies._fbc": "fb.1.1795300000000.newer"})
}

func TestClicksOfAServersEventAreTheVisitorsOwn(t *testing.T) {
	en := build(t, "")
	h := fromServer("cookie", "_hg_clicks=1!tblci.1795200000.t")
	e := adsEvent("https://www.shop.example/?gclid=g", true)
	if set := arrive(en, h, e); set != "" {
		t.Errorf("a server's answer carries %s", set)
	}
	expect(t, e, map[string]string{"campaign.click_ids.gclid": "g", "campaign.click_ids.tblci": ""})
	relayed := adsEvent("https://www.shop.example/?gclid=g", true)
	relayed.Device.UserAgent = pixel8
	if set := arrive(en, browser("user-agent", "okhttp/5.1"), relayed); set != "" {
		t.Errorf("who is no browser gets %s", set)
	}
}

func TestTheCookieOfClicksIsTheSitesChoice(t *testing.T) {
	e := adsEvent("https://www.shop.example/?gclid=g", true)
	if set := arrive(build(t, `identity: {click_cookie: ""}`), later(0, "_hg_clicks=1!tblci.1795200000.t"), e); set != "" || e.Campaign.ClickIDs.Text("tblci") != "" {
		t.Errorf("the cookie is off, and the answer carries %s", set)
	}
	if set := arrive(build(t, "identity: {click_cookie: came_by}"), later(0, ""), adsEvent("/?gclid=g", true)); !strings.HasPrefix(set, "came_by=1!gclid.") {
		t.Errorf("the answer carries %s", set)
	}
}

func TestTheCookieOfClicksFitsIntoACookie(t *testing.T) {
	en := build(t, "")
	cookie, long := "", strings.Repeat("!", 250)
	for day, id := range []string{"gclid", "fbclid", "msclkid", "ttclid"} {
		cookie = arrive(en, later(day, cookie), adsEvent("/?"+id+"="+long, true))
		value, _, _ := strings.Cut(cookie, ";")
		if len(value) > 1100 || !strings.HasPrefix(value, "_hg_clicks=1!"+id+".") || strings.Count(value, "!") != 1 {
			t.Errorf("after %s it is %s", id, value)
		}
	}
}
