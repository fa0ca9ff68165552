package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Options are what a Gate is made of.
type Options struct {
	Token    string // the administrator's; while it is empty, only users are let in
	Settings Settings
	Trail    *Trail
	Now      func() time.Time // nil: time.Now
	Random   io.Reader        // nil: crypto/rand
	Logger   *slog.Logger
}

// Gate knows who asks.
type Gate struct {
	settings Settings
	trail    *Trail
	now      func() time.Time
	random   io.Reader
	logger   *slog.Logger

	token    [sha256.Size]byte // hashed to a fixed length, so that the comparison does not reveal the token's
	hasToken bool
	sessions *sessions
	locks    *locks
	logins   *logins
	looks    looks
}

// NewGate makes a gate that nobody has passed yet.
func NewGate(o Options) *Gate {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Gate{settings: o.Settings, trail: o.Trail, now: o.Now, random: o.Random, logger: o.Logger,
		token: sha256.Sum256([]byte(o.Token)), hasToken: o.Token != "",
		sessions: newSessions(), locks: newLocks(), logins: newLogins(), looks: newLooks()}
}

// Who returns who sent a request: the bearer of a token, or whoever signed in. Both are nil for nobody.
func (g *Gate) Who(r *http.Request) (*Person, *Refusal) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); strings.EqualFold(scheme, "Bearer") && token != "" {
		return g.bearer(r, token)
	}
	p := g.signedIn(r)
	if p != nil && !isSafe(r.Method) && !p.session.sends(r) {
		return nil, &Refusal{Status: http.StatusForbidden, Error: "a change needs the header " + csrfHeader + " with the value that GET /api/session answers"}
	}
	return p, nil
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// bearer returns whose token it is.
func (g *Gate) bearer(r *http.Request, token string) (*Person, *Refusal) {
	address := g.addressOf(r)
	if wait := g.locks.wait(address, g.now()); wait > 0 {
		return nil, lockedOut(wait)
	}
	if p := g.known(token); p != nil {
		return p, nil
	}
	g.failed(r, "", address, token)
	return nil, nil
}

// known returns whose token it is, nil for nobody's.
func (g *Gate) known(token string) *Person {
	sum := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1 && g.hasToken {
		return newPerson(adminToken, []string{"admin"})
	}
	said := HashToken(token)
	for _, e := range g.settings.Admin().Users {
		if subtle.ConstantTimeCompare([]byte(said), []byte(e.Value.TokenHash.Value)) == 1 {
			return newPerson(e.Key, wordsOf(e.Value.Roles))
		}
	}
	return nil
}

// failed counts a wrong token, and notes it; the same one again counts once, since a forgotten program guesses nothing.
func (g *Gate) failed(r *http.Request, name, address, token string) {
	wrong := sha256.Sum256([]byte(token))
	counted := g.locks.fail(address, wrong, g.now())
	if name != "" {
		counted = g.locks.fail(nameKey(name), wrong, g.now()) || counted
	}
	if counted {
		line := Line{Action: "sign_in.failed", Who: name, From: g.from(r), Status: http.StatusUnauthorized}
		if err := g.trail.Add(&line); err != nil {
			g.logger.Error("a failed sign-in could not be noted in the audit list; look at the disk of the data folder", "error", err)
		}
	}
}

func lockedOut(wait time.Duration) *Refusal {
	seconds := int((wait + time.Second - 1) / time.Second)
	return &Refusal{Status: http.StatusTooManyRequests, Wait: wait, After: seconds, Error: "too many wrong tokens: wait, and try again"}
}

// Unknown is the refusal of a request that nobody known sent.
func (g *Gate) Unknown() *Refusal {
	out := &Refusal{Status: http.StatusUnauthorized,
		Error: "the admin token is required: Authorization: Bearer TOKEN; where the configuration sets none, it is in the file admin-token of the data folder"}
	if o := g.settings.Admin().OIDC; o != nil {
		out.OIDC = o.Label.Value
	}
	return out
}

// from is the address of whoever sent a request.
func (g *Gate) from(r *http.Request) string {
	address, _ := g.settings.Client(r)
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

// addressOf is the key of whoever sent a request.
func (g *Gate) addressOf(r *http.Request) string {
	a, _ := g.settings.Client(r)
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(networkOfOne); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// unnoted is the answer when the audit list cannot be written.
func (g *Gate) unnoted(err error) *Refusal {
	g.logger.Error("the audit list cannot be written, so nothing that belongs into it is answered; look at the disk of the data folder", "error", err)
	return &Refusal{Status: http.StatusServiceUnavailable, Error: "the audit list cannot be written, and nothing is answered that belongs into it (a change may have been made): look at the disk of the data folder"}
}
