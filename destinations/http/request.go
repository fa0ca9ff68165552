package http

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"headgate/destinations/http/body"
	"headgate/event/trace"
)

// Request is one request as Encode makes it: without what only the sender adds: credentials and compression.
type Request struct {
	trace.Request // its notes, of a request that is shown, are what was changed or left out because the vendor requires it

	to         *endpoint
	key        string // of batch.by
	rows       []body.Row
	brokenLine bool // of a body of lines, one holds a line break
}

// Positions are the indexes, in the batch, of the events in the request.
func (r *Request) Positions() []int {
	positions := make([]int, len(r.rows))
	for i := range r.rows {
		positions[i] = r.rows[i].Sending
	}
	return positions
}

// Format is the format of the body: json, form, json_lines, lines or text.
func (r *Request) Format() string { return r.to.format }

// form are the fields of a form body, nil for any other.
func (r *Request) form() url.Values {
	if r.to.format != "form" {
		return nil
	}
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return nil
	}
	return values
}

// flaw says why a request can never be sent, "" when it can: what an event says may not fit into an address, a header or a
// line. The event is to blame then, not the vendor or our settings.
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
	if r.to.format == "lines" && r.brokenLine {
		return "its line of the body would hold a line break"
	}
	if !r.to.dynamic {
		return ""
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return "its address would not be valid"
	}
	if base, err := url.Parse(r.to.address); err == nil && u.Hostname() != base.Hostname() {
		return fmt.Sprintf("its address would be on %s, which is not a host of this destination", u.Hostname())
	}
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if segment == "." || segment == ".." {
			return "its address would point to another folder"
		}
	}
	return ""
}
