package enrich_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"headgate/document"
	"headgate/enrich"
	"headgate/enrich/address"
	"headgate/enrich/identity"
	"headgate/event"
)

var received = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) // 1795341600

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"
	pixel8  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36"
)

// written are the sections that this package owns, as they stand in a file.
type written struct {
	Trusted  address.Networks `yaml:"trusted_proxies"`
	Identity identity.Config  `yaml:"identity"`
	Enrich   enrich.Config    `yaml:"enrich"`
}

// parse builds an Enricher from YAML; the minted ids are 1.<second>, 2.<second>, ..., of random numbers with the 32nd bit set.
func parse(text string) (*enrich.Enricher, document.Mistakes) {
	n, mistakes := document.Parse("headgate.yaml", []byte(text))
	w := written{Identity: identity.Defaults(), Enrich: enrich.Defaults()}
	mistakes = append(mistakes, document.Decode(n, &w)...)
	en, wrong := enrich.New(w.Enrich, w.Identity, w.Trusted, bytes.NewReader([]byte{0x80, 0, 0, 1, 0x80, 0, 0, 2, 0x80, 0, 0, 3}), nil)
	if en != nil {
		en.Blocks = []event.Block{{Param: "ga4", Hints: event.HintNames{Brands: "uafvl", Platform: "uap", PlatformVersion: "uapv", Mobile: "uamb"}}}
	}
	return en, append(mistakes, wrong...)
}

func build(t testing.TB, text string) *enrich.Enricher {
	t.Helper()
	en, mistakes := parse(text)
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := en.Close(); err != nil {
			t.Error(err)
		}
	})
	return en
}

// browser returns a hit as a browser behind no proxy sends it. Headers are given as name, value, ...
func browser(headers ...string) *event.Hit {
	h := &event.Hit{
		Method: "GET", Scheme: "https", Host: "t.shop.example", Path: "/g/collect", Received: received,
		Peer: netip.MustParseAddr("198.51.100.7"), Address: netip.MustParseAddr("198.51.100.7"),
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "cookie" {
			h.Cookie = headers[i+1]
		} else {
			h.Headers = append(h.Headers, event.Header{Name: headers[i], Value: headers[i+1]})
		}
	}
	if h.Headers.Get("user-agent") == "" {
		h.Headers = append(h.Headers, event.Header{Name: "user-agent", Value: firefox})
	}
	return h
}

// fromServer is a hit of a site's server that proved itself.
func fromServer(headers ...string) *event.Hit {
	h := browser(headers...)
	h.Sender = event.Server
	return h
}

// senders are who the sources of these tests say speaks their protocol.
var senders = map[string]event.Sender{"ga4": event.Browser, "pixel": event.Browser, "mp": event.Server}

// describe walks one event as far as consent.
func describe(en *enrich.Enricher, h *event.Hit, e event.Event) event.Event {
	if h.Sender == event.Anyone {
		h.Sender = senders[e.Source]
	}
	en.Client(h)
	v := en.Visit(h)
	v.Describe(&e)
	return e
}

// expect compares fields of an event, by their paths, with texts.
func expect(t *testing.T, e *event.Event, want map[string]string) {
	t.Helper()
	for path, text := range want {
		if got := e.GetPath(path).Text(); got != text {
			t.Errorf("%s is %q, want %q", path, got, text)
		}
	}
}

func TestMistakesNamePlaceFactAndCure(t *testing.T) {
	for text, want := range map[string]string{
		"enrich: {bots: block}":                      `headgate.yaml:1:16: bots cannot be "block"; write one of drop, flag, keep`,
		"enrich: {bots: dropp}":                      `headgate.yaml:1:16: bots cannot be "dropp"; did you mean "drop"?`,
		"enrich: {address: hash}":                    `headgate.yaml:1:19: address cannot be "hash"; write one of by_consent, truncate, drop, keep`,
		"enrich: {geo: {headers: cloudflair}}":       `headgate.yaml:1:25: no edge is called "cloudflair"; did you mean "cloudflare"?`,
		"enrich: {geo: {headers: {land: X-Land}}}":   `headgate.yaml:1:26: unknown key "land"; there is country, region, city, postal_code, continent`,
		"enrich: {geo: {headers: [X-Country]}}":      `headgate.yaml:1:25: expected the name of an edge or a map of header names; write cloudflare, or {country: X-Country}`,
		"enrich: {geo: {database: missing.mmdb}}":    `headgate.yaml:1:26: the geo database cannot be opened: open missing.mmdb: no such file or directory; name a MaxMind City or Country file that Headgate may read, or leave the key out`,
		"trusted_proxies: [10.0.0.0/8, 10.0.0.0/33]": `headgate.yaml:1:31: no network is written like this: 10.0.0.0/33; write a prefix (10.0.0.0/8), an address, loopback or private`,
		"trusted_proxies: {a: b}":                    `headgate.yaml:1:18: expected a list of networks; write [10.0.0.0/8]`,
		"trusted_proxies: ['::ffff:10.0.0.0/80']":    `headgate.yaml:1:19: no network is written like this: ::ffff:10.0.0.0/80; write a prefix (10.0.0.0/8), an address, loopback or private`,
		"identity: {cookie: 'a b'}":                  `headgate.yaml:1:21: "a b" cannot name a cookie; use letters, digits, _ and -`,
		"identity: {cookie: _hg, lifetime: 500d}":    `headgate.yaml:1:20: identity.lifetime is 500d; browsers keep a cookie for 1s to 400d`,
		"identity: {cookie: _hg, adopt: [_ga, _hg]}": `headgate.yaml:1:38: _hg is our own cookie; leave it out of adopt`,
		"identity: {cookie: _hg, adopt: ['x=y']}":    `headgate.yaml:1:34: "x=y" cannot name a cookie; use letters, digits, _ and -`,
		"identity: {cookie: _hg, purpose: ''}":       `headgate.yaml:1:20: identity.purpose is empty; name the consent purpose that the cookie needs: analytics`,
	} {
		_, mistakes := parse(text)
		if err := mistakes.Err(); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	_, mistakes := parse("enrich: {bots: a, address: b, geo: {database: /none}}\nidentity: {cookie: '', lifetime: 0, purpose: '', adopt: ['']}")
	if len(mistakes) != 7 {
		t.Errorf("%d mistakes are reported at once, want 7:\n%v", len(mistakes), mistakes.Err())
	}
}

func TestAnEmptyFileTakesTheDefaults(t *testing.T) {
	en := build(t, "identity:\nenrich:\ntrusted_proxies:\n")
	e := describe(en, browser("user-agent", "curl/8.5.0"), event.Event{Source: "ga4"})
	if !en.Drops(&e) {
		t.Error("a bot is not dropped")
	}
	en.Truncate(&e, new(event.Arena))
	expect(t, &e, map[string]string{"device.ip": "198.51.100.0"})
}

func TestEditorsAreOfferedTheWords(t *testing.T) {
	schema, err := json.Marshal(document.Schema(&written{Identity: identity.Defaults(), Enrich: enrich.Defaults()}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"enum":["drop","flag","keep"]`, `"enum":["by_consent","truncate","drop","keep"]`,
		`"enum":["akamai","app_engine","bunny","cloudflare","cloudfront","google_lb","netlify","vercel","x_geo"]`, `"postal_code"`} {
		if !strings.Contains(string(schema), want) {
			t.Errorf("the schema lacks %s:\n%s", want, schema)
		}
	}
}
