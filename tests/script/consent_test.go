package script_test

import (
	"fmt"
	"net/url"
	"testing"
)

// Strings of consent tools, as consent/iab's tests have them: all purposes and none.
const (
	tcfAll  = "CQbUTgAQbUTgAAKA1AENCCFsAP_gAAAAAAAAKVwBQAhgDkAqoCdAoFEwgMAAQABYAFQAMgAcABAADIAGgAPAA-gCIAIwATAAnwBdAF8AMQAaABAADgAIAAzABuAD0AIAAjIBLQEyAToAvMBgQDCAGGgNmAdOBBwCDgE-AKVAVsAtoBcwDIwGTgMwAZuA0EBoYDTQG2gN4AdQA7YB4QDxQHmAPZAfKBAECBIEEgQVAg8BC8CG4EQgI5ASLAl0BPoCiQFHgK2AWKAtIBbQDBgGOAMsAZ4A0kBrQDZgHCgOTAdAA6YB2oD2wIDAQNAhABCoCIoESwInAROAjABHMCRgJPASmAmABNoCeQFJgKZAVKArABXICxwFmQLQAtGBaYFrQLbAW-AuABcUC5QLnAXgAvTBfUF-wYDBgMGCYYKBgnmC0YLkgudC9AL1IX7C_0MAwwIhgcGDYYPBhEGEwYXBheGGIYjBieGK0YshiyGMAYxRjIGOsY8Bj4GQQZCBkgGS4ZNBk8GU4ZcBl0GX0ZmBmeGagZqxmsM1wzgDOsM8Az-DQENBQ0MGmAaZhppGnAadBqCGpIaohquGrwayBrSGuYbChsmGz4bQhtSG2ob0hvaG_YcAhwPHBwcIBwkHDEcNhw7HDwcPxw_AAAAA"
	gppFull = "DBABBgA~xlgWEYCZAA"
)

// held is a page that waits for a tool.
func held(s *site, tool string) string {
	return s.pages.URL + "/hold.html?tag=" + url.QueryEscape(`data-consent="`+tool+`" data-to="/e?tool=`+url.QueryEscape(tool)+`"`)
}

// waiting opens a page that waits, and checks that nothing leaves it.
func (s *site) waiting(tool string) {
	s.t.Helper()
	s.visit(held(s, tool))
	s.click("#buy")
	s.run(`new Promise((done) => setTimeout(done, 700))`, nil)
	if n := s.requests("POST /e?tool=" + url.QueryEscape(tool)); n > 0 {
		s.t.Errorf("%s: %d requests before the visitor has chosen", tool, n)
	}
}

func TestNothingLeavesBeforeTheVisitorHasChosen(t *testing.T) {
	s := openSite(t, strict)
	for _, c := range []struct {
		tool, yes string
		besides   int // a cookie is looked at twice a second: what it adds to the call may come after the events
	}{
		{"own", `headgate.consent({analytics: true})`, 0},
		{"google", `gtag('consent', 'update', {analytics_storage: 'granted', ad_storage: 'denied'})`, 0},
		{"cookie:test_answer", `headgate.consent({analytics: true}); document.cookie = 'test_answer=1'`, 1},
		{"gpp own", `headgate.consent({analytics: true})`, 0},
	} {
		t.Run(c.tool, func(t *testing.T) {
			s.browser = &browser{t, s.Browser}
			s.forget()
			s.waiting(c.tool)
			s.run(c.yes, nil)
			if got := s.events(2, "page_view", "purchase"); len(got) != 2 || got[0].Name != "page_view" || got[0].Page.Sequence != 1 {
				t.Errorf("%+v", got)
			}
			if n := s.requests("POST /consent"); n > c.besides {
				t.Errorf("the first choice went with the events, and was sent %d times besides", n)
			}
		})
	}
}

func TestAChangeOfChoiceIsReportedAtOnce(t *testing.T) {
	s := openSite(t, strict)
	s.waiting("own")
	s.run(`headgate.consent({analytics: true, ads: true})`, nil)
	s.events(2, "page_view", "purchase")
	s.run(`headgate.consent({analytics: false, ads: false})`, nil)
	s.process.Until("has got the change", func() bool { return s.requests("POST /consent") == 1 })
	s.click("#buy")
	s.process.Until("has got the next event", func() bool { return s.process.Status().Accepted >= 3 })
	if got := s.events(2); len(got) != 2 {
		t.Errorf("%d events after the refusal: %+v", len(got), got)
	}
}

func TestARefusalSendsNothingOn(t *testing.T) {
	s := openSite(t, strict)
	s.waiting("google")
	s.run(`gtag('consent', 'update', {analytics_storage: 'denied', ad_storage: 'denied', ad_user_data: 'denied'})`, nil)
	s.process.Until("has got both events", func() bool { return s.process.Status().Accepted >= 2 })
	if got := s.events(0); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestStringsOfToolsArePassedOn(t *testing.T) {
	s := openSite(t, open)
	for _, c := range []struct{ tool, choose, param, want string }{
		{"tcf", `choose('` + tcfAll + `')`, "gdpr_consent", tcfAll},
		{"gpp", `opt('` + gppFull + `')`, "gpp", gppFull},
	} {
		t.Run(c.tool, func(t *testing.T) {
			s.browser = &browser{t, s.Browser}
			s.forget()
			s.waiting(c.tool)
			s.run(fmt.Sprintf(`window.bodies = []; const send = fetch; window.fetch = (url, init) => { bodies.push(JSON.parse(init.body)); return send(url, init); }; %s`, c.choose), nil)
			s.process.Until("has got the events", func() bool { return s.requests("POST /e?tool="+c.tool) >= 1 })
			var stated string
			s.run(`bodies[0].c.`+c.param, &stated)
			if stated != c.want {
				t.Errorf("stated %q", stated)
			}
		})
	}
}

func TestABrowserThatObjectsIsHeard(t *testing.T) {
	s := openSite(t, open)
	for _, how := range []string{"header", "page"} {
		s.forget()
		s.ask(map[string]any{"do": "visit", "url": s.pages.URL + "/shop", "gpc": how}, nil)
		s.click("#cart")
		s.events(2, "page_view", "add_to_cart")
		if got := s.arrivedAt("ads", 0); len(got) > 0 {
			t.Errorf("%s: ads got %+v", how, got)
		}
	}
}
