package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"headgate/config"
	"headgate/document"
)

const (
	cookieName   = "headgate_session"
	csrfHeader   = "X-CSRF-Token"
	longest      = 12 * time.Hour // a session, however busy
	idle         = time.Hour      // without a request
	mostSessions = 1000           // at once; the one longest silent ends first
)

// sessions are those who have signed in, by the hash of their cookie. They are in memory: a restart ends them all.
type sessions struct {
	all *lru.Cache[[sha256.Size]byte, *session]
}

// session is one sign-in. Only used changes.
type session struct {
	by     means
	name   string
	proof  string   // of a user: the token's hash, so that another token ends the session
	groups []string // of an OpenID provider
	csrf   string
	made   time.Time
	used   atomic.Int64 // unix nanoseconds of the last request
}

// means is how someone has signed in.
type means uint8

const (
	byAdminToken means = iota
	byToken
	byProvider
)

func newSessions() *sessions {
	all, err := lru.New[[sha256.Size]byte, *session](mostSessions)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &sessions{all}
}

// roles are those that the configuration in force gives whoever signed in; none when it lets them in no longer.
func (s *session) roles(a *config.Admin) []string {
	switch s.by {
	case byAdminToken:
		return []string{"admin"}
	case byToken:
		if u, known := a.Users.Get(s.name); known && u.TokenHash.Value == s.proof {
			return wordsOf(u.Roles)
		}
	case byProvider:
		if a.OIDC != nil && a.OIDC.Issuer.Value == s.proof {
			return rolesOf(a.OIDC, s.groups)
		}
	}
	return nil
}

// rolesOf are the roles of whoever is in those groups, each once.
func rolesOf(o *config.OIDC, groups []string) (roles []string) {
	for _, e := range o.Groups {
		if slices.Contains(groups, e.Key) && !slices.Contains(roles, e.Value) {
			roles = append(roles, e.Value)
		}
	}
	return roles
}

// sends reports whether a request carries the session's own token, which no other site's page knows.
func (s *session) sends(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get(csrfHeader)), []byte(s.csrf)) == 1
}

// ends is when the session is over if nothing more is asked.
func (s *session) ends() time.Time {
	byIdling, byAge := time.Unix(0, s.used.Load()).Add(idle), s.made.Add(longest)
	if byIdling.Before(byAge) {
		return byIdling
	}
	return byAge
}

func wordsOf(words []document.Words) []string {
	out := make([]string, len(words))
	for i := range words {
		out[i] = words[i].Value
	}
	return out
}
