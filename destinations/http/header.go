package http

import (
	"strings"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/event"
)

// setHeader sets a header, in the place of one with the same name; an empty one is left out.
func setHeader(hs event.Headers, name, value string) event.Headers {
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

// addQuery adds parameters to an address that may have some; empty ones are left out, lists are repeated.
func addQuery(address string, query []pair, f *body.Frame) string {
	for _, p := range query {
		v := f.Value(p.value)
		for _, one := range v.List() {
			address = addParam(address, p.name, one.Text())
		}
		address = addParam(address, p.name, v.Text())
	}
	return address
}

func addParam(address, name, value string) string {
	if value == "" {
		return address
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + destinations.QueryEscape(name) + "=" + destinations.QueryEscape(value)
}
