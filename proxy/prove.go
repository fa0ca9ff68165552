package proxy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"headgate/consent"
	"headgate/enrich"
	"headgate/event"
	"headgate/sources"
)

// named is somebody whose choice is told.
type named struct {
	kind    event.IdentifierKind
	subject consent.Subject
	key     string // of the choices that are remembered
}

func clientNamed(id string) named { return named{event.ClientID, consent.ClientSubject(id), id} }

func subjectNamed(kind event.IdentifierKind, subject consent.Subject) named {
	return named{kind, subject, subject.String()}
}

// How a subject was known, as receipts say it.
const (
	byCookie = "cookie"
	byServer = "server_key"
	byLink   = "link"
	byWord   = "stated"
)

// prove finds out whose choice a request tells of. Nobody may choose for others, so it is
//
//   - the browser that sends it, by its cookies: the client id in ours, and the one the page states when another cookie of this
//     browser holds it;
//   - whom one of the site's own servers names, under a server key of the sources: client_id, user_id, email or phone;
//   - the one that a signed link was made for: ?id=…&kind=…&until=…&sig=…, see Server.Link.
//
// Without a proof there is nobody, and no error: a browser without a cookie has its choice to make, too.
func (s *Server) prove(p *Plan, h *event.Hit, visit *enrich.Visit, e *event.Event, stated consent.Who) (who []named, knownBy string, err error) {
	if sig := h.QueryValue("sig"); sig != "" {
		n, err := s.subjects.opened(h.QueryValue("id"), h.QueryValue("kind"), h.QueryValue("until"), sig, h.Received)
		return []named{n}, byLink, err
	}
	if sources.FromServer(h.Headers, p.serverKeys) {
		if stated.ClientID != "" {
			who = append(who, clientNamed(stated.ClientID))
		}
		if stated.UserID != "" {
			who = append(who, subjectNamed(event.UserID, consent.UserSubject(stated.UserID)))
		}
		if stated.Email != "" {
			who = append(who, subjectNamed(event.Email, consent.EmailSubject(stated.Email)))
		}
		if number := p.Language.InternationalPhone(stated.Phone, stated.Country); number != "" {
			who = append(who, subjectNamed(event.Phone, consent.PhoneSubject(number)))
		}
		return who, byServer, nil
	}
	if stated.ClientID != e.User.ClientID && visit.Owns(stated.ClientID) {
		who = append(who, clientNamed(stated.ClientID))
	}
	if e.User.ClientID != "" {
		who = append(who, clientNamed(e.User.ClientID))
	}
	if len(who) > 0 {
		knownBy = byCookie
	}
	return who, knownBy, nil
}

// errLink says that a signed link opens nothing.
var errLink = errors.New("this link is not valid, or not any more: ask for a new one")

// Link returns the query of a signed link to /consent, by which somebody may tell of their choice until that time wherever
// they open it: in a mail, on another device. It holds a hash and no id in clear.
func (s *Server) Link(ctx context.Context, p Person, until time.Time) (string, error) {
	found, err := s.recognise(ctx, p)
	if err != nil {
		return "", err
	}
	id, kind, end := found.subject.String(), found.kind.String(), strconv.FormatInt(until.Unix(), 10)
	q := url.Values{"id": {id}, "kind": {kind}, "until": {end}, "sig": {s.subjects.signature(id, kind, end)}}
	return q.Encode(), nil
}

func (s *subjects) signature(id, kind, until string) string {
	mac := hmac.New(sha256.New, s.list.Hasher.Key)
	fmt.Fprintf(mac, "consent link\n%s\n%s\n%s", kind, id, until)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// opened is whom a signed link is about.
func (s *subjects) opened(id, kind, until, sig string, now time.Time) (named, error) {
	k, known := event.IdentifierKindOf(kind)
	subject, hashed := consent.ParseSubject(id)
	end, err := strconv.ParseInt(until, 10, 64)
	right := hmac.Equal([]byte(sig), []byte(s.signature(id, kind, until)))
	if !known || !hashed || err != nil || !right || now.Unix() > end {
		return named{}, errLink
	}
	return subjectNamed(k, subject), nil
}
