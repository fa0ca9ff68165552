package script_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"headgate/scripts/own"
)

// summary is what an event says beyond the page: its name, params and items, as JSON.
func summary(a *arrived) string {
	delete(a.Params, "engagement_time_msec") // as long as the machine took
	b, err := json.Marshal(a.Params)
	if err != nil {
		return err.Error()
	}
	text := a.Name + " " + string(b)
	if len(a.Items) > 0 {
		items, err := json.Marshal(a.Items)
		if err != nil {
			return err.Error()
		}
		text += " " + string(items)
	}
	return text
}

func TestWhatIsClickedIsCaptured(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/shoes?utm_source=news&gclid=Test-1")
	for _, on := range []string{"#out", "#file", "#mail", "#phone", "#inside", "#subscribe"} {
		s.click(on)
	}
	s.ask(map[string]any{"do": "click", "on": "#out", "with": map[string]any{"button": "middle"}}, nil)
	got := s.events(8)
	want := []string{
		`page_view null`,
		`click {"link_domain":"vendor.example","link_url":"https://vendor.example/path?x=1","outbound":true}`,
		`file_download {"file_extension":"pdf","file_name":"prices.pdf","link_url":"` + s.pages.URL + `/files/prices.pdf"}`,
		`contact {"link_url":"mailto:[redacted:email]","method":"email"}`,
		`contact {"link_url":"tel:[redacted:phone]","method":"phone"}`,
		`add_to_cart {"currency":"EUR","value":59.8} [{"id":"SKU-1","name":"Red shoe","price":29.9,"quantity":2}]`,
		`form_submit {"form_destination":"/subscribe","form_id":"letter","form_name":"newsletter"}`,
		`click {"link_domain":"vendor.example","link_url":"https://vendor.example/path?x=1","outbound":true}`,
	}
	for i := range want {
		if said := summary(&got[i]); said != want[i] {
			t.Errorf("event %d: %s\nwant     %s", i, said, want[i])
		}
		if got[i].Page.Sequence != i+1 || got[i].Page.View != got[0].ID || got[i].Page.Title != "Shop" || got[i].Device.Screen == "" {
			t.Errorf("event %d: %+v %+v", i, got[i].Page, got[i].Device)
		}
		if got[i].Campaign.Source != "news" || got[i].Campaign.ClickIDs["gclid"] != "Test-1" {
			t.Errorf("event %d: %+v", i, got[i].Campaign)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d events, want %d", len(got), len(want))
	}
}

func TestRoutesArePagesAndKeepTheCampaign(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/start?utm_source=news&tag=data-hash")
	s.run(`history.pushState(null, '', '/two'); document.title = 'Two'`, nil)
	s.events(2, "page_view")
	s.run(`history.pushState(null, '', '/two'); history.replaceState(null, '', '/two?sorted=1')`, nil) // neither is another page
	s.run(`location.hash = 'three'`, nil)
	s.events(3, "page_view")
	s.back()
	got := s.events(4, "page_view")
	want := []string{"/start Shop ", "/two Two " + s.pages.URL + "/start?utm_source=news&tag=data-hash", "/two Two " + s.pages.URL + "/two", ""}
	for i, w := range want[:3] {
		if said := got[i].Page.Path + " " + got[i].Page.Title + " " + got[i].Page.Referrer; said != w && !(i == 0 && strings.HasPrefix(said, w)) {
			t.Errorf("page %d: %q, want %q", i, said, w)
		}
		if got[i].Campaign.Source != "news" || got[i].Params["landing"] != nil {
			t.Errorf("page %d: %+v %v", i, got[i].Campaign, got[i].Params)
		}
	}
	if len(got) != 4 || got[0].Page.View == got[1].Page.View {
		t.Errorf("%d page views: %+v", len(got), got)
	}
}

func TestEngagementIsSentOnLeaving(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/read")
	s.run(`document.getElementById('end').scrollIntoView(); new Promise((done) => setTimeout(done, 1100))`, nil)
	s.goTo(s.pages.URL + "/next?tag=data-manual")
	got := s.events(1, "user_engagement")
	looked, _ := got[0].Params["engagement_time_msec"].(float64)
	if looked < 1000 || looked > 20000 || got[0].Params["percent_scrolled"] != 100.0 || got[0].Page.Path != "/read" {
		t.Errorf("%+v %v", got[0].Page, got[0].Params)
	}
}

func TestWhatAPageCallsIsSent(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/api.html")
	var id string
	s.run(`headgate.identify('u-7', {plan: 'gold'}); headgate.track('login', {method: 'mail'}, {id: 'shared-1'})`, &id)
	got := s.events(4)
	for i, want := range []string{`page_view {"currency":"EUR"}`, `early {"currency":"EUR","x":1} [{"id":"a"}]`, `identify {"currency":"EUR"}`, `login {"currency":"EUR","method":"mail"}`} {
		if said := summary(&got[i]); said != want {
			t.Errorf("event %d: %s, want %s", i, said, want)
		}
	}
	if id != "shared-1" || got[3].ID != id || got[3].User.UserID != "u-7" || got[0].User.UserID != "" || got[0].ID != "server-view-1" {
		t.Errorf("%q %+v", id, got)
	}
	var heard []string
	s.run(`window.heard`, &heard)
	if strings.Join(heard, " ") != "page_view early identify login" {
		t.Errorf("the page's listener has heard %q", heard)
	}
}

func TestLinksToOtherDomainsCarryTheID(t *testing.T) {
	s := openSite(t, open)
	at := func(host string) string { return strings.Replace(s.pages.URL, "127.0.0.1", host, 1) }
	s.visit(at("www.shop.example") + "/shop?tag=data-id=/id")
	before := s.events(1, "page_view")[0]
	s.run(`const json = Response.prototype.json;
		Response.prototype.json = function () { const said = json.call(this); said.then(() => setTimeout(() => { window.sealed = true; })); return said; };
		const a = document.getElementById('inner'); a.href = '`+at("www.other.example")+`/cart?x=1&tag=data-id=/id'; a.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))`, nil)
	s.process.Until("has answered the page with the sealed id", func() (sealed bool) { s.run(`!!window.sealed`, &sealed); return sealed })
	if n := s.requests("GET /id"); n != 1 {
		t.Errorf("asked for the id %d times", n)
	}
	s.click("#inner")
	after := s.events(2, "page_view")[1]
	if before.User.ClientID == "" || after.User.ClientID != before.User.ClientID || strings.Contains(after.Page.URL, "_hgl") {
		t.Errorf("%q, then %q at %s", before.User.ClientID, after.User.ClientID, after.Page.URL)
	}
	var shown string
	if s.run(`location.search`, &shown); shown != "?x=1&tag=data-id=/id" {
		t.Errorf("the address shows %s", shown)
	}
}

func TestAPageMayCheckTheScriptByItsDigest(t *testing.T) {
	s := openSite(t, open)
	digest := own.Integrity(own.Files()[""])
	s.visit(s.pages.URL + "/digest?tag=" + url.QueryEscape(`integrity="`+digest+`" crossorigin`))
	s.events(1, "page_view")
}
