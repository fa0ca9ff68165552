package event

import "headgate/event/keys"

// Block describes the param below which a source keeps, under its protocol's own names, what the vocabulary has no field
// for. Every source declares its own; enrich and consent know the names of a protocol from here only.
type Block struct {
	Param string // its key among the params; "" where the source keeps none

	// Query says that the block holds all parameters of the hit's query that are consent strings, by the names that their
	// standards give them.
	Query bool

	// Where the page's consent stands in the block: paths, "" where the protocol has none.
	Categories string // an object of category: true or false
	Allowed    string // a list of categories
	Denied     string // a list of categories

	Hints HintNames
}

// HintNames are the names under which a script sends the browser's client hints, which it asks for itself: a list of brands
// as name;version|name;version, each part percent-encoded, the platform, its version, and 0 or 1 for mobile.
type HintNames struct{ Brands, Platform, PlatformVersion, Mobile string }

// At returns what stands at a path of an object, such as consent.categories; null when there is nothing.
func (m Map) At(path string) Value {
	for i := range len(path) {
		if path[i] == '.' {
			return m.Get(path[:i]).Object().At(path[i+1:])
		}
	}
	return m.Get(path)
}

// Stated is what a hit says of a visitor where no field or key says what it is: an address or a user agent on someone's behalf,
// which is taken out of its events unless the sender proved to be one of the site's servers, or a part of one of our cookies. It
// is looked for when what it means is redacted.
type Stated struct {
	Meaning keys.Meaning // Address, Agent, ID or Click
	Value   string
}
