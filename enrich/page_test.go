package enrich_test

import (
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/keys"
)

func TestThePageIsCutOutOfItsURL(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct{ url, host, path, query string }{
		{"https://www.shop.example/a/b?x=1&y=2#top", "www.shop.example", "/a/b", "x=1&y=2"},
		{"https://www.shop.example", "www.shop.example", "/", ""},
		{"https://WWW.Shop.Example:8443/A", "www.shop.example", "/A", ""},
		{"https://user:secret@www.shop.example/", "www.shop.example", "/", ""},
		{"http://[2001:db8::1]:80/x", "2001:db8::1", "/x", ""},
		{"https://www.shop.example?x=1", "www.shop.example", "/", "x=1"},
		{"https://www.shop.example#/route?x=1", "www.shop.example", "/", ""},
		{"//www.shop.example/a", "www.shop.example", "/a", ""},
		{"/a/b?next=https://x.example/", "", "/a/b", "next=https://x.example/"},
		{"https://www.shop.example/a?b?c", "www.shop.example", "/a", "b?c"},
		{"android-app://com.example.app/view", "com.example.app", "/view", ""},
		{"about:blank", "", "about:blank", ""},
		{"://x", "", "://x", ""},
		{"https://müller.example/größe", "müller.example", "/größe", ""},
	} {
		e := describe(en, browser(), event.Event{Source: "ga4", Page: event.Page{URL: c.url}})
		expect(t, &e, map[string]string{"page.url": c.url, "page.host": c.host, "page.path": c.path, "page.query": c.query})
	}
}

func TestWhatTheEventSaysOfItsPageStands(t *testing.T) {
	e := describe(build(t, ""), browser("referer", "https://other.example/"), event.Event{Source: "ga4",
		Page: event.Page{URL: "https://www.shop.example/a?x=1", Host: "h", Path: "/p", Query: "q"}})
	expect(t, &e, map[string]string{"page.url": "https://www.shop.example/a?x=1", "page.host": "h", "page.path": "/p", "page.query": "q", "page.referrer": ""})
}

func TestAHitWithoutAPageTakesTheOneThatSentIt(t *testing.T) {
	e := describe(build(t, ""), browser("referer", "https://www.shop.example/a"), event.Event{Source: "events"})
	expect(t, &e, map[string]string{"page.url": "https://www.shop.example/a", "page.path": "/a"})
}

func TestTheCampaignIsReadFromThePage(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct {
		name, url string
		event     event.Event
		want      map[string]string
	}{
		{name: "utm", url: "https://s.example/?utm_source=news&utm_medium=email&utm_campaign=Spring+Sale&utm_term=shoes&utm_content=a%20b&utm_id=c1&utm_source_platform=X",
			want: map[string]string{"campaign.source": "news", "campaign.medium": "email", "campaign.name": "Spring Sale", "campaign.term": "shoes", "campaign.content": "a b", "campaign.id": "c1", "params.utm_source_platform": "X"}},
		{name: "names in any case, values as they are", url: "/?UTM_Source=News&FBCLID=AbC", want: map[string]string{"campaign.source": "News", "campaign.click_ids.fbclid": "AbC"}},
		{name: "matomo", url: "/?mtm_source=n&mtm_campaign=c&pk_kwd=k&mtm_cid=7", want: map[string]string{"campaign.source": "n", "campaign.name": "c", "campaign.term": "k", "campaign.id": "7"}},
		{name: "the last of a repeated name", url: "/?utm_source=a&utm_source=b", want: map[string]string{"campaign.source": "b"}},
		{name: "the fragment", url: "/#utm_source=a&utm_medium=b", want: map[string]string{"campaign.source": "a", "campaign.medium": "b"}},
		{name: "a route in the fragment", url: "/#/cart?utm_source=a", want: map[string]string{"campaign.source": "a"}},
		{name: "broken escapes", url: "/?utm_source=100%&utm_medium=%zz", want: map[string]string{"campaign.source": "100%", "campaign.medium": "%zz"}},
		{name: "click ids of many platforms", url: "/?gclid=g&wbraid=w&ttclid=t&msclkid=m&ScCid=s&twclid=x&li_fat_id=l&epik=e&rdt_cid=r&yclid=y&_kx=k&irclickid=i",
			want: map[string]string{"campaign.click_ids.gclid": "g", "campaign.click_ids.wbraid": "w", "campaign.click_ids.ttclid": "t", "campaign.click_ids.msclkid": "m", "campaign.click_ids.sccid": "s",
				"campaign.click_ids.twclid": "x", "campaign.click_ids.li_fat_id": "l", "campaign.click_ids.epik": "e", "campaign.click_ids.rdt_cid": "r", "campaign.click_ids.yclid": "y", "campaign.click_ids._kx": "k", "campaign.click_ids.irclickid": "i"}},
		{name: "a click id that a script added twice", url: "/?gclid=abc%2Cabc", want: map[string]string{"campaign.click_ids.gclid": "abc"}},
		{name: "the first of a repeated click id", url: "/?gclid=one&gclid=two", want: map[string]string{"campaign.click_ids.gclid": "one"}},
		{name: "click ids that cannot be", url: "/?gclid=&fbclid=%00%0a&msclkid=" + strings.Repeat("x", 501), want: map[string]string{"campaign.click_ids": ""}},
		{name: "google's linker is no click id", url: "/?_gl=1*abc*_gcl_aw*R0NM", want: map[string]string{"campaign.click_ids": ""}},
		{name: "a campaign that the event names stands as a whole", url: "/?utm_source=a&utm_medium=b&utm_term=c&gclid=g", event: event.Event{Campaign: event.Campaign{Source: "own"}},
			want: map[string]string{"campaign.source": "own", "campaign.medium": "", "campaign.term": "", "campaign.click_ids.gclid": "g"}},
		{name: "a term that the event names", url: "/?utm_source=a&utm_term=c", event: event.Event{Campaign: event.Campaign{Term: "own"}}, want: map[string]string{"campaign.source": "a", "campaign.term": "own"}},
		{name: "a click id that the event names", url: "/?gclid=url", event: event.Event{Campaign: event.Campaign{ClickIDs: event.Map{{Key: "gclid", Value: event.String("own")}}}}, want: map[string]string{"campaign.click_ids.gclid": "own"}},
		{name: "the page where the visit began", url: "/cart", event: event.Event{Params: event.Map{{Key: keys.Landing, Value: event.String("utm_source=news&utm_medium=email&gclid=g&mail=a%40b")}}},
			want: map[string]string{"campaign.source": "news", "campaign.medium": "email", "campaign.click_ids.gclid": "g", "params": ""}},
		{name: "a page that names a campaign of its own, later in the visit", url: "/cart?utm_source=b", event: event.Event{Params: event.Map{{Key: keys.Landing, Value: event.String("utm_source=a&utm_medium=m&fbclid=f")}}},
			want: map[string]string{"campaign.source": "b", "campaign.medium": "", "campaign.click_ids.fbclid": "f", "params": ""}},
		{name: "a beginning that is too long", url: "/cart", event: event.Event{Params: event.Map{{Key: keys.Landing, Value: event.String("utm_source=" + strings.Repeat("x", 4096))}}}, want: map[string]string{"campaign.source": "", "params": ""}},
		{name: "a parameter of a like name", url: "/?xutm_source=a&utm_sourcex=b&utm_=c&=d&utm_a_very_long_parameter_name=e", want: map[string]string{"campaign.source": "", "params": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.event.Source, c.event.Page.URL = "ga4", c.url
			e := describe(en, browser(), c.event)
			expect(t, &e, c.want)
		})
	}
}

