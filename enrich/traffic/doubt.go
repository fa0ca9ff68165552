package traffic

import (
	"slices"
	"strings"
)

// Doubt is a thing that a person's browser does not do. One alone means nothing: proxies and privacy tools do such things too.
type Doubt uint8

// The doubts.
const (
	BareHeaders  Doubt = 1 << iota // a browser that says neither its language nor how the request came about
	Hintless                       // a Chromium without client hints, over https
	InDataCentre                   // its address is one of a hosting company
)

// String names what speaks against a person.
func (d Doubt) String() string {
	var names []string
	for bit, name := range map[Doubt]string{BareHeaders: "it says neither its language nor how the request came about", Hintless: "it claims to be Chrome and sends no client hints",
		InDataCentre: "it comes from a data centre"} {
		if d&bit != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", and ")
}

// Suspicious reports whether there are two of them.
func (d Doubt) Suspicious() bool { return d&(d-1) != 0 }
