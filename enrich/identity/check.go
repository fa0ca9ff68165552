package identity

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"headgate/document"
	"headgate/enrich/cookie"
	"headgate/enrich/keeper"
)

const cookieCure = "use letters, digits, _ and -"

// Check returns all that is wrong with the section.
func (c *Config) Check() document.Mistakes {
	var mistakes document.Mistakes
	c.checkCookies(&mistakes)
	if life := c.Lifetime.Std(); life < time.Second || life > MaxLifetime {
		mistakes.Add(c.Cookie.At, "identity.lifetime is "+c.Lifetime.String(), "browsers keep a cookie for 1s to 400d")
	}
	if c.Purpose == "" {
		mistakes.Add(c.Cookie.At, "identity.purpose is empty", "name the consent purpose that the cookie needs: analytics")
	}
	for _, name := range c.Adopt {
		switch {
		case !cookie.IsToken(name.Value):
			mistakes.Add(name.At, strconv.Quote(name.Value)+" cannot name a cookie", cookieCure)
		case name.Value == c.cookieName():
			mistakes.Add(name.At, name.Value+" is our own cookie", "leave it out of adopt")
		}
	}
	c.checkSecret(&mistakes)
	c.checkParts(&mistakes)
	return mistakes
}

// checkCookies looks at the names of our cookies: each has one of its own.
func (c *Config) checkCookies(mistakes *document.Mistakes) {
	type named struct {
		document.Words
		what string
	}
	ours := []named{{document.Words{At: c.Cookie.At, Value: c.cookieName()}, "the cookie of the client id"}}
	if c.ClickCookie.Value != "" {
		ours = append(ours, named{c.ClickCookie, "the cookie of click ids"})
	}
	if c.Sessions != nil {
		ours = append(ours, named{c.Sessions.Cookie, "the cookie of the session"})
	}
	if c.Keep != nil {
		ours = append(ours, named{c.Keep.Cookie, "the cookie that remembers others"})
	}
	for i, n := range ours {
		if !cookie.IsToken(n.Value) {
			mistakes.Add(n.At, strconv.Quote(n.Value)+" cannot name a cookie", cookieCure)
			continue
		}
		if same := slices.IndexFunc(ours[:i], func(other named) bool { return other.Value == n.Value }); same >= 0 {
			mistakes.Add(n.At, n.Value+" is "+ours[same].what, "give one of them another name")
		}
	}
}

// shortestSecret is how many characters a secret needs at least.
const shortestSecret = 16

func (c *Config) checkSecret(mistakes *document.Mistakes) {
	const cure = "write secret: ${HEADGATE_IDENTITY_SECRET}, 16 characters or more, the same on every machine"
	switch n := len(c.Secret.Reveal()); {
	case n >= shortestSecret:
	case n > 0:
		mistakes.Add(c.Secret.Where(), "identity.secret has "+strconv.Itoa(n)+" characters", "16 or more are needed; openssl rand -hex 32 makes a good one")
	case c.Sessions != nil:
		mistakes.Add(c.Sessions.At, "identity.sessions signs its cookie, and there is no identity.secret", cure)
	case c.Link != nil:
		mistakes.Add(c.Link.At, "identity.link seals ids, and there is no identity.secret", cure)
	}
}

// The bounds of GA4's session timeout.
const (
	shortestSession = 5 * time.Minute
	longestSession  = 475 * time.Minute
)

func (c *Config) checkParts(mistakes *document.Mistakes) {
	if c.Anonymous && (c.Sessions != nil || c.Keep != nil || c.Link != nil || c.Meta != nil) {
		mistakes.Add(c.At, "identity.anonymous reads and sets no cookie, so that sessions, keep, link and meta have nothing to do", "leave them out, or anonymous")
	}
	if s := c.Sessions; s != nil && (s.Timeout.Std() < shortestSession || s.Timeout.Std() > longestSession) {
		mistakes.Add(s.At, "identity.sessions.timeout is "+s.Timeout.String(), "GA4 takes 5m to 475m")
	}
	if c.Keep != nil {
		for _, name := range c.Keep.Cookies {
			if !slices.Contains(keeper.Names(), name.Value) {
				mistakes.Add(name.At, "no cookie that can be kept is called "+strconv.Quote(name.Value), document.OneOf(name.Value, keeper.Names()))
			}
		}
	}
	if c.Link != nil {
		for _, d := range c.Link.Domains {
			if fact := wrongDomain(d.Value); fact != "" {
				mistakes.Add(d.At, strconv.Quote(d.Value)+" "+fact, "write a domain of yours: shop.example")
			}
		}
	}
	if c.Meta != nil && c.Meta.Appendix.Value != "" {
		if _, ok := ParseAppendix(c.Meta.Appendix.Value); !ok {
			mistakes.Add(c.Meta.Appendix.At, strconv.Quote(c.Meta.Appendix.Value)+" is no appendix of Meta's", "write the eight characters that Meta assigned, which begin with AQ; or leave it out")
		}
	}
	if path := c.Endpoint; path.Value != "" && (!strings.HasPrefix(path.Value, "/") || len(path.Value) < 2 || strings.ContainsAny(path.Value, "?#% ") || strings.HasSuffix(path.Value, "/")) {
		mistakes.Add(path.At, strconv.Quote(path.Value)+" is no path", "write a path such as /id")
	}
}

// Warnings are what a person should look at though nothing is wrong.
func (c *Config) Warnings() (ms document.Mistakes) {
	const cure = "write endpoint: /id, and load /id.js as the page's first script"
	if c.Endpoint.Value != "" {
		return nil
	}
	if c.Keep != nil {
		ms.Add(c.Keep.At, "identity.keep sets cookies again with the answer to a hit, when the tags have made new ones", cure)
	}
	if c.Link != nil {
		ms.Add(c.Link.At, "identity.link reads links from other domains, and makes none without identity.endpoint", "write endpoint: /id, unless this domain only receives visitors")
	}
	return ms
}

// wrongDomain says why a text is no domain that somebody owns, "" when it is one.
func wrongDomain(s string) string {
	if !cookie.IsHost(s) || strings.ToLower(s) != s {
		return "is no domain in small letters, without a scheme and a port"
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return "is an address"
	}
	if _, err := publicsuffix.EffectiveTLDPlusOne(s); err != nil {
		return "belongs to everybody who registers a name below it"
	}
	return ""
}
