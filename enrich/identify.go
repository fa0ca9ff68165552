package enrich

import (
	"slices"

	"headgate/enrich/cookie"
	"headgate/enrich/identity"
	"headgate/event"
)

// lend gives an event that names no client or session the ones that the browser's cookies hold. Client and session come from
// one place: Google's session is lent only where the client is Google's too, since a session of another client would be a
// second visitor to every analytics tool. Without the cookie _ga there is no other client that it could belong to than the
// browser's, so only a client that the event names itself goes without.
func (v *Visit) lend(e *event.Event) {
	named, lent := e.User.ClientID != "", false
	if !named && v.stored.ID != "" {
		e.User.ClientID, lent = v.stored.ID, true
	}
	belongs := e.User.ClientID == v.jar.client
	if v.jar.client == "" {
		belongs = !named
	}
	if e.Session.ID == "" && belongs && v.jar.session != "" {
		e.Session.ID, e.Session.Number, lent = v.jar.session, v.jar.sessions, true
		e.Session.Start = identity.StartOf(v.jar.session)
	}
	if lent {
		v.lent = append(v.lent, e)
	}
}

// BrowserID returns the client id in the cookies of the browser that sent an event, whatever the event says itself; "" for
// one that a server sent for a visitor elsewhere. The event was described.
func (v *Visit) BrowserID(e *event.Event) string {
	if slices.Contains(v.strangers, e) {
		return ""
	}
	return v.stored.ID
}

// Owns reports whether the cookies of the request hold a client id: our own, or one of the others that may be adopted.
func (v *Visit) Owns(clientID string) bool {
	return clientID != "" && (clientID == v.stored.ID && !v.linked || v.en.identity.Holds(v.hit.Cookie, clientID))
}

func (v *Visit) takeBack(e *event.Event) {
	if e.User.ClientID == v.stored.ID {
		e.User.ClientID = ""
	}
	if e.Session.ID == v.jar.session {
		e.Session = event.Session{Engaged: e.Session.Engaged}
	}
}

// Identify settles the id of a described event once its consent is resolved. Where the identity's purpose is granted, an
// event without an id gets the browser's, which is minted if there is none; the first one that a client says is kept for
// later events that say none. Where it is not, what was taken from cookies is removed again. Click ids are kept and added to later
// events where ads are granted. An event that a server sent for a visitor elsewhere is left alone, since the connection is not the
// visitor's, and so is one of a hit that is to stay anonymous.
func (v *Visit) Identify(e *event.Event) {
	if v.hit.Sender == event.Server || v.hit.Anonymous {
		return
	}
	relayed := slices.Contains(v.strangers, e)
	if !relayed {
		v.credit(e)
		if v.keeps() {
			v.consents.note(e)
		}
	}
	if granted, _ := e.Consent.Get(v.en.identity.purpose).Bool(); !granted {
		v.refused = true
		if slices.Contains(v.lent, e) {
			v.takeBack(e)
		}
		return
	}
	if relayed {
		return
	}
	v.granted = true
	if v.stored.ID == "" {
		v.stored = identity.Stored{ID: e.User.ClientID, Since: v.hit.Received.Unix()}
		if !identity.IsID(v.stored.ID) {
			v.stored.ID = v.en.identity.Mint(v.hit.Received)
		}
	}
	if e.User.ClientID == "" {
		e.User.ClientID = v.stored.ID
	}
	v.follow(e)
}

// Cookies appends the Set-Cookie headers that the answer to the hit is to carry, after all its events were identified. Site is the
// domain that the site's configuration names for cookies; "" means the host's registrable domain.
func (v *Visit) Cookies(headers event.Headers, site string) event.Headers {
	id := &v.en.identity
	if id.anonymous {
		return v.forget(headers, site)
	}
	domain, secure := v.reach(site)
	var room [1024]byte
	both := v.appendID(room[:0], domain, secure)
	first := len(both)
	both = v.appendClicks(both, domain, secure)
	text := string(both) // one allocation
	for _, one := range [...]string{text[:first], text[first:]} {
		if one != "" {
			headers = append(headers, setCookie(one))
		}
	}
	if id.sessions != nil || id.keeper != nil || id.meta != nil || id.link != nil {
		return v.moreCookies(headers, site)
	}
	return headers
}

// moreCookies appends the headers of what is off unless the configuration has it.
func (v *Visit) moreCookies(headers event.Headers, site string) event.Headers {
	site, secure := v.reach(site)
	headers = v.appendCompanion(headers, site, secure)
	headers = v.appendSession(headers, site, secure)
	headers = v.appendMeta(headers, site, secure)
	return v.appendKept(headers, site, secure)
}

// forget removes the cookies of ours that a browser still has.
func (v *Visit) forget(headers event.Headers, site string) event.Headers {
	site, secure := v.reach(site)
	for _, name := range [...]string{v.en.identity.Cookie, v.en.identity.clicks} {
		if _, had := v.hit.CookieValue(name); had && v.hit.Sender != event.Server {
			headers = append(headers, setCookie(cookie.Expired(name, site, secure)))
		}
	}
	return headers
}

// appendID appends the Set-Cookie text for the client id: our cookie where an id is allowed, its end where the browser has it and one
// event refused it.
func (v *Visit) appendID(b []byte, site string, secure bool) []byte {
	switch {
	case v.refused && v.jar.own != "":
		return append(b, cookie.Expired(v.en.identity.Cookie, site, secure)...)
	case v.refused || !v.granted:
		return b
	}
	return v.en.identity.AppendCookie(b, v.stored, site, secure, v.hit.Received)
}

// Knows reports whether a hit brings the cookie of an earlier visit. A cookie can be forged, so this only distinguishes
// many visitors from one that forgets its cookies, and proves nothing.
func (en *Enricher) Knows(h *event.Hit) bool {
	value, _ := h.CookieValue(en.identity.Cookie)
	s, ok := en.identity.Parse(value, "")
	return ok && s.Since < h.Received.Unix()
}
