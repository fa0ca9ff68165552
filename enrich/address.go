package enrich

import (
	"net/netip"
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// Client finds the visitor's address behind the proxies that are trusted, and notes whether the peer is one of them. A peer
// that is not trusted is the visitor, whatever its headers say. One that is trusted says as well whether the visitor used HTTPS.
func (en *Enricher) Client(h *event.Hit) {
	h.Peer = h.Peer.Unmap().WithZone("")
	h.Address, h.Trusted = h.Peer, en.trusted.Contains(h.Peer)
	if !h.Trusted {
		return
	}
	if scheme := h.Headers.Get("x-forwarded-proto"); scheme == "https" || scheme == "http" {
		h.Scheme = scheme // of what the visitor has called
	}
	if en.addressHeader != "" {
		if a, ok := parseAddress(h.Headers.Get(en.addressHeader)); ok {
			h.Address = a
			return
		}
	}
	// A proxy that writes X-Forwarded-For passes a client's Forwarded on as it arrived, so it counts only where there is no
	// line of the other, not even an empty one.
	if slices.ContainsFunc(h.Headers, func(line event.Header) bool { return line.Name == "x-forwarded-for" }) {
		h.Address = en.walk(h, "x-forwarded-for", parseAddress)
	} else {
		h.Address = en.walk(h, "forwarded", parseForwarded)
	}
}

// walk goes through a list header from the hop nearest to us outwards, as long as each hop is trusted to have written down
// the next one truly, and returns the farthest address it can believe. What cannot be read ends it.
func (en *Enricher) walk(h *event.Hit, header string, parse func(string) (netip.Addr, bool)) netip.Addr {
	at := h.Peer
	for i := len(h.Headers) - 1; i >= 0; i-- {
		if h.Headers[i].Name != header {
			continue
		}
		for rest, more := h.Headers[i].Value, true; more; {
			var hop string
			rest, hop, more = cutLast(rest)
			if hop == "" {
				continue
			}
			a, ok := parse(hop)
			if !ok {
				return at
			}
			at = a
			if !en.trusted.Contains(at) {
				return at
			}
		}
	}
	return at
}

// cutLast takes the last element off a comma-separated list; more is false when it was the only one. A comma within quotes
// cuts too: such an element is no address, so it ends the walk.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", strings.TrimSpace(list), false
	}
	return list[:i], strings.TrimSpace(list[i+1:]), true
}

// parseAddress reads an address as proxies write it: with a port, in brackets, or with a zone, which are all taken off.
func parseAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "["); ok {
		inside, port, closed := strings.Cut(rest, "]")
		if !closed || !(port == "" || port[0] == ':' && wire.IsDigits(port[1:])) {
			return netip.Addr{}, false
		}
		s = inside
	} else if host, port, ok := strings.Cut(s, ":"); ok && wire.IsDigits(port) {
		s = host // an IPv6 address without brackets has more than one colon
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.IsUnspecified() {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}

// parseForwarded reads the address of one hop of RFC 7239: for="[2001:db8::1]:4711";proto=https.
func parseForwarded(hop string) (netip.Addr, bool) {
	for pair := range strings.SplitSeq(hop, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || !strings.EqualFold(name, "for") {
			continue
		}
		if unquoted, ok := strings.CutPrefix(value, `"`); ok {
			if value, ok = strings.CutSuffix(unquoted, `"`); !ok {
				return netip.Addr{}, false
			}
		}
		return parseAddress(value)
	}
	return netip.Addr{}, false
}

// Truncate applies the address policy to an event whose consent is resolved, before anything is stored: the whole address
// only where the policy and the visitor's consent allow it. It returns what holds of the address wherever else it stands, also
// where a rule puts it later.
func (en *Enricher) Truncate(e *event.Event) event.AddressRule {
	rule := event.TruncateAddress
	switch en.address {
	case addressKeep:
		rule = event.KeepAddress
	case addressDrop:
		rule = event.DropAddress
	case addressByConsent:
		if granted, _ := e.Consent.Get("ads").Bool(); granted {
			rule = event.KeepAddress
		}
	}
	if rule != event.KeepAddress && en.identity.meta != nil {
		e.Cookies.Delete("_fbi") // Meta's copy of it
	}
	switch rule {
	case event.TruncateAddress:
		e.Device.IP = event.TruncatedAddress(e.Device.IP)
	case event.DropAddress:
		e.Device.IP = ""
	}
	return rule
}
