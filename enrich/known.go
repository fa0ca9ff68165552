package enrich

import "headgate/event"

// Knows reports whether a hit brings the cookie of an earlier visit. A cookie can be made up, so that this tells many visitors
// from one that forgets them all, and proves nothing.
func (en *Enricher) Knows(h *event.Hit) bool {
	value, _ := h.CookieValue(en.identity.cookie)
	s, ok := parseStored(value)
	return ok && s.since < h.Received.Unix()
}
