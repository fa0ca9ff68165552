package enrich_test

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"headgate/event"
)

const behindProxies = "trusted_proxies: [10.0.0.0/8, '2001:db8:aa::/48', 192.0.2.1]\n"

func TestTheClientIsTheFirstHopThatIsNotTrusted(t *testing.T) {
	plain := build(t, behindProxies)
	edge := build(t, behindProxies+"enrich: {address_header: CF-Connecting-IP}")
	for _, c := range []struct {
		name    string
		peer    string
		headers []string
		want    string
		edge    bool
	}{
		{name: "no proxy", peer: "203.0.113.9", want: "203.0.113.9"},
		{name: "an untrusted peer's header is not read", peer: "203.0.113.9", headers: []string{"x-forwarded-for", "1.1.1.1"}, want: "203.0.113.9"},
		{name: "one trusted proxy", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "203.0.113.9"}, want: "203.0.113.9"},
		{name: "an IPv4 peer written as IPv6", peer: "::ffff:10.0.0.1", headers: []string{"x-forwarded-for", "::ffff:203.0.113.9"}, want: "203.0.113.9"},
		{name: "what the client wrote is left of what the proxy saw", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "1.1.1.1, 203.0.113.9"}, want: "203.0.113.9"},
		{name: "two trusted proxies", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.2.3.4"}, want: "203.0.113.9"},
		{name: "all trusted: the leftmost", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "10.9.9.9, 10.2.3.4"}, want: "10.9.9.9"},
		{name: "several header lines are one list", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "1.1.1.1", "accept", "*/*", "x-forwarded-for", "203.0.113.9, 10.2.3.4"}, want: "203.0.113.9"},
		{name: "the walk goes on in the line above", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "203.0.113.9", "x-forwarded-for", "10.2.3.4"}, want: "203.0.113.9"},
		{name: "empty elements are none", peer: "10.0.0.1", headers: []string{"x-forwarded-for", " , 203.0.113.9 ,, "}, want: "203.0.113.9"},
		{name: "a port", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "203.0.113.9:54321"}, want: "203.0.113.9"},
		{name: "brackets", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "[2001:db8::1]"}, want: "2001:db8::1"},
		{name: "brackets and a port", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "[2001:db8::1]:443"}, want: "2001:db8::1"},
		{name: "bare IPv6", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "2001:db8::1"}, want: "2001:db8::1"},
		{name: "a zone", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "fe80::1%eth0"}, want: "fe80::1"},
		{name: "a trusted IPv6 proxy", peer: "2001:db8:aa::5", headers: []string{"x-forwarded-for", "2001:db8::1"}, want: "2001:db8::1"},
		{name: "garbage nearest to us: the peer", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "203.0.113.9, unknown"}, want: "10.0.0.1"},
		{name: "garbage ends the walk at the last hop that could be read", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "203.0.113.9, <script>, 10.2.3.4"}, want: "10.2.3.4"},
		{name: "an unclosed bracket", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "[2001:db8::1"}, want: "10.0.0.1"},
		{name: "text behind a bracket", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "[2001:db8::1]x"}, want: "10.0.0.1"},
		{name: "an address of nobody", peer: "10.0.0.1", headers: []string{"x-forwarded-for", "0.0.0.0"}, want: "10.0.0.1"},
		{name: "Forwarded", peer: "10.0.0.1", headers: []string{"forwarded", `for=203.0.113.9;proto=https;by=10.0.0.1`}, want: "203.0.113.9"},
		{name: "Forwarded, quoted IPv6 with port, name in capitals", peer: "10.0.0.1", headers: []string{"forwarded", `for=1.1.1.1, proto=https; For="[2001:db8::1]:4711"`}, want: "2001:db8::1"},
		{name: "Forwarded through two", peer: "10.0.0.1", headers: []string{"forwarded", `for=203.0.113.9, for="10.2.3.4:80"`}, want: "203.0.113.9"},
		{name: "Forwarded with a hidden client", peer: "10.0.0.1", headers: []string{"forwarded", `for=_hidden, for=10.2.3.4`}, want: "10.2.3.4"},
		{name: "Forwarded that names nobody", peer: "10.0.0.1", headers: []string{"forwarded", `for=203.0.113.9, proto=https`}, want: "10.0.0.1"},
		{name: "a quote left open by the client does not hide the proxy's hop", peer: "10.0.0.1", headers: []string{"forwarded", `for="1.1.1.1, for=203.0.113.9`}, want: "203.0.113.9"},
		{name: "X-Forwarded-For goes before Forwarded", peer: "10.0.0.1", headers: []string{"forwarded", "for=1.1.1.1", "x-forwarded-for", "203.0.113.9"}, want: "203.0.113.9"},
		{name: "an edge's header is not read unless configured", peer: "10.0.0.1", headers: []string{"cf-connecting-ip", "1.1.1.1", "x-forwarded-for", "203.0.113.9"}, want: "203.0.113.9"},
		{name: "an edge's header, configured", edge: true, peer: "10.0.0.1", headers: []string{"cf-connecting-ip", "203.0.113.9", "x-forwarded-for", "1.1.1.1"}, want: "203.0.113.9"},
		{name: "an edge's header from elsewhere", edge: true, peer: "203.0.113.9", headers: []string{"cf-connecting-ip", "1.1.1.1"}, want: "203.0.113.9"},
		{name: "an edge's header that is garbage", edge: true, peer: "10.0.0.1", headers: []string{"cf-connecting-ip", "x", "x-forwarded-for", "203.0.113.9"}, want: "203.0.113.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			en := plain
			if c.edge {
				en = edge
			}
			h := browser(c.headers...)
			h.Peer = netip.MustParseAddr(c.peer)
			en.Client(h)
			if got := h.Address.String(); got != c.want {
				t.Errorf("the client is %s, want %s", got, c.want)
			}
			if trusted := c.peer != "203.0.113.9"; h.Trusted != trusted {
				t.Errorf("trusted is %v, want %v", h.Trusted, trusted)
			}
		})
	}
}

