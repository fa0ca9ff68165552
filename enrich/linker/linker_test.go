package linker_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"headgate/enrich/linker"
)

var now = time.Date(2026, 11, 29, 10, 6, 30, 0, time.UTC)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"

func TestALinkCarriesAnIDForTwoMinutesInOneBrowser(t *testing.T) {
	l := linker.New("a secret of the shop's", rand.Reader)
	value := l.Seal("1309730329.1709757290", chrome, now)
	for _, c := range []struct {
		name, value, agent string
		with               *linker.Linker
		after              time.Duration
		want               string
	}{
		{"at once", value, chrome, l, 0, ""},
		{"after two minutes", value, chrome, l, 2 * time.Minute, ""},
		{"where the clock is a little behind", value, chrome, l, -5 * time.Second, ""},
		{"later", value, chrome, l, 121 * time.Second, "the link was made 2m1s ago, and is valid for 2m0s"},
		{"from the future", value, chrome, l, -6 * time.Second, "the link was made -6s ago, and is valid for 2m0s"},
		{"in another browser", value, chrome + "0", l, 0, "the link's _hgl was made with another secret, for another browser, or changed"},
		{"with another secret", value, chrome, linker.New("another secret", rand.Reader), 0, "the link's _hgl was made with another secret, for another browser, or changed"},
		{"of another version", "Ag" + value[2:], chrome, l, 0, "the link's _hgl is malformed"},
		{"changed within", value[:20] + other(value[20]) + value[21:], chrome, l, 0, "the link's _hgl was made with another secret, for another browser, or changed"},
		{"cut off", value[:12], chrome, l, 0, "the link's _hgl is malformed"},
		{"none", "", chrome, l, 0, "the link's _hgl is malformed"},
		{"an id in clear", "1.1309730329.1709757290", chrome, l, 0, "the link's _hgl is malformed"},
	} {
		id, err := c.with.Open(c.value, c.agent, now.Add(c.after))
		switch {
		case c.want == "" && (err != nil || id != "1309730329.1709757290"):
			t.Errorf("%s: %q, %v", c.name, id, err)
		case c.want != "" && (err == nil || err.Error() != c.want || id != ""):
			t.Errorf("%s: %q, %v\nwant %s", c.name, id, err, c.want)
		}
	}
	if again := l.Seal("1309730329.1709757290", chrome, now); again == value || strings.Contains(value, "1309730329") || len(value) > 100 {
		t.Errorf("%s and %s", value, again)
	}
}

// other is another letter.
func other(letter byte) string {
	if letter == 'x' {
		return "y"
	}
	return "x"
}

// The vector of the format as gtag.js computes it.
const (
	payload     = "_ga*MTIzNDU2Nzg5MC4xNzAwMDAwMDAw*_ga_EXAMPLE01*czE3OTU4OTkwMDAkbzMkZzEkdDE3OTU4OTk5MDAkajYwJGwwJGgw"
	googleLink  = "1*hre6v7*" + payload
	googleStart = 29931666 * 60
)

