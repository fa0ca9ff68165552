package place

import (
	"maps"
	"slices"
	"strconv"

	"headgate/document"
	"headgate/document/shape"
)

// Config says where to learn a visitor's place from.
type Config struct {
	Headers  Headers        `yaml:"headers" help:"An edge's name (cloudflare, cloudfront, app_engine, google_lb, vercel, akamai, netlify, bunny, x_geo) or the names of the headers: country, region, city, postal_code, continent" example:"cloudflare"`
	Database document.Words `yaml:"database" help:"A MaxMind database file (GeoLite2-City or the like), asked for what the headers do not say" example:"/data/geo.mmdb"`
}

// Headers are the names of the headers in which an edge says where the visitor is; "" means it does not say.
type Headers struct {
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
func (g *Headers) DecodeDocument(n *document.Node) document.Mistakes {
	var mistakes document.Mistakes
	switch n.Kind {
	case document.Null:
	case document.Text:
		preset, ok := edges[n.Text]
		if !ok {
			mistakes.Add(n.At, "no edge is called "+strconv.Quote(n.Text), document.OneOf(n.Text, slices.Sorted(maps.Keys(edges))))
			break
		}
		*g = preset
	case document.Map:
		var names geoHeaderNames
		mistakes = document.Decode(n, &names)
		*g = Headers{names.Country, names.Region, names.City, names.PostalCode, names.Continent, "", ""}
	default:
		mistakes.Add(n.At, "expected the name of an edge or a map of header names", "write cloudflare, or {country: X-Country}")
	}
	return mistakes
}

// DocumentShape is the shape of both ways to write them.
func (*Headers) DocumentShape() *shape.Shape {
	return shape.AnyOf(shape.Choice(slices.Sorted(maps.Keys(edges))...), document.Schema(&geoHeaderNames{}))
}
