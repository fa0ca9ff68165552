package bots

import (
	"slices"
	"strings"
	"testing"
	"unsafe"
)

func TestTheAutomatonFindsTheLongestLiteral(t *testing.T) {
	list := []string{"he", "she", "his", "hers", "\x02bot", "end\x03", "bot/"}
	a := newAutomaton(list)
	for text, want := range map[string]string{
		"ushers": "hers", "she": "she", "ahish": "his", "xhe": "he", "": "", "nothing": "",
		"bottle": "\x02bot", "a bottle": "", "a bot/1": "bot/", "the end": "end\x03", "ending": "", "theend": "end\x03",
	} {
		got := ""
		if i := a.longest(text); i >= 0 {
			got = list[i]
		}
		if got != want {
			t.Errorf("in %q it finds %q, want %q", text, got, want)
		}
	}
}

func TestTheAutomatonAgreesWithASearchForEach(t *testing.T) {
	list := []string{"a", "ab", "bab", "bc", "bca", "c", "caa", "abcabc", "\x02ca", "bb\x03"}
	a := newAutomaton(list)
	var texts func(prefix string, n int)
	texts = func(prefix string, n int) {
		size := 0
		for _, l := range list {
			if strings.Contains("\x02"+prefix+"\x03", l) {
				size = max(size, len(l))
			}
		}
		got := 0
		if i := a.longest(prefix); i >= 0 {
			got = len(list[i])
		}
		if got != size {
			t.Fatalf("in %q it finds %d bytes, want %d", prefix, got, size)
		}
		if n > 0 {
			for _, c := range []string{"a", "b", "c", "d"} {
				texts(prefix+c, n-1)
			}
		}
	}
	texts("", 7)
}

func TestExpressionsAreSpeltOutWhereTheyAreShort(t *testing.T) {
	for expr, want := range map[string][]string{
		`Googlebot\/`:            {"Googlebot/"},
		`[wW]get`:                {"Wget", "wget"},
		`^curl`:                  {"\x02curl"},
		`SSL Labs$`:              {"SSL Labs\x03"},
		`(^| )sentry\/`:          {"\x02sentry/", " sentry/"},
		`Ahrefs(Bot|SiteAudit)`:  {"AhrefsBot", "AhrefsSiteAudit"},
		`Automaton|Newsify Feed`: {"Automaton", "Newsify Feed"},
		`(?i)k`:                  {"k", "K"},
		`S.R`:                    nil,
		`a+`:                     nil,
		`[^-]x`:                  nil,
		`(a|)`:                   nil,
		`(?i)abcdefgh`:           nil,
		`(`:                      nil,
	} {
		got, ok := literals(expr)
		slices.Sort(got)
		slices.Sort(want)
		if ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%s: %q %v, want %q", expr, got, ok, want)
		}
	}
}

func TestTheListIsAutomatonButForAHandful(t *testing.T) {
	b := newBots(botList)
	if len(b.named) < 1400 || len(b.rest) > 10 {
		t.Errorf("%d literals, %d expressions", len(b.named), len(b.rest))
	}
	if size := len(b.literals.next) * int(unsafe.Sizeof(b.literals.next[0])); size > 4<<20 {
		t.Errorf("the automaton takes %d bytes", size)
	}
	for _, one := range b.named {
		if one.Name == "" || strings.ContainsAny(one.Name, "\x02\x03\\^$") {
			t.Errorf("a bot is called %q", one.Name)
		}
	}
}

func FuzzLiterals(f *testing.F) {
	f.Add("AdsBot-Google([^-]|$)", "AdsBot-Google")
	f.Add("(a|b)(c|d)$", "xac")
	f.Add("(?i)^K", "k")
	f.Fuzz(func(t *testing.T, expr, text string) {
		list, ok := literals(expr)
		if !ok {
			return
		}
		if len(list) > maxLiterals {
			t.Fatalf("%d literals", len(list))
		}
		if len(expr) < 100 {
			newAutomaton(list).longest(text)
		}
	})
}
