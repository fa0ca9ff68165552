package access

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
)

// begin starts a session and returns its cookie's value.
func (g *Gate) begin(s *session) (cookie string, err error) {
	if cookie, err = g.secret(); err != nil {
		return "", err
	}
	if s.csrf, err = g.secret(); err != nil {
		return "", err
	}
	s.made = g.now()
	s.used.Store(s.made.UnixNano())
	g.sessions.all.Add(sha256.Sum256([]byte(cookie)), s)
	return cookie, nil
}

// secret is a text that nobody can guess.
func (g *Gate) secret() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(g.random, b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// signedIn returns who has the session that a request's cookie names, nil when it has ended: by time, or since the
// configuration in force no longer lets its person in.
func (g *Gate) signedIn(r *http.Request) *Person {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	id := sha256.Sum256([]byte(c.Value))
	s, known := g.sessions.all.Get(id)
	if !known {
		return nil
	}
	now := g.now()
	roles := s.roles(g.settings.Admin())
	if now.Sub(s.made) > longest || now.UnixNano()-s.used.Load() > int64(idle) || rightsOf(roles) == 0 {
		g.sessions.all.Remove(id)
		return nil
	}
	s.used.Store(now.UnixNano())
	p := newPerson(s.name, roles)
	p.session = s
	return p
}

// end ends the session of a request.
func (g *Gate) end(r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		g.sessions.all.Remove(sha256.Sum256([]byte(c.Value)))
	}
}

func (g *Gate) setCookie(w http.ResponseWriter, r *http.Request, value string, age int) {
	_, secure := g.settings.Client(r)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}) //nolint:gosec // Secure where the browser uses HTTPS
}
