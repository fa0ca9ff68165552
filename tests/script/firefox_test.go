package script_test

import (
	"strconv"
	"strings"
	"testing"
)

// Later pages of a Firefox without a screen never have the focus, so that no form is begun there.
func TestTheExampleShopInFirefox(t *testing.T) { goShopping(openInFirefox(t, strict), "") }

func TestFirefoxLosesNothingWhenLeavingAtOnce(t *testing.T) {
	s := openInFirefox(t, open)
	const visits = 200
	s.ask(map[string]any{"do": "visit", "url": s.pages.URL + "/chain.html?i=" + strconv.Itoa(visits), "until": "commit"}, nil)
	s.each("step", visits)
}

func TestFirefoxTellsWhatIsDoneAndWhenItsPageIsLeft(t *testing.T) {
	s := openInFirefox(t, open)
	s.visit(s.pages.URL + "/shop")
	s.run(`history.pushState(null, '', '/route'); new Promise((done) => requestAnimationFrame(done)).then(() => null)`, nil)
	s.click("#cart")
	s.run(`document.getElementById('end').scrollIntoView(); new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => null)`, nil)
	s.click("#inner") // the next page
	s.events(3, "page_view")
	s.events(1, "user_engagement")
	got := said(s.events(0), "web_vitals")
	for k, want := range []string{"page_view ", "page_view ", "add_to_cart ", `user_engagement {"percent_scrolled":100}`, "page_view "} {
		if k >= len(got) || !strings.HasPrefix(got[k], want) {
			t.Fatalf("event %d: %q, want %s", k, got, want)
		}
	}
}

// The setting of Firefox itself, which it states in a header and to the page.
func TestFirefoxThatObjectsIsHeard(t *testing.T) {
	s := openInFirefox(t, open)
	s.ask(map[string]any{"do": "visit", "url": s.pages.URL + "/shop", "gpc": true}, nil)
	var stated bool
	if s.run(`navigator.globalPrivacyControl`, &stated); !stated {
		t.Fatal("Firefox does not object")
	}
	s.click("#cart")
	s.events(2, "page_view", "add_to_cart")
	if got := s.arrivedAt("ads", 0); len(got) > 0 {
		t.Errorf("ads got %+v", got)
	}
	s.visit(s.pages.URL + "/shop")
	s.click("#cart")
	s.arrivedAt("ads", 2, "page_view", "add_to_cart")
}
