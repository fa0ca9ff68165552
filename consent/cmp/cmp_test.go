package cmp

import (
	"fmt"
	"testing"
)

// jar holds the other cookies of a request.
type jar map[string]string

func (j jar) Cookie(name string) (value string, ok bool) {
	value, ok = j[name]
	return value, ok
}

func tool(t testing.TB, name string) *Tool {
	t.Helper()
	for i := range Tools {
		if Tools[i].Name == name {
			return &Tools[i]
		}
	}
	t.Fatalf("no tool is called %q", name)
	return nil
}

// What the resolver makes of each tool's cookie is tested in consent; here, that an answer is in the tool's own words.
func TestAnAnswerIsInTheToolsOwnWords(t *testing.T) {
	for _, c := range []struct {
		tool, cookie, value string
		beside              jar
		want                string
	}{
		{"onetrust", "OptanonConsent", "groups=C0002%3A1%2CC0004%3A0&geolocation=US%3BCA", nil, "onetrust [{C0002 analytics true} {C0004 marketing false}] at US-CA"},
		{"onetrust", "OptanonConsent", "groups=C0002%3A1&interactionCount=0", nil, "onetrust [{C0002 analytics true}] preset"},
		{"onetrust", "OptanonConsent", "groups=C0002%3A1&interactionCount=0", jar{"OptanonAlertBoxClosed": "2026-11-02T08:00:00Z"}, "onetrust [{C0002 analytics true}] on 2026-11-02"},
		{"cookiebot", "CookieConsent", "false", nil, "react_cookie_consent [] rest"},
		{"klaro", "klaro", `{"ga":true,"fb":fal`, nil, "klaro [{ga  true}] fault: no JSON object"},
		{"consentmanager", "__cmpccpausps1", "1YYN", nil, "consentmanager [] usp=1YYN"},
		{"sourcepoint", "consentUUID", "x", nil, "sourcepoint [] silent: it is an id; the answer is in euconsent-v2, where TCF is used"},
	} {
		a := tool(t, c.tool).Read(c.cookie, c.value, c.beside)
		if got := text(&a); got != c.want {
			t.Errorf("%s=%s: %s, want %s", c.cookie, c.value, got, c.want)
		}
	}
}

func text(a *Answer) string {
	s := fmt.Sprintf("%s %v", a.Tool, a.Claims)
	for _, one := range []struct {
		said bool
		text string
	}{{a.Rest, " rest"}, {a.Preset, " preset"}, {!a.When.IsZero(), " on " + a.When.Format("2006-01-02")}, {a.Place != "", " at " + a.Place},
		{a.Fault != "", " fault: " + a.Fault}, {a.Silent != "", " silent: " + a.Silent}, {a.USP != "", " usp=" + a.USP}} {
		if one.said {
			s += one.text
		}
	}
	return s
}