func FuzzPage(f *testing.F) {
	f.Add("https://u:p@WWW.shop.example:80/a;b?utm_source=%C3%A4&gclid=x,y#/r?fbclid=F")
	f.Add("//[::1]:?&&=&utm_id==&#?#")
	f.Add("\x00?\xff=%")
	en := build(f, "")
	f.Fuzz(func(t *testing.T, url string) {
		e := describe(en, browser(), event.Event{Source: "ga4", Page: event.Page{URL: url}})
		for part, text := range map[string]string{"path": e.Page.Path, "query": e.Page.Query} {
			if !strings.Contains(url, text) && text != "/" {
				t.Fatalf("the %s of %q is %q", part, url, text)
			}
		}
		if strings.ContainsAny(e.Page.Host, "/?#@") {
			t.Fatalf("the host of %q is %q", url, e.Page.Host)
		}
		for _, id := range e.Campaign.ClickIDs {
			if text := id.Value.Text(); text == "" || len(text) > 500 {
				t.Fatalf("%s is %q", id.Key, text)
			}
		}
	})
}

func TestReferrersHaveClasses(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct{ page, referrer, said, want string }{
		{"https://www.shop.example/a", "https://www.google.com/", "", "search"},
		{"https://www.shop.example/a", "https://chatgpt.com/c/1?x=y", "", "ai"},
		{"https://www.shop.example/a?utm_source=chatgpt.com", "", "", "ai"},
		{"https://www.shop.example/a?utm_source=news.example", "", "", ""},
		{"https://www.shop.example/a?utm_source=google", "", "", ""},
		{"https://www.shop.example/a", "https://www.shop.example/b", "", "internal"},
		{"https://www.shop.example/a", "https://blog.shop.example/", "", "internal"},
		{"https://www.shop.example/a", "https://notshop.example/", "", "other"},
		{"https://www.shop.example/a", "android-app://com.google.android.gm/", "", "email"},
		{"https://www.shop.example/a", "https://m.youtube.com:443/", "", "video"},
		{"https://www.shop.example/a", "https://t.co/x", "partner", "partner"},
		{"https://www.shop.example/a", "", "", ""},
	} {
		e := event.Event{Source: "ga4"}
		e.Page.URL, e.Page.Referrer, e.Page.ReferrerClass = c.page, c.referrer, c.said
		e = describe(en, browser(), e)
		if e.Page.ReferrerClass != c.want {
			t.Errorf("from %q to %s: %q, want %q", c.referrer, c.page, e.Page.ReferrerClass, c.want)
		}
	}
}
