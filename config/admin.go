package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"headgate/document"
)

// Admin is the admin side.
type Admin struct {
	At     document.Place  `yaml:"-"`
	Listen document.Words  `yaml:"listen" number:"\"127.0.0.1:%s\"" aka:"port,address" help:"Address and port; off serves none" example:"127.0.0.1:8081"`
	Token  document.Secret `yaml:"token" help:"The administrator's token: required with every request that no user signs in for; one is generated into data/admin-token when left out" example:"${HEADGATE_ADMIN_TOKEN:-}"`
	Hosts  []string        `yaml:"hosts" help:"Names the admin side is called by, in addition to its address and localhost" example:"[headgate.internal.example]"`

	Users     document.Ordered[User] `yaml:"users" help:"People who sign in with a token of their own, by name"`
	OIDC      *OIDC                  `yaml:"oidc" help:"Sign-in by an OpenID provider, whose groups have roles here"`
	AuditKeep document.Duration      `yaml:"audit_keep" help:"How long data/audit.jsonl keeps who changed what and who looked at whom" example:"2y"`

	ShowRefused bool `yaml:"show_refused" help:"Shows visitors who refused consent whole, in the live view and in explanations of stored events; the log notes each live view that is opened" example:"false"`
}

// User is someone who signs in with a token of their own.
type User struct {
	At        document.Place   `yaml:"-"`
	TokenHash document.Words   `yaml:"token_hash,required" help:"SHA-256 of the token, as headgate admin token prints it" example:"sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"`
	Roles     []document.Words `yaml:"roles,required" help:"What the user may do: viewer, analyst, editor, operator, admin" example:"[analyst]"`
}

// OIDC is an OpenID provider (OpenID Connect Core 1.0), by the authorization code flow with PKCE.
type OIDC struct {
	At           document.Place           `yaml:"-"`
	Issuer       document.Words           `yaml:"issuer,required" help:"The provider's issuer, below which its discovery document lies" example:"https://login.example"`
	ClientID     document.Words           `yaml:"client_id,required" help:"What the provider calls this Headgate" example:"headgate"`
	ClientSecret document.Secret          `yaml:"client_secret,required" help:"What this Headgate proves it by" example:"${OIDC_CLIENT_SECRET}"`
	Address      document.Words           `yaml:"address" help:"Where people reach the admin side, if that is not what their browser says; the provider must allow its /api/sign-in/oidc/done" example:"https://headgate.internal.example"`
	Scopes       []document.Words         `yaml:"scopes" help:"What is asked of the provider, in addition to openid, profile and email" example:"[groups]"`
	GroupClaim   document.Words           `yaml:"group_claim" help:"The claim that lists a person's groups" example:"groups"`
	Groups       document.Ordered[string] `yaml:"groups" help:"The role that members of a group have, by group: viewer, analyst, editor, operator or admin; who is in none of them cannot sign in" example:"{headgate-admins: admin}"`
	Label        document.Words           `yaml:"label" help:"What the button says" example:"Single sign-on"`
}

// SetDefaults sets what holds where nothing is written.
func (o *OIDC) SetDefaults() {
	o.GroupClaim, o.Label = document.Words{Value: "groups"}, document.Words{Value: "Single sign-on"}
}

// adminRoles are what people can be at the admin side, from the least to the most.
var adminRoles = [...]string{"viewer", "analyst", "editor", "operator", "admin"}

// AdminRoles lists what people can be at the admin side, from the least to the most.
func AdminRoles() []string { return slices.Clone(adminRoles[:]) }

// Off reports whether there is no admin side.
func (a *Admin) Off() bool { return a.Listen.Value == "off" }

var tokenHash = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// check finds what is wrong with those who may sign in.
func (a *Admin) check(ms *document.Mistakes) {
	hashes := map[string]string{}
	for _, e := range a.Users {
		u := &e.Value
		if strings.TrimSpace(e.Key) == "" || strings.ContainsAny(e.Key, "\r\n") {
			ms.Add(e.At, fmt.Sprintf("%q is no name for a user", e.Key), "write a name on one line")
		}
		switch first, had := hashes[u.TokenHash.Value]; {
		case !tokenHash.MatchString(u.TokenHash.Value):
			ms.Add(u.TokenHash.At, "token_hash takes sha256: and 64 hexadecimal digits", "headgate admin token prints a token and its hash")
		case had:
			ms.Add(u.TokenHash.At, fmt.Sprintf("%s and %s have the same token", first, e.Key), "give each a token of their own: headgate admin token")
		default:
			hashes[u.TokenHash.Value] = e.Key
		}
		if len(u.Roles) == 0 {
			ms.Add(e.At, fmt.Sprintf("the user %s has no role", e.Key), "write roles: [viewer], or another of "+strings.Join(adminRoles[1:], ", "))
		}
		for _, r := range u.Roles {
			checkRole(r.Value, r.At, ms)
		}
	}
	if a.OIDC != nil {
		a.OIDC.check(ms)
	}
}

func checkRole(role string, at document.Place, ms *document.Mistakes) {
	if !slices.Contains(adminRoles[:], role) {
		ms.Add(at, fmt.Sprintf("there is no role %q", role), document.Suggestion(role, adminRoles[:]))
	}
}

func (o *OIDC) check(ms *document.Mistakes) {
	if u, err := url.Parse(o.Issuer.Value); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !isLoopback(u) {
		ms.Add(o.Issuer.At, fmt.Sprintf("oidc.issuer %q is no address of a provider", o.Issuer.Value), "write it as the provider states it: https://login.example")
	}
	if u, err := url.Parse(o.Address.Value); o.Address.Value != "" && (err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "https" && u.Scheme != "http") {
		ms.Add(o.Address.At, fmt.Sprintf("oidc.address %q is no address of the admin side", o.Address.Value), "write scheme and host: https://headgate.internal.example")
	}
	if len(o.Groups) == 0 {
		ms.Add(o.At, "oidc names no groups: nobody could sign in", "write groups: {NAME: viewer}")
	}
	for _, g := range o.Groups {
		checkRole(g.Value, g.At, ms)
	}
}

// isLoopback reports whether an address is on this machine, where plain HTTP is no danger.
func isLoopback(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}
