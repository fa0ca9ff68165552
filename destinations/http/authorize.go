package http

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
	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// authorization is a compiled auth:.
type authorization struct {
	bearer         *rules.Template
	user, password *rules.Template
	headers, query []pair
	oauth1         *oauth1
	oauth2         *tokens
	hmac           *signature
	aws            *amazon
}

func (c *compiler) authorization(a *catalog.Auth, s rules.Scope) (out authorization) {
	out.bearer = c.Template(a.Bearer, s)
	out.headers, out.query = c.pairs(a.Header, s), c.pairs(a.Query, s)
	if a.Basic != nil {
		out.user, out.password = c.Template(a.Basic.User, s), c.Template(a.Basic.Password, s)
	}
	if a.OAuth1 != nil {
		out.oauth1 = &oauth1{c.Template(a.OAuth1.ConsumerKey, s), c.Template(a.OAuth1.ConsumerSecret, s), c.Template(a.OAuth1.Token, s), c.Template(a.OAuth1.TokenSecret, s)}
	}
	if a.OAuth2 != nil {
		out.oauth2 = c.tokens(a.OAuth2, s)
	}
	if a.HMAC != nil {
		out.hmac = c.signature(a.HMAC, s)
	}
	if a.AWS != nil {
		out.aws = c.amazon(a.AWS, s)
	}
	return out
}

// fill adds the credentials that formulas yield; *** in a masked frame.
func (a *authorization) fill(r *trace.Request, f *body.Frame) {
	show := func(secret string) string {
		if f.Masked && secret != "" {
			return destinations.Mask
		}
		return secret
	}
	if token := f.Text(a.bearer); token != "" {
		r.Headers = setHeader(r.Headers, "Authorization", show("Bearer "+token))
	}
	if a.user != nil || a.password != nil {
		pair := f.Text(a.user) + ":" + f.Text(a.password)
		r.Headers = setHeader(r.Headers, "Authorization", show("Basic "+base64.StdEncoding.EncodeToString([]byte(pair))))
	}
	for _, h := range a.headers {
		r.Headers = setHeader(r.Headers, h.name, show(f.Text(h.value)))
	}
	for _, q := range a.query {
		r.URL = addParam(r.URL, q.name, show(f.Text(q.value)))
	}
}

// show adds *** where the sender adds credentials.
func (a *authorization) show(r *trace.Request, f *body.Frame) {
	if a.oauth1 != nil || a.aws != nil || a.oauth2 != nil && a.oauth2.grant != nil {
		r.Headers = setHeader(r.Headers, "Authorization", destinations.Mask)
	}
	if a.hmac != nil && a.hmac.sign(f, r.Body) != "" {
		r.Headers = setHeader(r.Headers, a.hmac.header, destinations.Mask)
	}
}

// proofs returns the credentials in the headers of a request.
func (a *authorization) proofs(hs event.Headers) (texts []string) {
	for _, h := range hs {
		if strings.EqualFold(h.Name, "Authorization") || slices.ContainsFunc(a.headers, func(p pair) bool { return strings.EqualFold(p.name, h.Name) }) {
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

// signing is what credentials are made with when a request is sent.
type signing struct {
	language *rules.Language
	settings event.Map
	now      func() time.Time
	random   io.Reader
	client   *http.Client // fetches tokens
}

// proof is what a request was authenticated with that may stop being good before its time.
type proof struct {
	token string // of OAuth 2
	keys  aws.Keys
}

// stale reports whether an answer says that the proof is no longer good and another one can be had; the next request gets it.
func (a *authorization) stale(used proof, answer *Response) bool {
	switch {
	case used.token != "" && answer.Status == http.StatusUnauthorized:
		a.oauth2.Forget(used.token) // it may have been withdrawn before its time
		return true
	case used.keys.Session != "" && isExpired(answer):
		a.aws.credentials.Forget(used.keys)
		return true
	}
	return false
}

// sign adds what depends on the finished request, the clock or a token. form are the fields of a form body.
func (a *authorization) sign(s *signing, h *http.Request, sent []byte, form url.Values) (used proof, err error) {
	f := &body.Frame{Machine: s.language.Machine()}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = s.settings, &event.Event{}
	if a.hmac != nil {
		if signed := a.hmac.sign(f, sent); signed != "" {
			h.Header.Set(a.hmac.header, signed)
		}
	}
	if a.oauth1 != nil {
		header, err := a.oauth1.header(f, h.Method, h.URL, form, s.now(), s.random)
		if err != nil {
			return used, err
		}
		h.Header.Set("Authorization", header)
	}
	if a.oauth2 != nil {
		if used.token, err = a.oauth2.token(h.Context(), s.client); err != nil {
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
		aws.Sign(h, sent, used.keys, a.aws.scope, s.now())
	}
	return used, nil
}

// addresses returns the addresses that tokens are fetched from.
func (a *authorization) addresses(c *compiler, settings destinations.Settings, now func() time.Time) []string {
	switch {
	case a.oauth2 != nil:
		a.oauth2.Now = now
		return []string{a.oauth2.configure(c, settings)}
	case a.aws != nil:
		return a.aws.configure(c, settings)
	}
	return nil
}
