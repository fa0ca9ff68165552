package enrich

import (
	"slices"
	"strings"
)

// doubt is a thing that a person's browser does not do. One alone means nothing: proxies and privacy tools do such things too.
type doubt uint8

const (
	bareHeaders  doubt = 1 << iota // a browser that says neither its language nor how the request came about
	hintless                       // a Chromium without client hints, over https
	inDataCentre                   // its address is one of a hosting company
)

// String names what speaks against a person.
func (d doubt) String() string {
	var names []string
	for bit, name := range map[doubt]string{bareHeaders: "it says neither its language nor how the request came about", hintless: "it claims to be Chrome and sends no client hints",
		inDataCentre: "it comes from a data centre"} {
		if d&bit != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", and ")
}

// suspicious reports whether there are two of them.
func (d doubt) suspicious() bool { return d&(d-1) != 0 }
