package enrich_test

import (
	"encoding/base64"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"headgate/event"
)

// behindEdge describes an event whose hit came through a trusted edge with these headers.
func behindEdge(t *testing.T, geo string, headers ...string) event.Event {
	t.Helper()
	en := build(t, behindProxies+"enrich: {geo: {headers: "+geo+"}}")
	h := browser(headers...)
	h.Peer = netip.MustParseAddr("10.0.0.1")
	return describe(en, h, event.Event{Source: "ga4"})
}

func TestEveryEdgeTellsThePlace(t *testing.T) {
	for _, c := range []struct {
		name, geo string
		headers   []string
		want      map[string]string
	}{
		{"cloudflare", "cloudflare", []string{"cf-ipcountry", "DE", "cf-region-code", "BY", "cf-ipcity", "München", "cf-postal-code", "80331", "cf-ipcontinent", "EU"},
			map[string]string{"geo.country": "DE", "geo.region": "BY", "geo.city": "München", "geo.postal_code": "80331", "geo.continent": "EU", "geo.eu": "true"}},
		{"cloudfront", "cloudfront", []string{"cloudfront-viewer-country", "US", "cloudfront-viewer-country-region", "CA", "cloudfront-viewer-city", "San Jose"},
			map[string]string{"geo.country": "US", "geo.region": "CA", "geo.city": "San Jose", "geo.eu": ""}},
		{"app engine, in lower case", "app_engine", []string{"x-appengine-country", "us", "x-appengine-region", "ca", "x-appengine-city", "mountain view"},
			map[string]string{"geo.country": "US", "geo.region": "CA", "geo.city": "mountain view"}},
		{"app engine that does not know", "app_engine", []string{"x-appengine-country", "ZZ", "x-appengine-region", "?", "x-appengine-city", "?"},
			map[string]string{"geo.country": "", "geo.region": "", "geo.city": ""}},
		{"google's load balancer glues country and region", "google_lb", []string{"x-gclb-country", "US", "x-gclb-region", "USCA"},
			map[string]string{"geo.country": "US", "geo.region": "CA"}},
		{"vercel percent-encodes", "vercel", []string{"x-vercel-ip-country", "BR", "x-vercel-ip-country-region", "SP", "x-vercel-ip-city", "S%C3%A3o%20Paulo"},
			map[string]string{"geo.country": "BR", "geo.region": "SP", "geo.city": "São Paulo"}},
		{"akamai has one header", "akamai", []string{"x-akamai-edgescape", "georegion=246,country_code=US,region_code=CA,city=SANJOSE,zip=95103-95141+95150,continent=NA"},
			map[string]string{"geo.country": "US", "geo.region": "CA", "geo.city": "SANJOSE", "geo.postal_code": "95103", "geo.continent": "NA"}},
		{"akamai of an unknown address", "akamai", []string{"x-akamai-edgescape", "georegion=263,country_code=ZZ,city=X"}, map[string]string{"geo.country": "", "geo.city": ""}},
		{"netlify encodes JSON", "netlify", []string{"x-nf-geo", base64.StdEncoding.EncodeToString([]byte(`{"city":"San José","country":{"code":"US","name":"United States"},"subdivision":{"code":"CA"},"postalCode":"95103"}`))},
			map[string]string{"geo.country": "US", "geo.region": "CA", "geo.city": "San José", "geo.postal_code": "95103"}},
		{"netlify with garbage", "netlify", []string{"x-nf-geo", "e30="}, map[string]string{"geo.country": ""}},
		{"bunny", "bunny", []string{"cdn-requestcountrycode", "DE"}, map[string]string{"geo.country": "DE", "geo.eu": "true"}},
		{"hosts of tag managers", "x_geo", []string{"x-geo-country", "DE", "x-geo-region", "DE-BY", "x-geo-city", "Augsburg"}, map[string]string{"geo.country": "DE", "geo.region": "BY", "geo.city": "Augsburg"}},
		{"headers by name, in any case", "{country: X-Country, region: X-REGION}", []string{"x-country", "fr", "x-region", "FR-IDF", "cf-ipcity", "Paris"},
			map[string]string{"geo.country": "FR", "geo.region": "IDF", "geo.city": "", "geo.eu": "true"}},
		{"a French department overseas is in the Union", "cloudflare", []string{"cf-ipcountry", "RE"}, map[string]string{"geo.eu": "true"}},
		{"the United Kingdom is not", "cloudflare", []string{"cf-ipcountry", "GB"}, map[string]string{"geo.country": "GB", "geo.eu": ""}},
		{"an unknown country", "cloudflare", []string{"cf-ipcountry", "XX", "cf-ipcity", "Nowhere"}, map[string]string{"geo.country": "", "geo.city": ""}},
		{"tor", "cloudflare", []string{"cf-ipcountry", "T1"}, map[string]string{"geo.country": ""}},
		{"garbage", "cloudflare", []string{"cf-ipcountry", "DE", "cf-region-code", "<b>", "cf-ipcity", strings.Repeat("x", 200), "cf-ipcontinent", "Europe"},
			map[string]string{"geo.country": "DE", "geo.region": "", "geo.city": "", "geo.continent": ""}},
		{"a region that is a country's code", "cloudflare", []string{"cf-ipcountry", "IT", "cf-region-code", "IT"}, map[string]string{"geo.region": "IT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := behindEdge(t, c.geo, c.headers...)
			expect(t, &e, c.want)
		})
	}
}

