package enrich

import "headgate/event"

// Knows reports whether a hit brings the cookie of an earlier visit. A cookie can be forged, so this only distinguishes
// many visitors from one that forgets its cookies, and proves nothing.
func (en *Enricher) Knows(h *event.Hit) bool {
	value, _ := h.CookieValue(en.identity.cookie)
	s, ok := en.identity.parse(value, "")
	return ok && s.since < h.Received.Unix()
}
