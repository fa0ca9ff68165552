package enrich

import (
	"net/netip"
	"slices"

	"headgate/enrich/address"
	"headgate/event"
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
		if a, ok := address.Parse(h.Headers.Get(en.addressHeader)); ok {
			h.Address = a
			return
		}
	}
	// A proxy that writes X-Forwarded-For passes a client's Forwarded on as it arrived, so it counts only where there is no
	// line of the other, not even an empty one.
	if slices.ContainsFunc(h.Headers, func(line event.Header) bool { return line.Name == "x-forwarded-for" }) {
		h.Address = en.walk(h, "x-forwarded-for", address.Parse)
	} else {
		h.Address = en.walk(h, "forwarded", address.ParseForwarded)
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
			rest, hop, more = address.CutLast(rest)
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

// Truncate applies the address policy to an event whose consent is resolved, before anything is stored: the whole address
// only where the policy and the visitor's consent allow it. It returns what holds of the address wherever else it stands, also
// where a rule puts it later.
func (en *Enricher) Truncate(e *event.Event, texts *event.Arena) event.AddressRule {
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
		e.Device.IP = texts.TruncatedAddress(e.Device.IP)
	case event.DropAddress:
		e.Device.IP = ""
	}
	return rule
}
