package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"strings"

	"headgate/event"
)

const agentField = "signature-agent"

// request is a hit as signatures speak of it.
type request struct {
	hit    *event.Hit
	agents []member // of Signature-Agent; its old form is one member without a key
	bare   bool     // Signature-Agent has the old form
}

// base builds the text that was signed (RFC 9421, section 2.5) of a member of Signature-Input. ok is false when it covers
// something that the request does not have, twice the same, or something that is not understood.
func (r *request) base(input *item) (text string, ok bool) {
	var b strings.Builder
	seen := map[string]bool{}
	for i := range input.list {
		c := &input.list[i]
		value, ok := r.component(c)
		if c.kind != '"' || !ok || seen[c.raw] {
			return "", false
		}
		seen[c.raw] = true
		b.WriteString(c.raw)
		b.WriteString(": ")
		b.WriteString(value)
		b.WriteByte('\n')
	}
	b.WriteString(`"@signature-params": `)
	b.WriteString(input.raw) // as it came: whoever signed it has chosen the order
	return b.String(), true
}

// component is the value of one component of the request.
func (r *request) component(c *item) (string, bool) {
	if c.text == agentField {
		return r.agentLine(c)
	}
	if len(c.params) > 0 {
		return "", false
	}
	h := r.hit
	switch c.text {
	case "@authority":
		return authority(h), true
	case "@target-uri":
		uri := h.Scheme + "://" + authority(h) + sentPath(h)
		if h.Query != "" {
			uri += "?" + h.Query
		}
		return uri, true
	case "@scheme":
		return h.Scheme, true
	case "@method":
		return h.Method, true
	case "@path":
		return sentPath(h), true
	case "@query":
		return "?" + h.Query, true
	case "content-digest":
		value, there := field(h, c.text)
		return value, there && digestHolds(value, h.Body)
	}
	if strings.HasPrefix(c.text, "@") || c.text == "" {
		return "", false
	}
	if c.text == "cookie" {
		return h.Cookie, h.Cookie != ""
	}
	return field(h, c.text)
}

// agentLine is what stands in the signed text for Signature-Agent: the member that the component's parameter key names, or the
// whole of its old form.
func (r *request) agentLine(c *item) (string, bool) {
	key, named := c.param("key", '"')
	if !named {
		if len(c.params) > 0 || !r.bare {
			return "", false
		}
		return r.agents[0].raw, true
	}
	if m := r.agent(key.text); m != nil && len(c.params) == 1 {
		return m.raw, true
	}
	return "", false
}

// agent returns the member of Signature-Agent with a key, nil when there is none.
func (r *request) agent(key string) *member {
	for i := range r.agents {
		if !r.bare && r.agents[i].key == key {
			return &r.agents[i]
		}
	}
	return nil
}

// authority is the host that the request was sent to: in lower case, without the port that the scheme implies (RFC 9421, section
// 2.2.3).
func authority(h *event.Hit) string {
	host := strings.ToLower(h.Host)
	if h.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

func sentPath(h *event.Hit) string {
	if h.RawPath != "" {
		return h.RawPath
	}
	return h.Path
}

// field is the value of a header: of several lines, joined as one list.
func field(h *event.Hit, name string) (value string, there bool) {
	for i := range h.Headers {
		if h.Headers[i].Name != name {
			continue
		}
		if there {
			value += ", "
		}
		value, there = value+h.Headers[i].Value, true
	}
	return value, there
}

// digestHolds reports whether a Content-Digest (RFC 9530) is that of a body: all digests that are understood must be, and one at
// least.
func digestHolds(value string, body []byte) bool {
	members, err := dictionary(value, mostSignatures)
	known := false
	for i := range members {
		var sum []byte
		switch members[i].key {
		case "sha-256":
			s := sha256.Sum256(body)
			sum = s[:]
		case "sha-512":
			s := sha512.Sum512(body)
			sum = s[:]
		default:
			continue
		}
		if !bytes.Equal(members[i].bytes, sum) {
			return false
		}
		known = true
	}
	return err == nil && known
}