func TestPlacesByTheBrowsersOwnWordAreNotBelieved(t *testing.T) {
	en := build(t, behindProxies+"enrich: {geo: {headers: cloudflare}}")
	for _, source := range []string{"ga4", "pixel"} {
		stated := event.Event{Source: source, Geo: event.Geo{Country: "US", Region: "TX", EU: true}}
		stated.Device.IP = "1.1.1.1"
		e := describe(en, browser("cf-ipcountry", "US"), stated)
		expect(t, &e, map[string]string{"geo.country": "", "geo.region": "", "geo.eu": "", "device.ip": "198.51.100.7"})
	}
}

// writeDatabase makes a MaxMind file of a kind and returns its path.
func writeDatabase(t testing.TB, kind string) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	place := func(country, region, city, postal, continent string) mmdbtype.Map {
		return mmdbtype.Map{
			"country":      mmdbtype.Map{"iso_code": mmdbtype.String(country)},
			"subdivisions": mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String(region)}},
			"city":         mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(city), "de": mmdbtype.String("x")}},
			"postal":       mmdbtype.Map{"code": mmdbtype.String(postal)},
			"continent":    mmdbtype.Map{"code": mmdbtype.String(continent)},
		}
	}
	for network, record := range map[string]mmdbtype.Map{
		"198.51.100.0/25":   place("DE", "BE", "Berlin", "10115", "EU"),
		"198.51.100.128/25": place("AT", "9", "Vienna", "1010", "EU"),
		"2001:db8::/64":     place("US", "NY", "New York", "10001", "NA"),
	} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, record); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "geo.mmdb")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestADatabaseTellsThePlace(t *testing.T) {
	path := writeDatabase(t, "GeoLite2-City")
	en := build(t, behindProxies+"enrich: {geo: {headers: cloudflare, database: "+path+"}}")
	for _, c := range []struct {
		name, peer string
		headers    []string
		want       map[string]string
	}{
		{"with no headers", "198.51.100.7", nil, map[string]string{"geo.country": "DE", "geo.region": "BE", "geo.city": "Berlin", "geo.postal_code": "10115", "geo.continent": "EU", "geo.eu": "true"}},
		{"IPv6", "2001:db8::9", nil, map[string]string{"geo.country": "US", "geo.region": "NY", "geo.eu": ""}},
		{"unknown addresses", "203.0.113.1", nil, map[string]string{"geo.country": ""}},
		{"what the edge does not say", "10.0.0.1", []string{"x-forwarded-for", "198.51.100.7", "cf-ipcountry", "DE"}, map[string]string{"geo.country": "DE", "geo.city": "Berlin"}},
		{"the edge knows better", "10.0.0.1", []string{"x-forwarded-for", "198.51.100.7", "cf-ipcountry", "DE", "cf-ipcity", "Potsdam", "cf-region-code", "BB"}, map[string]string{"geo.city": "Potsdam", "geo.region": "BB"}},
		{"a city of another country than the edge's is not believed", "10.0.0.1", []string{"x-forwarded-for", "198.51.100.7", "cf-ipcountry", "FR"}, map[string]string{"geo.country": "FR", "geo.city": "", "geo.region": ""}},
		{"an edge that does not know", "10.0.0.1", []string{"x-forwarded-for", "198.51.100.200", "cf-ipcountry", "XX"}, map[string]string{"geo.country": "AT", "geo.region": "9"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // the second time out of memory
				h := browser(c.headers...)
				h.Peer = netip.MustParseAddr(c.peer)
				e := describe(en, h, event.Event{Source: "ga4"})
				expect(t, &e, c.want)
			}
		})
	}
}

