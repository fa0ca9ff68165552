// Package identity reads and mints the ids by which browsers are known again: our cookie, the ones of other tools that are taken
// over, and their configuration. Whether a browser may have an id is for consent to say.
package identity

import (
	"time"

	"headgate/document"
)

// Config is the section `identity:`.
type Config struct {
	At          document.Place    `yaml:"-"`
	Cookie      document.Words    `yaml:"cookie" help:"The first-party cookie that the server sets" example:"_hg"`
	Format      string            `yaml:"format" choices:"headgate,fpid" help:"How the cookie is written: headgate, or fpid as Google's server container does, in the cookie FPID unless another is named" example:"headgate"`
	ClickCookie document.Words    `yaml:"click_cookie" help:"The first-party cookie that keeps the click ids of ads (gclid, tblci, ...) after the landing page, as long as the ad platform credits a click and ads consent lasts; \"\" for none" example:"_hg_clicks"`
	Lifetime    document.Duration `yaml:"lifetime" help:"How long the cookie lives; browsers allow 400d" example:"400d"`
	Renew       bool              `yaml:"renew" help:"Every hit extends the cookie; false keeps the first visit's expiry"`
	Purpose     string            `yaml:"purpose" help:"The consent purpose without which no id is minted, kept or used" example:"analytics"`
	Adopt       []document.Words  `yaml:"adopt" help:"Cookies of other tools whose id is taken over, the first one found" example:"[_ga, ajs_anonymous_id]"`
	Anonymous   bool              `yaml:"anonymous" help:"No visitor is told from another: no cookie is read or set, and no address is taken from the connection; what an event itself states stays"`
	Secret      document.Secret   `yaml:"secret" help:"What sessions and links are signed with: 16 characters or more, the same on every machine and for every linked domain" example:"${HEADGATE_IDENTITY_SECRET}"`
	Sessions    *Sessions         `yaml:"sessions" help:"Follows visits by GA4's definition for events that say no session; {} takes the defaults; off when left out"`
	Keep        *Keep             `yaml:"keep" help:"Remembers cookies of tags that Safari removes after a day or a week, and sets them again while their purpose is granted; {} takes the defaults; off when left out"`
	Link        *Link             `yaml:"link" help:"Carries the id between domains of one owner, in links that are valid for two minutes; off when left out"`
	Meta        *MetaCookies      `yaml:"meta" help:"Sets Meta's cookies _fbp and _fbc from the server, with ads consent; {} takes the defaults; off when left out"`
	Endpoint    document.Words    `yaml:"endpoint" help:"The path at which a page's script renews cookies before the tags run, as id hooks of SDKs do; none when left out" example:"/id"`
}

// Sessions is the section `identity.sessions:`.
type Sessions struct {
	At      document.Place    `yaml:"-"`
	Cookie  document.Words    `yaml:"cookie" help:"The signed cookie of the session" example:"_hg_session"`
	Timeout document.Duration `yaml:"timeout" help:"The pause that ends a session: 5m to 475m, as in GA4" example:"30m"`
}

// SetDefaults fills in what holds where nothing is written.
func (s *Sessions) SetDefaults() {
	s.Cookie.Value, s.Timeout = "_hg_session", document.Duration(30*time.Minute)
}

// Keep is the section `identity.keep:`.
type Keep struct {
	At      document.Place   `yaml:"-"`
	Cookie  document.Words   `yaml:"cookie" help:"The cookie in which the others are remembered" example:"_hg_keep"`
	Cookies []document.Words `yaml:"cookies" help:"Which cookies are kept; all that are known when left out: see docs/identity.md" example:"[_ga, _ga_*, _fbp, _fbc]"`
}

// SetDefaults fills in what holds where nothing is written.
func (k *Keep) SetDefaults() { k.Cookie.Value = "_hg_keep" }

// Link is the section `identity.link:`.
type Link struct {
	At      document.Place   `yaml:"-"`
	Domains []document.Words `yaml:"domains,required" help:"Domains between which links carry the id, each with its sub-domains" example:"[shop.example, shop.test]"`
}

// MetaCookies is the section `identity.meta:`.
type MetaCookies struct {
	At       document.Place `yaml:"-"`
	Appendix document.Words `yaml:"appendix" help:"The eight characters that Meta assigned to a partner's library, written behind the values; none when left out" example:"AQQCAQIB"`
}

const (
	defaultCookie = "_hg"
	fpidCookie    = "FPID" // of Google's server container

	formatHeadgate = "headgate"
	formatFPID     = "fpid"
)

// Defaults are the settings of a file that says nothing.
func Defaults() Config {
	return Config{
		Cookie:      document.Words{Value: defaultCookie},
		Format:      formatHeadgate,
		ClickCookie: document.Words{Value: "_hg_clicks"},
		Lifetime:    document.Duration(MaxLifetime),
		Renew:       true,
		Purpose:     "analytics",
		Adopt:       []document.Words{{Value: "_ga"}, {Value: "ajs_anonymous_id"}},
	}
}

// MaxLifetime is what Chrome and Firefox cut a cookie's life to, whatever was asked for:
// https://developer.chrome.com/blog/cookie-max-age-expires
const MaxLifetime = 400 * 24 * time.Hour

// cookieName is the cookie of the client id.
func (c *Config) cookieName() string {
	if c.Format == formatFPID && c.Cookie.Value == defaultCookie && c.Cookie.At == (document.Place{}) {
		return fpidCookie
	}
	return c.Cookie.Value
}
