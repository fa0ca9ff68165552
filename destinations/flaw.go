package destinations

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"headgate/document"
)

// flaw says why a request can never be sent, "" when it can: what an event says may not fit into an address, a header or a
// line. The event is to blame then, neither the vendor nor our settings.
func (r *Request) flaw() string {
	for i := range r.Headers {
		h := &r.Headers[i]
		if !httpguts.ValidHeaderFieldName(h.Name) {
			return fmt.Sprintf("%q cannot be the name of a header", h.Name)
		}
		if !httpguts.ValidHeaderFieldValue(h.Value) {
			return fmt.Sprintf("its header %s would hold a line break or another control character", h.Name)
		}
	}
	if r.kind.format == "lines" && r.brokenLine {
		return "its line of the body would hold a line break"
	}
	if !r.kind.dynamic {
		return ""
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return "its address would not be valid"
	}
	if base, err := url.Parse(r.kind.address); err == nil && u.Hostname() != base.Hostname() {
		return fmt.Sprintf("its address would be on %s, which is no host of this destination", u.Hostname())
	}
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if segment == "." || segment == ".." {
			return "its address would point to another folder"
		}
	}
	return ""
}

// checkHeaders finds headers that settings alone make impossible: they would reject every event.
func (d *Destination) checkHeaders(at document.Place) (ms document.Mistakes) {
	f := &frame{machine: d.language.Machine(), failed: func(error) {}}
	defer f.machine.Release()
	f.env.Settings, f.env.Event = d.settings.values, emptyEvent()
	for _, s := range d.sends {
		r := &Request{kind: s}
		s.addHeaders(r, f)
		for _, h := range r.Headers {
			if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
				ms.Add(at, fmt.Sprintf("%s cannot send the header %q: its name or value has characters that a header cannot hold", d.name, h.Name),
					"write it on one line, without control characters")
			}
		}
	}
	return ms
}

// escaped lets what events say stand in an address as a part of it: a slash or a question mark in it would make another
// address of it. What comes from settings alone stays as it is written.
func (kind *request) escaped() {
	if kind.url != nil && kind.dynamic {
		kind.url.EscapeEvents(url.PathEscape)
	}
}
