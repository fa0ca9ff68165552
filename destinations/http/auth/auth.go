// Package auth adds credentials to requests as a vendor's file describes: texts of the settings, tokens of OAuth, signatures. What
// Fill and Show add is part of what is shown; Sign adds the rest when the request is sent.
package auth

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/destinations/catalog"
	"headgate/destinations/http/body"
	"headgate/destinations/settings"
	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// Auth is a compiled auth:.
type Auth struct {
	bearer         *rules.Template
	user, password *rules.Template
	headers, query []body.Pair
	oauth1         *oauth1
	oauth2         *tokens
	hmac           *signature
	aws            *amazon
}

// Compile compiles the auth: of a file.
func Compile(c *destinations.Formulas, a *catalog.Auth, s rules.Scope) (out Auth) {
	out.bearer = c.Template(a.Bearer, s)
	out.headers, out.query = body.CompilePairs(c, a.Header, s), body.CompilePairs(c, a.Query, s)
	if a.Basic != nil {
		out.user, out.password = c.Template(a.Basic.User, s), c.Template(a.Basic.Password, s)
	}
	if a.OAuth1 != nil {
		out.oauth1 = &oauth1{c.Template(a.OAuth1.ConsumerKey, s), c.Template(a.OAuth1.ConsumerSecret, s), c.Template(a.OAuth1.Token, s), c.Template(a.OAuth1.TokenSecret, s)}
	}
	if a.OAuth2 != nil {
		out.oauth2 = compileTokens(c, a.OAuth2, s)
	}
	if a.HMAC != nil {
		out.hmac = compileSignature(c, a.HMAC, s)
	}
	if a.AWS != nil {
		out.aws = compileAmazon(c, a.AWS, s)
	}
	return out
}

// Fill adds the credentials that formulas yield; *** in a masked frame.
func (a *Auth) Fill(r *trace.Request, f *body.Frame) {
	show := func(secret string) string {
		if f.Masked && secret != "" {
			return settings.Mask
		}
		return secret
	}
	if token := f.Text(a.bearer); token != "" {
		r.Headers = body.SetHeader(r.Headers, "Authorization", show("Bearer "+token))
	}
	if a.user != nil || a.password != nil {
		pair := f.Text(a.user) + ":" + f.Text(a.password)
		r.Headers = body.SetHeader(r.Headers, "Authorization", show("Basic "+base64.StdEncoding.EncodeToString([]byte(pair))))
	}
	for _, h := range a.headers {
		r.Headers = body.SetHeader(r.Headers, h.Name, show(f.Text(h.Value)))
	}
	for _, q := range a.query {
		r.URL = body.AddParam(r.URL, q.Name, show(f.Text(q.Value)))
	}
}

// Show adds *** where the sender adds credentials.
func (a *Auth) Show(r *trace.Request, f *body.Frame) {
	if a.oauth1 != nil || a.aws != nil || a.oauth2 != nil && a.oauth2.grant != nil {
		r.Headers = body.SetHeader(r.Headers, "Authorization", settings.Mask)
	}
	if a.hmac != nil && a.hmac.sign(f, r.Body) != "" {
		r.Headers = body.SetHeader(r.Headers, a.hmac.header, settings.Mask)
	}
}

// Proofs returns the credentials in the headers of a request.
func (a *Auth) Proofs(hs event.Headers) (texts []string) {
	for _, h := range hs {
		if strings.EqualFold(h.Name, "Authorization") || slices.ContainsFunc(a.headers, func(p body.Pair) bool { return strings.EqualFold(p.Name, h.Name) }) {
			_, credentials, _ := strings.Cut(h.Value, " ")
			texts = append(texts, h.Value, credentials)
		}
	}
	if a.oauth2 != nil {
		texts = append(texts, a.oauth2.InUse())
	}
	if a.aws != nil {
		keys := a.aws.credentials.InUse()
		texts = append(texts, keys.Secret, keys.Session)
	}
	return slices.DeleteFunc(texts, func(s string) bool { return len(s) < 4 })
}

// Signing is what credentials are made with when a request is sent.
type Signing struct {
	Language *rules.Language
	Settings event.Map
	Now      func() time.Time
	Random   io.Reader
	Client   *http.Client // fetches tokens
}

// Proof is what a request was authenticated with that may stop being good before its time.
type Proof struct {
	token string // of OAuth 2
	keys  aws.Keys
}

// Stale reports whether an answer says that the proof is no longer good and another one can be had; the next request gets it.
func (a *Auth) Stale(used Proof, status int, answer []byte) bool {
	switch {
	case used.token != "" && status == http.StatusUnauthorized:
		a.oauth2.Forget(used.token) // it may have been withdrawn before its time
		return true
	case used.keys.Session != "" && isExpired(status, answer):
		a.aws.credentials.Forget(used.keys)
		return true
	}
	return false
}

// Sign adds what depends on the finished request, the clock or a token. form are the fields of a form body.
func (a *Auth) Sign(s *Signing, h *http.Request, sent []byte, form url.Values) (used Proof, err error) {
	f := &body.Frame{Machine: s.Language.Machine()}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = s.Settings, &event.Event{}
	if a.hmac != nil {
		if signed := a.hmac.sign(f, sent); signed != "" {
			h.Header.Set(a.hmac.header, signed)
		}
	}
	if a.oauth1 != nil {
		header, err := a.oauth1.header(f, h.Method, h.URL, form, s.Now(), s.Random)
		if err != nil {
			return used, err
		}
		h.Header.Set("Authorization", header)
	}
	if a.oauth2 != nil {
		if used.token, err = a.oauth2.token(h.Context(), s.Client); err != nil {
			return used, err
		}
		if used.token != "" {
			h.Header.Set("Authorization", "Bearer "+used.token)
		}
	}
	if a.aws != nil {
		if used.keys, err = a.aws.credentials.Keys(h.Context()); err != nil {
			return used, err
		}
		aws.Sign(h, sent, used.keys, a.aws.scope, s.Now())
	}
	return used, nil
}

// Open gives what fetches credentials and tells the time.
func (a *Auth) Open(client *http.Client, now func() time.Time) {
	if a.aws != nil {
		a.aws.open(client, now)
	}
}

// Addresses returns the addresses that tokens are fetched from.
func (a *Auth) Addresses(c *destinations.Formulas, set settings.Set, now func() time.Time) []string {
	switch {
	case a.oauth2 != nil:
		a.oauth2.Now = now
		return []string{a.oauth2.configure(c, set)}
	case a.aws != nil:
		return a.aws.configure(c, set)
	}
	return nil
}
