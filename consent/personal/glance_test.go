package personal

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"headgate/consent/personal/patterns"
	"headgate/event"
)

// Whatever cleaning changes for the sake of an address, a glance has seen.
func TestAGlanceMissesNoAddressThatCleaningFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 200_000 {
		a := randomAddress(random)
		text := spelled(random, a)
		for range random.IntN(patterns.MaxNesting + 2) {
			text = around(random, encoded(random, text))
		}
		if checkGlance(t, text, a) {
			found++
		}
	}
	if found < 100_000 {
		t.Errorf("cleaning found only %d of 200,000 addresses: the test looks for too little", found)
	}
}

// Cleaning after a glance, at what came and at what rules changed, does what cleaning all of an event does.
func TestAGlanceChangesNothingOfWhatIsCleaned(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	cleaned := 0
	for range 30_000 {
		a, other := randomAddress(random), randomAddress(random)
		text := func() string {
			switch random.IntN(4) {
			case 0:
				return around(random, encoded(random, spelled(random, a)))
			case 1:
				return spelled(random, other)
			}
			return "blue shirt"
		}
		e := event.Event{ID: "a-1", Page: event.Page{URL: "https://shop.example/?q=" + text(), Title: text()}, Items: []event.Item{{Name: text()}},
			Params: texts("method", text(), "client_ip", text(), "note", text())}
		e.Params.Add("ga4", event.ObjectOf(texts("x", text(), "remote_addr", text())))
		from := arrived(&e)
		from.Hit.Address, from.Address, from.Clicks = a, event.TruncateAddress, true
		if random.IntN(2) == 0 {
			from.look() // as scrubbing does before the rules
		}
		if random.IntN(2) == 0 {
			e.Params = e.Params.Clone()
			e.Params.Set([]string{"method", "copy", "client_ip"}[random.IntN(3)], event.String(text()))
		}
		if random.IntN(2) == 0 {
			e.Page.Title, e.Items = text(), []event.Item{{Name: text(), Params: texts("ip", text())}}
		}
		all := *e.Clone()
		known := trail{truncate: true}
		known.addAddress(a)
		known.learnAddresses(&from.Event)
		known.learnAddresses(&all)
		(&rewriter{with: &cleaner{trail: &known}}).event(&all)
		before := string(e.AppendJSON(nil))
		keyed.Clean(&e, from)
		got, want := string(e.AppendJSON(nil)), string(all.AppendJSON(nil))
		if got != want {
			t.Fatalf("%s\nis cleaned to\n%s\nwant\n%s", before, got, want)
		}
		if got != before {
			cleaned++
		}
	}
	if cleaned < 10_000 {
		t.Errorf("only %d events were cleaned: the test looks for too little", cleaned)
	}
}

func FuzzGlance(f *testing.F) {
	f.Add("203.0.113.7", uint32(0xcb007107))
	f.Add("id=MjAzLjAuMTEzLjc", uint32(0xcb007107))
	f.Fuzz(func(t *testing.T, text string, ip uint32) {
		checkGlance(t, text, netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}))
	})
}

// checkGlance reports whether cleaning changes a text because of an address, which a glance must have seen then.
func checkGlance(t *testing.T, text string, a netip.Addr) (changed bool) {
	t.Helper()
	var known trail
	known.addAddress(a)
	c := cleaner{trail: &known}
	clean := c.change(text)
	g := glance{addresses: known.addresses}
	g.text(text)
	if clean != text && !(g.any && g.known) {
		t.Errorf("a glance does not see %s in %q, which is cleaned to %q", a, text, clean)
	}
	return clean != text
}

func randomAddress(random *rand.Rand) netip.Addr {
	if random.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256))})
	}
	var b [16]byte
	for i := range b {
		if random.IntN(2) == 0 { // groups of zeros are what makes spellings differ
			b[i] = byte(random.IntN(256))
		}
	}
	b[0], b[1] = 0x20|b[0]&0x1f, 1
	return netip.AddrFrom16(b)
}

// spelled writes an address in one of its ways.
func spelled(random *rand.Rand, a netip.Addr) string {
	s := a.String()
	switch random.IntN(6) {
	case 0:
		s = a.StringExpanded()
	case 1:
		s = strings.ToUpper(s)
	case 2:
		if a.Is4() {
			s = "::ffff:" + s
		}
	case 3:
		if a.Is4() {
			b := a.As4()
			s = "::FFFF:" + hex.EncodeToString(b[:2]) + ":" + hex.EncodeToString(b[2:])
		}
	}
	return around(random, s)
}

// around puts other text before and after one, with or without something between.
func around(random *rand.Rand, s string) string {
	words := []string{"", "", "", " ", "=", "&ip=", ", via ", "v1.2.", "/", "-", "_", "https://x.example/?a=1&b=", "Straße ", "(", "!", "%20", "%2F", "%2f", "%", "Name: "}
	return words[random.IntN(len(words))] + s + words[random.IntN(len(words))]
}

// encoded is a text in one of the ways in which clients and rules write it.
func encoded(random *rand.Rand, s string) string {
	switch random.IntN(11) {
	case 0:
		return url.QueryEscape(s)
	case 1:
		return base64.StdEncoding.EncodeToString([]byte(s))
	case 2:
		return base64.RawURLEncoding.EncodeToString([]byte(s))
	case 3:
		return hex.EncodeToString([]byte(s))
	case 4:
		return strings.ToUpper(hex.EncodeToString([]byte(s)))
	case 5:
		var out strings.Builder
		for i := range len(s) {
			out.WriteString("%" + hex.EncodeToString([]byte{s[i]}))
		}
		return out.String()
	case 6:
		text, _ := json.Marshal(map[string]string{"a": s})
		return string(text)
	case 7:
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	case 8:
		sum := sha1.Sum([]byte(s))
		return base64.StdEncoding.EncodeToString(sum[:])
	case 9:
		sum := md5.Sum([]byte(s))
		return base64.URLEncoding.EncodeToString(sum[:])
	}
	return s
}

// What sites usually send costs no more than a glance.
func TestAGlancePassesWhatIsUsual(t *testing.T) {
	g := glance{addresses: []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::7"),
		netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.7")}}
	for _, s := range []string{
		"page_view", "originalTimestamp", "anonymousId", "2026-03-01T10:20:30.123Z", "https://shop.example/Products/Blue-Shirt?size=XL&utm_source=News#top",
		"https%3A%2F%2Fshop.example%2Fsearch%3Fq%3Dblue", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
		"GA1.1.1234567890.1700000000", "G-ABC123DEF4", "550e8400-e29b-41d4-a716-446655440000", "13l3l3l3l1l1", "Summer Sale – 20% off", "1.2.3.4", "add_payment_info",
		"gtm=45je4b81v9117999999za200", "checkout progress", "EUR", "Chromium;139.0.7258.66|Not;A=Brand;99.0.0.0",
	} {
		if g.text(s); g.known {
			t.Errorf("a glance takes it that an address is in %q", s)
			g.known = false
		}
	}
}

func BenchmarkGlance(b *testing.B) {
	e := event.Event{Name: "page_view", Page: event.Page{URL: "https://shop.example/products/blue-shirt?utm_source=news", Title: "Blue shirt"},
		Params: texts("engagement_time_msec", "1200", "content_group", "Shirts", "link_url", "https://shop.example/cart", "ga4", "45je4b81v9117999999za200")}
	g := glance{addresses: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
	b.ReportAllocs()
	for b.Loop() {
		g.event(&e, &noEvent)
	}
}
