package body

import (
	"strings"

	"headgate/destinations"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Pair is a name with a template: a header, a query parameter.
type Pair struct {
	Name  string
	Value *rules.Template
}

// CompilePairs compiles the lines of a file: headers, parameters, form fields.
func CompilePairs(c *destinations.Formulas, o document.Ordered[*document.Node], s rules.Scope) []Pair {
	out := make([]Pair, 0, len(o))
	for _, e := range o {
		if t := c.Template(e.Value, s); t != nil {
			out = append(out, Pair{e.Key, t})
		}
	}
	return out
}

// SetHeader sets a header, in the place of one with the same name; an empty one is left out.
func SetHeader(hs event.Headers, name, value string) event.Headers {
	if value == "" {
		return hs
	}
	for i := range hs {
		if strings.EqualFold(hs[i].Name, name) {
			hs[i].Value = value
			return hs
		}
	}
	return append(hs, event.Header{Name: name, Value: value})
}

// AddQuery adds parameters to an address that may have some; empty ones are left out, lists are repeated.
func AddQuery(address string, query []Pair, f *Frame) string {
	for _, p := range query {
		v := f.Value(p.Value)
		for _, one := range v.List() {
			address = AddParam(address, p.Name, one.Text())
		}
		address = AddParam(address, p.Name, v.Text())
	}
	return address
}

// AddParam adds a parameter to an address, unless its value is empty.
func AddParam(address, name, value string) string {
	if value == "" {
		return address
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + settings.QueryEscape(name) + "=" + settings.QueryEscape(value)
}
