package enrich

import (
	"time"

	"headgate/enrich/cookie"
	"headgate/enrich/session"
	"headgate/event"
)

// follow gives an event, whose visitor granted the identity's purpose, the session that it belongs to, if it says none itself and
// is about the browser's own client. An event that happened before the pause that ends a session has none: it is late.
func (v *Visit) follow(e *event.Event) {
	s := v.en.identity.sessions
	if s == nil || e.Session.ID != "" || e.User.ClientID != v.stored.ID {
		return
	}
	at, now := e.Time, v.hit.Received
	switch {
	case at.IsZero() || at.After(now):
		at = now
	case now.Sub(at) > s.timeout:
		return
	}
	if v.session.Number == 0 {
		value, _ := v.hit.CookieValue(s.cookie)
		v.session, _ = s.signer.Read(value, v.stored.ID)
	}
	seconds, _ := e.Params.Get("engagement_time_msec").Float()
	v.session = v.session.Next(session.Event{At: at, PageView: e.Name == "page_view",
		Engagement: time.Duration(min(max(seconds, 0), 1e9)) * time.Millisecond}, s.timeout)
	v.followed = true
	e.Session = event.Session{ID: v.session.ID(), Number: v.session.Number, Engaged: e.Session.Engaged || v.session.Engaged(),
		Start: time.Unix(v.session.Start, 0).UTC()}
}

// appendSession appends the Set-Cookie header for the session: its end where one event of the hit refused.
func (v *Visit) appendSession(headers event.Headers, domain string, secure bool) event.Headers {
	s := v.en.identity.sessions
	switch {
	case s == nil:
	case v.refused:
		if _, had := v.hit.CookieValue(s.cookie); had {
			headers = append(headers, setCookie(cookie.Expired(s.cookie, domain, secure)))
		}
	case v.followed:
		headers = append(headers, setCookie(cookie.ForServer(s.cookie, s.signer.Write(v.session, v.stored.ID), v.en.identity.Lifetime, domain, secure)))
	}
	return headers
}
