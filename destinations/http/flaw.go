package http

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
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
func (e *Engine) checkHeaders() (ms document.Mistakes) {
	f := &body.Frame{Machine: e.Language.Machine(), Failed: func(error) {}}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = e.Settings.Values(), &event.Event{}
	for _, s := range e.requests {
		r := &Request{kind: s}
		s.addHeaders(r, f)
		for _, h := range r.Headers {
			if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
				ms.Add(e.At, fmt.Sprintf("%s cannot send the header %q: its name or value has characters that a header cannot hold", e.Name, h.Name),
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
		kind.url.Escape(func(formula string) bool { return slices.ContainsFunc(rootNames(formula), vocabulary) }, url.PathEscape)
	}
}