func TestAnUntrustedPeerCannotChooseItsAddress(t *testing.T) {
	en := build(t, behindProxies+"enrich: {address_header: CF-Connecting-IP, geo: {headers: cloudflare}}")
	hop := rapid.SampledFrom([]string{"10.0.0.5", "1.1.1.1", "203.0.113.9", "192.0.2.1", "[::1]:1", "unknown", `"`, "", "for=1.1.1.1", `for="[2001:db8::1]"`})
	name := rapid.SampledFrom([]string{"x-forwarded-for", "forwarded", "cf-connecting-ip", "cf-ipcountry", "x-real-ip", "true-client-ip"})
	rapid.Check(t, func(t *rapid.T) {
		forged := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event.Header {
			return event.Header{Name: name.Draw(t, "name"), Value: strings.Join(rapid.SliceOfN(hop, 1, 5).Draw(t, "hops"), ", ")}
		}), 0, 6).Draw(t, "headers")

		alone := browser()
		alone.Headers, alone.Peer = forged, netip.MustParseAddr("198.51.100.200")
		en.Client(alone)
		if alone.Address != alone.Peer || alone.Trusted {
			t.Fatalf("it is %v (trusted %v) by its own word", alone.Address, alone.Trusted)
		}

		// Through a trusted proxy, which appends the address it saw, as a line of its own or to the last line.
		behind := browser()
		behind.Peer = netip.MustParseAddr("10.0.0.1")
		behind.Headers = withoutEdge(forged)
		if last := len(behind.Headers) - 1; last >= 0 && behind.Headers[last].Name == "x-forwarded-for" && rapid.Bool().Draw(t, "same line") {
			behind.Headers[last].Value += ", 198.51.100.200"
		} else {
			behind.Headers = append(behind.Headers, event.Header{Name: "x-forwarded-for", Value: "198.51.100.200"})
		}
		en.Client(behind)
		if behind.Address != alone.Peer {
			t.Fatalf("through a proxy it is %v by its own word", behind.Address)
		}
	})
}

