// Package place finds out where a visitor is: from the headers of an edge, whose names it knows, or from a database of addresses.
package place

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// edges are the headers that known edges write, each as its documentation names them.
var edges = map[string]Headers{
	// https://developers.cloudflare.com/rules/transform/managed-transforms/reference/ ("Add visitor location headers")
	"cloudflare": {Country: "cf-ipcountry", Region: "cf-region-code", City: "cf-ipcity", PostalCode: "cf-postal-code", Continent: "cf-ipcontinent"},
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
	"cloudfront": {Country: "cloudfront-viewer-country", Region: "cloudfront-viewer-country-region", City: "cloudfront-viewer-city", PostalCode: "cloudfront-viewer-postal-code"},
	// https://cloud.google.com/appengine/docs/flexible/reference/request-headers
	"app_engine": {Country: "x-appengine-country", Region: "x-appengine-region", City: "x-appengine-city"},
	// Custom request headers of Google's load balancer, by the names that server-side tag managers agreed on.
	"google_lb": {Country: "x-gclb-country", Region: "x-gclb-region"},
	// https://vercel.com/docs/headers/request-headers
	"vercel": {Country: "x-vercel-ip-country", Region: "x-vercel-ip-country-region", City: "x-vercel-ip-city", PostalCode: "x-vercel-ip-postal-code", Continent: "x-vercel-ip-continent"},
	// https://techdocs.akamai.com/edgescape/docs/edgescape-header
	"akamai": {Composite: "x-akamai-edgescape"},
	// https://docs.netlify.com/build/edge-functions/api/#geo: JSON in base64; the header itself is unconfirmed.
	"netlify": {Encoded: "x-nf-geo"},
	// https://docs.bunny.net/docs/edge-scripting-headers, unconfirmed.
	"bunny": {Country: "cdn-requestcountrycode"},
	// What hosts of server-side tag managers call them, such as Stape and Usercentrics.
	"x_geo": {Country: "x-geo-country", Region: "x-geo-region", City: "x-geo-city"},
}

// Lower returns the names in lower case, as Read needs them.
func (g Headers) Lower() Headers {
	for _, name := range []*string{&g.Country, &g.Region, &g.City, &g.PostalCode, &g.Continent, &g.Composite, &g.Encoded} {
		*name = strings.ToLower(*name)
	}
	return g
}

// Read returns what the headers of a hit say. Only a trusted peer's headers may be given to it.
func (g *Headers) Read(hs event.Headers) event.Geo {
	if g.Composite != "" {
		return readComposite(hs.Get(g.Composite))
	}
	if g.Encoded != "" {
		return readEncoded(hs.Get(g.Encoded))
	}
	if g.Country == "" {
		return event.Geo{}
	}
	geo := event.Geo{Country: wire.Country(hs.Get(g.Country))}
	if geo.Country == "" {
		return event.Geo{} // a location without a country is ignored
	}
	geo.Region = region(header(hs, g.Region), geo.Country)
	geo.City = place(header(hs, g.City))
	geo.PostalCode = place(header(hs, g.PostalCode))
	geo.Continent = continent(header(hs, g.Continent))
	return geo
}

func header(hs event.Headers, name string) string {
	if name == "" {
		return ""
	}
	return hs.Get(name)
}

// readComposite reads georegion=246,country_code=US,region_code=CA,city=SANJOSE,zip=95103-95141,continent=NA.
func readComposite(value string) (geo event.Geo) {
	var subdivision string
	for pair := range strings.SplitSeq(value, ",") {
		key, v, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch key {
		case "country_code":
			geo.Country = wire.Country(v)
		case "region_code":
			subdivision = v
		case "city":
			geo.City = place(v)
		case "zip":
			geo.PostalCode, _, _ = strings.Cut(place(v), "-")
		case "continent":
			geo.Continent = continent(v)
		}
	}
	if geo.Country == "" {
		return event.Geo{}
	}
	geo.Region = region(subdivision, geo.Country)
	return geo
}

// readEncoded reads {"country":{"code":"US"},"subdivision":{"code":"CA"},"city":"San Jose","postalCode":"95103"} in base64.
func readEncoded(value string) (geo event.Geo) {
	const most = 2 << 10
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(value) > most {
		return event.Geo{}
	}
	var said struct {
		City    string `json:"city"`
		Country struct {
			Code string `json:"code"`
		} `json:"country"`
		Subdivision struct {
			Code string `json:"code"`
		} `json:"subdivision"`
		PostalCode string `json:"postalCode"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return event.Geo{}
	}
	if geo.Country = wire.Country(said.Country.Code); geo.Country == "" {
		return event.Geo{}
	}
	geo.Region, geo.City, geo.PostalCode = region(said.Subdivision.Code, geo.Country), place(said.City), place(said.PostalCode)
	return geo
}

// Filled returns a place with what another source knows where it is silent itself.
func Filled(g, from event.Geo) event.Geo {
	if g.Country == "" {
		g.Country = from.Country
	}
	if g.Region == "" {
		g.Region = from.Region
	}
	if g.City == "" {
		g.City = from.City
	}
	if g.PostalCode == "" {
		g.PostalCode = from.PostalCode
	}
	if g.Continent == "" {
		g.Continent = from.Continent
	}
	return g
}

// region returns an ISO 3166-2 code without its country, which some write before it: DE-BY, USCA.
func region(s, country string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if rest, ok := strings.CutPrefix(s, country); ok && (len(s) > 3 || strings.HasPrefix(rest, "-")) {
		s = strings.TrimPrefix(rest, "-")
	}
	if len(s) == 0 || len(s) > 3 || s == "ZZ" || s == "XX" {
		return ""
	}
	for i := range len(s) {
		if !wire.IsLetter(s[i]) && (s[i] < '0' || s[i] > '9') {
			return ""
		}
	}
	return s
}

func continent(s string) string {
	switch s = strings.ToUpper(s); s {
	case "AF", "AN", "AS", "EU", "NA", "OC", "SA":
		return s
	}
	return ""
}

// place returns a city or postal code; Vercel percent-encodes them, App Engine writes a question mark for none.
func place(s string) string {
	s = strings.TrimSpace(s)
	if s == "?" || len(s) > 100 {
		return ""
	}
	return wire.UnescapePercent(s)
}

// union are the members of the European Union, by ISO 3166-1.
const union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// InUnion reports whether a country is a member of the European Union. Its outermost regions have codes of their own in
// ISO 3166-1 (GF, GP, MQ, RE, YT) and are part of it too.
func InUnion(country string) bool {
	if len(country) != 2 {
		return false
	}
	switch country {
	case "GF", "GP", "MF", "MQ", "RE", "YT":
		return true
	}
	return strings.Contains(union, country)
}
