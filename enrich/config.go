package enrich

import (
	"slices"
	"strconv"
	"strings"

	"headgate/document"
)

// Config is the section `enrich:`.
type Config struct {
	Geo     GeoConfig     `yaml:"geo" help:"Where the visitor is: from headers of a trusted edge, then from a database"`
	Bots    BotPolicy     `yaml:"bots" help:"Crawlers, monitors and scripts: drop them, flag them (device.bot), or keep them unmarked" example:"drop"`
	Traffic TrafficConfig `yaml:"traffic" help:"How crawlers, AI agents and data centres are told from people: see docs/traffic.md"`
	// Address is applied after consent and before anything is stored.
	Address       AddressPolicy `yaml:"address" help:"The visitor's address: by_consent (whole with ads consent, else truncated), truncate (IPv4 /24, IPv6 /48), drop or keep" example:"by_consent"`
	AddressHeader string        `yaml:"address_header" help:"A header in which a trusted proxy writes the visitor's address, preferred to X-Forwarded-For" example:"CF-Connecting-IP"`
}

// Defaults are the settings of a file that says nothing.
func Defaults() Config {
	return Config{Bots: dropBots, Address: addressByConsent, Traffic: TrafficConfig{Signatures: true}}
}

// BotPolicy is what to do with bots.
type BotPolicy string

const (
	dropBots BotPolicy = "drop"
	flagBots BotPolicy = "flag"
	keepBots BotPolicy = "keep"
)

// AddressPolicy is what to keep of a visitor's address.
type AddressPolicy string

const (
	addressByConsent AddressPolicy = "by_consent"
	addressTruncate  AddressPolicy = "truncate"
	addressDrop      AddressPolicy = "drop"
	addressKeep      AddressPolicy = "keep"
)

var (
	botPolicies     = []string{string(dropBots), string(flagBots), string(keepBots)}
	addressPolicies = []string{string(addressByConsent), string(addressTruncate), string(addressDrop), string(addressKeep)}
)

// DecodeDocument reads one of the policies.
func (p *BotPolicy) DecodeDocument(n *document.Node) document.Mistakes {
	return decodeChoice(n, "bots", (*string)(p), botPolicies)
}

// DocumentShape is the shape of a policy.
func (*BotPolicy) DocumentShape() *document.Shape { return document.Choice(botPolicies...) }

// DecodeDocument reads one of the policies.
func (p *AddressPolicy) DecodeDocument(n *document.Node) document.Mistakes {
	return decodeChoice(n, "address", (*string)(p), addressPolicies)
}

// DocumentShape is the shape of a policy.
func (*AddressPolicy) DocumentShape() *document.Shape { return document.Choice(addressPolicies...) }

// GeoConfig says where to learn a visitor's place from.
type GeoConfig struct {
	Headers  GeoHeaders     `yaml:"headers" help:"An edge's name (cloudflare, cloudfront, app_engine, google_lb, vercel, akamai, netlify, bunny, x_geo) or the names of the headers: country, region, city, postal_code, continent" example:"cloudflare"`
	Database document.Words `yaml:"database" help:"A MaxMind database file (GeoLite2-City or the like), asked for what the headers do not say" example:"/data/geo.mmdb"`
}

// GeoHeaders are the names of the headers in which an edge says where the visitor is; "" means it does not say.
type GeoHeaders struct {
	Country, Region, City, PostalCode, Continent string
	// Composite is one header that holds all, as key=value pairs with commas: Akamai's.
	Composite string
	// Encoded is one header that holds all as JSON in base64: Netlify's.
	Encoded string
}

// geoHeaderNames is how they are written when the edge is none of the known ones.
type geoHeaderNames struct {
	Country    string `yaml:"country" help:"ISO 3166-1 alpha-2" example:"CF-IPCountry"`
	Region     string `yaml:"region" help:"ISO 3166-2, with or without the country" example:"CF-Region-Code"`
	City       string `yaml:"city" example:"CF-IPCity"`
	PostalCode string `yaml:"postal_code" example:"CF-Postal-Code"`
	Continent  string `yaml:"continent" example:"CF-IPContinent"`
}

// DecodeDocument reads the name of an edge or a map of header names.
func (g *GeoHeaders) DecodeDocument(n *document.Node) document.Mistakes {
	var mistakes document.Mistakes
	switch n.Kind {
	case document.Null:
	case document.Text:
		preset, ok := edges[n.Text]
		if !ok {
			mistakes.Add(n.At, "no edge is called "+strconv.Quote(n.Text), document.OneOf(n.Text, sortedKeys(edges)))
			break
		}
		*g = preset
	case document.Map:
		var names geoHeaderNames
		mistakes = document.Decode(n, &names)
		*g = GeoHeaders{names.Country, names.Region, names.City, names.PostalCode, names.Continent, "", ""}
	default:
		mistakes.Add(n.At, "expected the name of an edge or a map of header names", "write cloudflare, or {country: X-Country}")
	}
	return mistakes
}

// DocumentShape is the shape of both ways to write them.
func (*GeoHeaders) DocumentShape() *document.Shape {
	return document.AnyOf(document.Choice(sortedKeys(edges)...), document.Schema(&geoHeaderNames{}))
}

func decodeChoice(n *document.Node, key string, into *string, allowed []string) document.Mistakes {
	var word string
	mistakes := document.Decode(n, &word)
	if len(mistakes) > 0 || len(n.Missing) > 0 {
		return mistakes
	}
	if !slices.Contains(allowed, word) {
		mistakes.Add(n.At, key+" cannot be "+strconv.Quote(word), document.OneOf(word, allowed))
		return mistakes
	}
	*into = word
	return nil
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// isToken reports whether a text can name a cookie (RFC 6265: a token of RFC 2616).
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