// withoutEdge is what an edge does with its own headers when a client sends them: it replaces them.
func withoutEdge(hs event.Headers) (kept event.Headers) {
	for _, h := range hs {
		if h.Name != "cf-connecting-ip" {
			kept = append(kept, h)
		}
	}
	return kept
}

func FuzzClient(f *testing.F) {
	f.Add("x-forwarded-for", "203.0.113.9, 10.0.0.2", "10.0.0.1")
	f.Add("forwarded", `for="[2001:db8::1%25eth0]:80";by=x, for=_hidden`, "10.0.0.1")
	f.Add("cf-connecting-ip", "::ffff:1.2.3.4", "::ffff:10.1.1.1")
	f.Add("x-forwarded-for", "[]:,[,],:::,%", "203.0.113.9")
	en := build(f, behindProxies+"enrich: {address_header: CF-Connecting-IP}")
	f.Fuzz(func(t *testing.T, name, value, peer string) {
		a, err := netip.ParseAddr(peer)
		if err != nil {
			return
		}
		h := browser(name, value)
		h.Peer = a
		en.Client(h)
		if !h.Address.IsValid() || h.Address.Zone() != "" || h.Address.Is4In6() {
			t.Fatalf("the client of %q is %v", value, h.Address)
		}
		if !h.Trusted && h.Address != h.Peer {
			t.Fatalf("an untrusted peer became %v by %q", h.Address, value)
		}
	})
}

func TestTheAddressIsKeptAsFarAsPolicyAndConsentAllow(t *testing.T) {
	yes, no := event.Boolean(true), event.Boolean(false)
	for _, c := range []struct {
		policy string
		ads    event.Value
		ip     string
		want   string
		rule   event.AddressRule
	}{
		{"by_consent", yes, "198.51.100.77", "198.51.100.77", event.KeepAddress},
		{"by_consent", no, "198.51.100.77", "198.51.100.0", event.TruncateAddress},
		{"by_consent", event.Value{}, "198.51.100.77", "198.51.100.0", event.TruncateAddress},
		{"by_consent", no, "2001:db8:1:2:3::4", "2001:db8:1::", event.TruncateAddress},
		{"truncate", yes, "198.51.100.77", "198.51.100.0", event.TruncateAddress},
		{"truncate", yes, "::ffff:198.51.100.77", "198.51.100.0", event.TruncateAddress},
		{"truncate", yes, "no address", "", event.TruncateAddress},
		{"truncate", yes, "", "", event.TruncateAddress},
		{"drop", yes, "198.51.100.77", "", event.DropAddress},
		{"keep", no, "198.51.100.77", "198.51.100.77", event.KeepAddress},
	} {
		en := build(t, "enrich: {address: "+c.policy+"}")
		e := event.Event{}
		e.Device.IP = c.ip
		e.Consent.Set("ads", c.ads)
		rule := en.Truncate(&e, new(event.Arena))
		if e.Device.IP != c.want {
			t.Errorf("%s, ads %v: %q became %q, want %q", c.policy, c.ads.Any(), c.ip, e.Device.IP, c.want)
		}
		if rule != c.rule {
			t.Errorf("%s, ads %v: the rule for the rest of the event is %v, want %v", c.policy, c.ads.Any(), rule, c.rule)
		}
	}
}

func TestOnlyATrustedProxySaysThatTheVisitorUsesHTTPS(t *testing.T) {
	for _, c := range []struct{ settings, said, want string }{
		{"trusted_proxies: [198.51.100.0/24]", "https", "https"},
		{"trusted_proxies: [198.51.100.0/24]", "http", "http"},
		{"trusted_proxies: [203.0.113.0/24]", "https", "http"},
		{"", "https", "http"},
	} {
		h := browser("x-forwarded-proto", c.said)
		h.Scheme = "http"
		build(t, c.settings).Client(h)
		if h.Scheme != c.want {
			t.Errorf("%s, %s: %s", c.settings, c.said, h.Scheme)
		}
	}
}
