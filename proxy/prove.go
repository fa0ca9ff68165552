package proxy

import (
	"headgate/consent"
	"headgate/enrich"
	"headgate/event"
	"headgate/sources"
)

// prove finds out whose choice a request tells of. Nobody may choose for others, so it is
//
//   - the browser that sends it, by its cookies: the client id in ours, and the one the page states when another cookie of this
//     browser holds it;
//   - whom one of the site's own servers names, under a server key of the sources: client_id, user_id, email or phone;
//   - the one that a signed link was made for: ?id=…&kind=…&until=…&sig=…, see subjects.Rights.
//
// Without a proof there is nobody, and no error: a browser without a cookie has its choice to make, too.
func (s *Server) prove(p *Plan, h *event.Hit, visit *enrich.Visit, e *event.Event, stated consent.Who) (who []consent.Chooser, knownBy string, err error) {
	if sig := h.QueryValue("sig"); sig != "" {
		n, err := s.subjects.Opened(h.QueryValue("id"), h.QueryValue("kind"), h.QueryValue("until"), sig, h.Received)
		return []consent.Chooser{n}, consent.KnownByLink, err
	}
	if sources.FromServer(h.Headers, p.serverKeys) {
		if stated.ClientID != "" {
			who = append(who, consent.ClientChooser(stated.ClientID))
		}
		if stated.UserID != "" {
			who = append(who, consent.SubjectChooser(event.UserID, consent.UserSubject(stated.UserID)))
		}
		if stated.Email != "" {
			who = append(who, consent.SubjectChooser(event.Email, consent.EmailSubject(stated.Email)))
		}
		if number := p.Language.InternationalPhone(stated.Phone, stated.Country); number != "" {
			who = append(who, consent.SubjectChooser(event.Phone, consent.PhoneSubject(number)))
		}
		return who, consent.KnownByServer, nil
	}
	if stated.ClientID != e.User.ClientID && visit.Owns(stated.ClientID) {
		who = append(who, consent.ClientChooser(stated.ClientID))
	}
	if e.User.ClientID != "" {
		who = append(who, consent.ClientChooser(e.User.ClientID))
	}
	if len(who) > 0 {
		knownBy = consent.KnownByCookie
	}
	return who, knownBy, nil
}
