package access

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"headgate/console/exchange"
)

// IsOpen reports whether nobody has to be known to ask at a path: the ways to sign in.
func IsOpen(path string) bool {
	return path == "/api/sign-in" || path == BeginPath || path == DonePath
}

// IsForAll reports whether a path answers those who are known and those who are not.
func IsForAll(path string) bool { return path == "/api/session" }

// signingIn is the body of POST /api/sign-in.
type signingIn struct {
	Name  string `json:"name"` // optional: a token says whose it is
	Token string `json:"token"`
}

const mostSigningIn = 8 << 10

// SignIn starts a session for the owner of a token.
func (g *Gate) SignIn(w http.ResponseWriter, r *http.Request) {
	var asked signingIn
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostSigningIn))
	d.DisallowUnknownFields()
	if err := d.Decode(&asked); err != nil || asked.Token == "" {
		exchange.Answer(w, http.StatusBadRequest, &Refusal{Error: `expected {"token": "...", "name": "..."}, where name may be left out`})
		return
	}
	token, address := strings.TrimSpace(asked.Token), g.addressOf(r)
	wait := g.locks.wait(address, g.now())
	if asked.Name != "" {
		wait = max(wait, g.locks.wait(nameKey(asked.Name), g.now()))
	}
	if wait > 0 {
		Refuse(w, lockedOut(wait))
		return
	}
	p := g.known(token)
	if p == nil || asked.Name != "" && p.Name != adminToken && p.Name != asked.Name {
		g.failed(r, g.namesUser(asked.Name), address, token)
		Refuse(w, &Refusal{Status: http.StatusUnauthorized, Error: "nobody signs in with this name and token"})
		return
	}
	s := &session{by: byAdminToken, name: p.Name}
	if u, known := g.settings.Admin().Users.Get(p.Name); known && p.Name != adminToken {
		s.by, s.proof = byToken, u.TokenHash.Value
	}
	g.locks.forgive(address)
	g.locks.forgive(nameKey(p.Name))
	p, refused := g.welcome(w, r, s)
	if refused != nil {
		Refuse(w, refused)
		return
	}
	exchange.Answer(w, http.StatusOK, p.state())
}

// namesUser is a name if there is such a user: others are not noted, since people type their token there, too.
func (g *Gate) namesUser(name string) string {
	if _, known := g.settings.Admin().Users.Get(name); known {
		return name
	}
	return ""
}

// welcome starts a session, notes it, and sets its cookie.
func (g *Gate) welcome(w http.ResponseWriter, r *http.Request, s *session) (*Person, *Refusal) {
	p := newPerson(s.name, s.roles(g.settings.Admin()))
	p.session = s
	line := Line{Action: "sign_in", Who: p.Name, Roles: p.Roles, From: g.from(r), Status: http.StatusOK}
	if err := g.trail.Add(&line); err != nil {
		return nil, g.unnoted(err)
	}
	cookie, err := g.begin(s)
	if err != nil {
		return nil, &Refusal{Status: http.StatusInternalServerError, Error: err.Error()}
	}
	g.setCookie(w, r, cookie, int(longest/time.Second))
	return p, nil
}

// SignOut ends the session of whoever asks.
func (g *Gate) SignOut(w http.ResponseWriter, r *http.Request) {
	g.end(r)
	g.setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
}

// Session answers who asks, and what they may do.
func (g *Gate) Session(w http.ResponseWriter, r *http.Request) {
	p := Of(r.Context())
	if p == nil {
		Refuse(w, g.Unknown())
		return
	}
	exchange.Answer(w, http.StatusOK, p.state())
}

// state is what people learn about themselves.
type state struct {
	Name    string     `json:"name"`
	Roles   []string   `json:"roles"`
	Rights  []string   `json:"rights"`
	CSRF    string     `json:"csrf,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
}

func (p *Person) state() state {
	s := state{Name: p.Name, Roles: p.Roles, Rights: p.Rights.Names()}
	if p.session != nil {
		ends := p.session.ends().UTC().Truncate(time.Second)
		s.CSRF, s.Expires = p.session.csrf, &ends
	}
	return s
}
