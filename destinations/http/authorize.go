package http

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // vendors sign with HMAC-SHA1
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
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
	return out
}

// fill adds what the request's own formulas say. A masked frame gets *** for all of it.
func (a *authorization) fill(r *Request, f *body.Frame) {
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

// show adds *** where the sender proves who we are.
func (a *authorization) show(r *event.Request, f *body.Frame) {
	if a.oauth1 != nil || a.oauth2 != nil && a.oauth2.grant != nil {
		r.Headers = setHeader(r.Headers, "Authorization", destinations.Mask)
	}
	if a.hmac != nil && a.hmac.sign(f, r.Body) != "" {
		r.Headers = setHeader(r.Headers, a.hmac.header, destinations.Mask)
	}
}

// proofs are the texts in a request that prove who we are.
func (a *authorization) proofs(r *Request) (texts []string) {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Authorization") || slices.ContainsFunc(a.headers, func(p pair) bool { return strings.EqualFold(p.name, h.Name) }) {
			_, credentials, _ := strings.Cut(h.Value, " ")
			texts = append(texts, h.Value, credentials)
		}
	}
	if a.oauth2 != nil {
		texts = append(texts, a.oauth2.inUse())
	}
	return slices.DeleteFunc(texts, func(s string) bool { return len(s) < 4 })
}

// sign adds what depends on the finished request, the clock or a token.
func (a *authorization) sign(ctx context.Context, s *sender, r *Request, h *http.Request, sent []byte) (token string, err error) {
	f := &body.Frame{Machine: s.language.Machine()}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = s.settings.Values(), &event.Event{}
	if a.hmac != nil {
		if signed := a.hmac.sign(f, sent); signed != "" {
			h.Header.Set(a.hmac.header, signed)
		}
	}
	if a.oauth1 != nil {
		header, err := a.oauth1.header(f, r.Method, h.URL, r.formBody(), s.now(), s.random)
		if err != nil {
			return "", err
		}
		h.Header.Set("Authorization", header)
	}
	if a.oauth2 != nil {
		if token, err = a.oauth2.token(ctx, s); err != nil {
			return "", err
		}
		if token != "" {
			h.Header.Set("Authorization", "Bearer "+token)
		}
	}
	return token, nil
}

// addresses are the addresses of tokens.
func (a *authorization) addresses(c *compiler, settings destinations.Settings) []string {
	if a.oauth2 == nil {
		return nil
	}
	return []string{a.oauth2.settle(c, settings)}
}

// signature is a compiled hmac:.
type signature struct {
	header, prefix string
	key, of        *rules.Template
	hash           func() hash.Hash
	encode         func([]byte) string
}

func (c *compiler) signature(h *catalog.HMAC, s rules.Scope) *signature {
	out := &signature{header: h.Header, prefix: h.Prefix, key: c.Template(h.Key, s), of: c.Template(h.Of, s.Answer())}
	at := document.Place{}
	if h.Key != nil {
		at = h.Key.At
	}
	if h.Header == "" || h.Key == nil {
		c.Mistakes.Add(at, "hmac needs a header and a key", "write hmac: {header: X-Signature, key: =settings.secret}")
	}
	switch h.Hash {
	case "", "sha256":
		out.hash = sha256.New
	case "sha1":
		out.hash = sha1.New
	case "sha512":
		out.hash = sha512.New
	default:
		c.Mistakes.Add(at, fmt.Sprintf("no hash %q", h.Hash), "write sha256, sha1 or sha512")
	}
	switch h.Encoding {
	case "", "hex":
		out.encode = hex.EncodeToString
	case "base64":
		out.encode = base64.StdEncoding.EncodeToString
	default:
		c.Mistakes.Add(at, fmt.Sprintf("no encoding %q", h.Encoding), "write hex or base64")
	}
	return out
}

func (s *signature) sign(f *body.Frame, body []byte) string {
	key := f.Text(s.key)
	if key == "" {
		return ""
	}
	mac := hmac.New(s.hash, []byte(key))
	if s.of != nil {
		f.Env.Body = event.String(string(body))
		body = []byte(f.Text(s.of))
	}
	mac.Write(body)
	return s.prefix + s.encode(mac.Sum(nil))
}
