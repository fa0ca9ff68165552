package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/oauth2"

	"headgate/config"
)

// logins are sign-ins that people are at the provider for, by the state that comes back with them, and the provider.
type logins struct {
	all *lru.Cache[string, *login]

	mu       sync.Mutex
	provider *provider // nil until it was needed
}

// login is one sign-in that has begun.
type login struct {
	browser  string // the value of its cookie
	nonce    string
	verifier string // of PKCE, RFC 7636
	to       string // path to go to afterwards
	redirect string
	began    time.Time
}

func newLogins() *logins {
	all, err := lru.New[string, *login](mostLogins)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &logins{all: all}
}

// provider is what was found out about an OpenID provider.
type provider struct {
	*oidc.Provider
	issuer string
	client *http.Client
}

func (p *provider) oauth(o *config.OIDC, l *login) *oauth2.Config {
	scopes := append([]string{oidc.ScopeOpenID, "profile", "email"}, wordsOf(o.Scopes)...)
	return &oauth2.Config{ClientID: o.ClientID.Value, ClientSecret: o.ClientSecret.Reveal(), Endpoint: p.Endpoint(), RedirectURL: l.redirect, Scopes: scopes}
}

// hostsOf lists the hosts of some addresses, each once.
func hostsOf(addresses ...string) (hosts []string) {
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// claims are what is read of an ID token, or of the provider's answer about a person.
type claims struct {
	Subject string `json:"sub"`
	Name    string `json:"preferred_username"`
	Email   string `json:"email"`

	groups []string
	listed bool
}

// withoutAnswer leaves out the body of a provider's answer, which may hold more than belongs into a log.
func withoutAnswer(err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil {
		return fmt.Errorf("the provider answered %s %s", answered.Response.Status, answered.ErrorCode)
	}
	return err
}

// readClaims reads who someone is and which groups they are in: a list, or a single one as text.
func readClaims(into func(any) error, groupClaim string) (c claims, err error) {
	if err := into(&c); err != nil {
		return c, fmt.Errorf("read the claims: %w", err)
	}
	var all map[string]any
	if err := into(&all); err != nil {
		return c, fmt.Errorf("read the claims: %w", err)
	}
	switch said := all[groupClaim].(type) {
	case string:
		c.groups, c.listed = []string{said}, true
	case []any:
		c.listed = true
		for _, one := range said {
			if name, ok := one.(string); ok {
				c.groups = append(c.groups, name)
			}
		}
	}
	return c, nil
}

// with returns the claims, and what others say where they say nothing.
func (c claims) with(more *claims) claims {
	if !c.listed {
		c.groups, c.listed = more.groups, more.listed
	}
	if c.Name == "" {
		c.Name = more.Name
	}
	if c.Email == "" {
		c.Email = more.Email
	}
	return c
}

// shownAt is what someone from a provider is called: never like a user of the configuration.
func (c *claims) shownAt(issuer string) string {
	name := c.Name
	if name == "" {
		name = c.Email
	}
	if name == "" {
		name = c.Subject
	}
	return name + " (" + strings.Join(hostsOf(issuer), "") + ")"
}
