package script_test

import (
	"strings"
	"testing"
)

// panel reads the overlay, whose root is closed to pages: the test opens it before the page begins.
const panel = `new Promise((done) => { const look = () => { const text = window.overlayRoot && overlayRoot.textContent; if (text && %UNTIL%) done(text); else setTimeout(look, 50); }; look(); })`

func overlayText(s *site, until string) (text string) {
	s.t.Helper()
	s.run(strings.ReplaceAll(panel, "%UNTIL%", until), &text)
	return text
}

func TestTheOverlayShowsWhatWasDecided(t *testing.T) {
	s := openSite(t, strict+"rules: [{name: leave searches out, when: name == \"search\", drop: true}]\n")
	policy := "default-src 'none'; script-src EDGE 'unsafe-inline'; connect-src EDGE; img-src data:"
	s.visit(s.pages.URL + "/overlay.html?headgate=debug&policy=" + strings.ReplaceAll(strings.ReplaceAll(policy, " ", "%20"), ";", "%3B"))
	if text := overlayText(s, `/page_view.*answered 202/.test(text)`); strings.Contains(text, "sink") {
		t.Errorf("without the key: %s", text)
	}
	s.run(`key('a-wrong-key-of-sixteen'); headgate.track('login')`, nil)
	if text := overlayText(s, `/login.*answered 202/.test(text)`); strings.Contains(text, "sink") {
		t.Errorf("with a wrong key: %s", text)
	}
	s.run(`key('a-key-of-the-shop-to-debug'); headgate.consent({analytics: true, ads: false}); headgate.track('sign_up'); headgate.track('search', {search_term: 'x'})`, nil)
	text := overlayText(s, `/dropped by/.test(text)`)
	for _, want := range []string{"sink: deliver", "ads: deny, ads: denied", "dropped by leave searches out"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}