func TestThePlaceIsLookedUpBeforeTheAddressIsShortened(t *testing.T) {
	en := build(t, "enrich: {address: truncate, geo: {database: "+writeDatabase(t, "DBIP-City-Lite")+"}}")
	h := browser()
	h.Peer = netip.MustParseAddr("198.51.100.200") // the shortened address, 198.51.100.0, is in Berlin
	e := describe(en, h, event.Event{Source: "ga4"})
	en.Truncate(&e, new(event.Arena))
	expect(t, &e, map[string]string{"device.ip": "198.51.100.0", "geo.city": "Vienna"})
}

func TestADatabaseOfAnotherKindIsAMistake(t *testing.T) {
	path := writeDatabase(t, "GeoLite2-ASN")
	_, mistakes := parse("enrich: {geo: {database: " + path + "}}")
	if err := mistakes.Err(); err == nil || !strings.Contains(err.Error(), "it is a GeoLite2-ASN database; expected a City or Country one") {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, mistakes := parse("enrich: {geo: {database: " + path + "}}"); len(mistakes) != 1 {
		t.Error(mistakes.Err())
	}
}

func TestAServerSpeaksForAVisitorElsewhere(t *testing.T) {
	en := build(t, "enrich: {geo: {database: "+writeDatabase(t, "GeoLite2-City")+"}}")
	stated := event.Event{Source: "events"}
	stated.Device.IP, stated.Device.UserAgent = "2001:db8::9", pixel8

	e := describe(en, fromServer("user-agent", "python-requests/2.31"), stated)
	expect(t, &e, map[string]string{"device.ip": "2001:db8::9", "device.user_agent": pixel8, "device.type": "mobile", "device.browser": "Chrome",
		"geo.city": "New York", "device.bot": ""})

	e = describe(en, browser("user-agent", "python-requests/2.31"), event.Event{Source: "events"})
	expect(t, &e, map[string]string{"device.ip": "198.51.100.7", "geo.city": "Berlin", "device.bot": ""})

	e = describe(en, browser("user-agent", "Go-http-client/1.1"), event.Event{Source: "mp", User: event.User{ClientID: "1.2"}})
	expect(t, &e, map[string]string{"device.ip": "", "device.user_agent": "", "geo.country": "", "device.bot": ""})

	e = describe(en, fromServer("user-agent", firefox), stated) // it passes the visitor's user agent on, an older one
	expect(t, &e, map[string]string{"device.ip": "2001:db8::9", "device.user_agent": pixel8, "geo.city": "New York"})

	e = describe(en, browser("user-agent", "python-requests/2.31"), event.Event{Source: "events", Device: event.Device{UserAgent: pixel8}})
	expect(t, &e, map[string]string{"device.ip": "", "device.user_agent": pixel8, "geo.country": ""})

	stated.Device.IP = "not an address"
	stated.Geo.Country, stated.Geo.Region = "usa", "TX"
	e = describe(en, fromServer("user-agent", "Go-http-client/1.1"), stated)
	expect(t, &e, map[string]string{"device.ip": "", "geo.country": "", "geo.region": ""})
}