func TestGooglesLinkIsReadAndItsChecksumCompared(t *testing.T) {
	g, ok := linker.ReadGoogle(googleLink)
	if !ok || g.Client() != "1234567890.1700000000" || g.Session() != "GS2.1.s1795899000$o3$g1$t1795899900$j60$l0$h0" {
		t.Fatalf("%v %q %q", ok, g.Client(), g.Session())
	}
	for _, c := range []struct {
		name, hash, agent string
		languages         []string
		minutes           int64
		fresh             bool
	}{
		{"in its minute", "hre6v7", chrome, []string{"en-GB"}, 0, true},
		{"a minute later", "hre6v7", chrome, []string{"de", "en-GB"}, 1, true},
		{"two minutes later", "hre6v7", chrome, []string{"en-GB"}, 2, true},
		{"three minutes later", "hre6v7", chrome, []string{"en-GB"}, 3, false},
		{"made a minute ago", "29pz5v", chrome, []string{"en-GB"}, 0, true},
		{"made two minutes ago", "11fffjw", chrome, []string{"en-GB"}, 0, true},
		{"made three minutes ago", "16axt1f", chrome, []string{"en-GB"}, 0, false},
		{"in another browser", "hre6v7", chrome + "0", []string{"en-GB"}, 0, false},
		{"in another language", "hre6v7", chrome, []string{"en", "de"}, 0, false},
		{"in no language", "hre6v7", chrome, nil, 0, false},
		{"with a made up checksum", "abcdef", chrome, []string{"en-GB"}, 0, false},
	} {
		g, _ := linker.ReadGoogle("1*" + c.hash + "*" + payload)
		if got := g.Fresh(c.agent, c.languages, time.Unix(googleStart+60*c.minutes+59, 0)); got != c.fresh {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWhatGooglesLinkCarries(t *testing.T) {
	for value, want := range map[string][3]string{ // client, session, _gcl_aw
		"1*a*_ga*MTIzNDU2Nzg5MC4xNzAwMDAwMDAw":                             {"1234567890.1700000000"},
		"1*a*_ga*bm90LmFuLmlk":                                             {},
		"1*a*_ga_X*MTc5NS4zLjEuMS4wLjAuMA..":                               {"", "GS1.1.1795.3.1.1.0.0.0"},
		"1*a*_gcl_aw*R0NMLjE3OTUzNDE2MDAuYWJj*_ga*MS4y":                    {"1.2", "", "GCL.1795341600.abc"},
		"1*a*_ga*%%%*_up*MQ..":                                             {},
		"1*a*_ga*MTIzNDU2Nzg5MC4xNzAwMDAwMDAwLg..*_ga_Y*" + "c3gkbzE.":     {"", "GS2.1.sx$o1"},
		"1*a*_ga*" + "MTg0NDY3NDQwNzM3MDk1NTE2MTYuMQ..":                    {},
		"1*a*_ga*MS4y*_ga*My40":                                            {"1.2"},
		"1*a*_ga_A*czE3OTU4OTkwMDAkbzM.*_ga_B*czE3OTU4OTkwMDEkbzQ.*_ga*eA": {"", "GS2.1.s1795899000$o3"},
	} {
		g, ok := linker.ReadGoogle(value)
		if got := [3]string{g.Client(), g.Session(), g.Value("_gcl_aw")}; !ok || got != want {
			t.Errorf("%s: %v %q, want %q", value, ok, got, want)
		}
	}
	for _, value := range []string{"", "1", "1*a", "2*a*_ga*MS4y", "1*!*_ga*MS4y", "1*a*_ga", "1*zzzzzzz*_ga*MS4y", "1*a*_ga*MS4y*_x", "1*a*_ga*" + strings.Repeat("M", 2048)} {
		if _, ok := linker.ReadGoogle(value); ok {
			t.Errorf("%.40s is read", value)
		}
	}
}

func TestADomainStandsForItsSubdomainsOnly(t *testing.T) {
	ds := linker.Domains{"shop.example", "www.shop.test"}
	for host, want := range map[string]bool{"shop.example": true, "www.shop.example": true, "a.b.shop.example": true, "evilshop.example": false,
		"shop.example.evil.test": false, "shop.test": false, "www.shop.test": true, "": false, "example": false} {
		if ds.Have(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestTheParameterIsCutOutOfAnAddress(t *testing.T) {
	for address, want := range map[string][2]string{
		"https://a.example/?_hgl=v":               {"https://a.example/", "v"},
		"https://a.example/?_hgl=v&b=1":           {"https://a.example/?b=1", "v"},
		"https://a.example/?a=1&_hgl=v":           {"https://a.example/?a=1", "v"},
		"https://a.example/?a=1&_hgl=v&b=2#c":     {"https://a.example/?a=1&b=2#c", "v"},
		"https://a.example/?a=1&_hgl=v#c":         {"https://a.example/?a=1#c", "v"},
		"https://a.example/?_hgl=v#c":             {"https://a.example/#c", "v"},
		"https://a.example/#_hgl=v":               {"https://a.example/", "v"},
		"https://a.example/?_hgl=v&_hgl=w":        {"https://a.example/", "v"},
		"https://a.example/?_hgl=":                {"https://a.example/", ""},
		"https://a.example/?x_hgl=v&y=?_hglx=1":   {"https://a.example/?x_hgl=v&y=?_hglx=1", ""},
		"_hgl=v&b=1":                              {"b=1", "v"},
		"_hgl=v":                                  {"", "v"},
		"https://a.example/_hgl=v?my_hgl=1&c=%20": {"https://a.example/_hgl=v?my_hgl=1&c=%20", ""},
	} {
		if left, values := linker.Cut(address, "_hgl"); left != want[0] || values[0] != want[1] {
			t.Errorf("%s: %q %q, want %q", address, left, values, want)
		}
	}
}

func FuzzLinks(f *testing.F) {
	f.Add(googleLink, "https://a.example/?a=1&_hgl=v&_gl=x#c")
	f.Add("1**_ga*..*", "?_hgl=&_hgl=_hgl=")
	l := linker.New("a secret of the shop's", rand.Reader)
	f.Fuzz(func(t *testing.T, value, address string) {
		if g, ok := linker.ReadGoogle(value); ok {
			g.Fresh(chrome, []string{"de"}, now)
			if id := g.Client(); strings.ContainsAny(id, "; \r\n") {
				t.Fatalf("%q holds the client %q", value, id)
			}
			g.Session()
		}
		if id, err := l.Open(value, chrome, now); err == nil {
			t.Fatalf("%q opens as %q", value, id)
		}
		if left, _ := linker.Cut(address, "_hgl", "_gl"); len(left) > len(address) || strings.Contains(left, "&_hgl=") || strings.Contains(left, "?_gl=") {
			t.Fatalf("%q leaves %q", address, left)
		}
	})
}
