package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"headgate/config"
	"headgate/console/exchange"
)

const (
	// BeginPath is where a sign-in by the provider begins.
	BeginPath = "/api/sign-in/oidc"
	// DonePath is where the provider sends people back to.
	DonePath   = BeginPath + "/done"
	loginName  = "headgate_login" // a cookie that ties a sign-in to the browser that began it
	loginTime  = 10 * time.Minute
	mostLogins = 1000
	askingTime = 15 * time.Second // for one question to the provider
)

// BeginOIDC sends the browser to the provider.
func (g *Gate) BeginOIDC(w http.ResponseWriter, r *http.Request) {
	o := g.settings.Admin().OIDC
	if o == nil {
		exchange.Answer(w, http.StatusNotFound, &Refusal{Error: "no OpenID provider is configured: admin.oidc"})
		return
	}
	p, err := g.findProvider(r.Context(), o)
	if err != nil {
		g.logger.Error("the OpenID provider cannot be asked; look at admin.oidc and its network", "error", err)
		g.comeBack(w, r, "the provider cannot be reached")
		return
	}
	l := &login{verifier: oauth2.GenerateVerifier(), to: localPath(r.URL.Query().Get("to")), redirect: g.redirect(o, r), began: g.now()}
	state, err := g.secret()
	for _, text := range []*string{&l.browser, &l.nonce} {
		if err == nil {
			*text, err = g.secret()
		}
	}
	if err != nil {
		exchange.Answer(w, http.StatusInternalServerError, &Refusal{Error: err.Error()})
		return
	}
	g.logins.all.Add(state, l)
	g.setLogin(w, r, l.browser, int(loginTime/time.Second))
	http.Redirect(w, r, p.oauth(o, l).AuthCodeURL(state, oidc.Nonce(l.nonce), oauth2.S256ChallengeOption(l.verifier)), http.StatusFound)
}

// setLogin sets the cookie of a sign-in. It is Lax, since the browser comes back from another site.
func (g *Gate) setLogin(w http.ResponseWriter, r *http.Request, value string, age int) {
	_, secure := g.settings.Client(r)
	http.SetCookie(w, &http.Cookie{Name: loginName, Value: value, Path: BeginPath, MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure where the browser uses HTTPS
}

// EndOIDC starts a session for whoever comes back from the provider.
func (g *Gate) EndOIDC(w http.ResponseWriter, r *http.Request) {
	o := g.settings.Admin().OIDC
	q := r.URL.Query()
	l, known := g.logins.all.Get(q.Get("state"))
	g.logins.all.Remove(q.Get("state"))
	c, err := r.Cookie(loginName)
	g.setLogin(w, r, "", -1)
	switch {
	case o == nil || !known || g.now().Sub(l.began) > loginTime || err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(l.browser)) != 1:
		g.comeBack(w, r, "this sign-in did not begin here, or took too long: begin again")
		return
	case q.Get("error") != "":
		g.comeBack(w, r, "the provider refused")
		return
	}
	s, err := g.exchange(r.Context(), o, l, q.Get("code"))
	if err != nil {
		g.logger.Warn("a sign-in by the OpenID provider failed", "error", err)
		g.comeBack(w, r, "the provider's answer could not be used; the log says why")
		return
	}
	if rightsOf(s.roles(g.settings.Admin())) == 0 {
		line := Line{Action: "sign_in.failed", Who: s.name, From: g.from(r), Status: http.StatusForbidden}
		if err := g.trail.Add(&line); err != nil {
			g.logger.Error("a failed sign-in could not be noted in the audit list; look at the disk of the data folder", "error", err)
		}
		g.comeBack(w, r, "none of your groups has a role here: an administrator adds it to admin.oidc.groups")
		return
	}
	if _, refused := g.welcome(w, r, s); refused != nil {
		g.comeBack(w, r, refused.Error)
		return
	}
	http.Redirect(w, r, l.to, http.StatusFound)
}

// comeBack shows a failure on the page that people sign in at.
func (g *Gate) comeBack(w http.ResponseWriter, r *http.Request, why string) {
	http.Redirect(w, r, "/sign-in?error="+url.QueryEscape(why), http.StatusFound)
}

// localPath is a path of this admin side, the first page for anything else.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return to
}

// redirect is where the provider is asked to send people back to.
func (g *Gate) redirect(o *config.OIDC, r *http.Request) string {
	if o.Address.Value != "" {
		return strings.TrimRight(o.Address.Value, "/") + DonePath
	}
	scheme := "http"
	if _, secure := g.settings.Client(r); secure {
		scheme = "https"
	}
	return scheme + "://" + r.Host + DonePath
}

// findProvider reads the provider's discovery document, once. Only its host is asked for that; the hosts that it names may be
// asked afterwards.
func (g *Gate) findProvider(ctx context.Context, o *config.OIDC) (*provider, error) {
	g.logins.mu.Lock()
	defer g.logins.mu.Unlock()
	if p := g.logins.provider; p != nil && p.issuer == o.Issuer.Value {
		return p, nil
	}
	first := &http.Client{Transport: g.settings.Outgoing(hostsOf(o.Issuer.Value)), Timeout: askingTime}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, first), o.Issuer.Value)
	if err != nil {
		return nil, err
	}
	var known oidc.ProviderConfig
	if err := found.Claims(&known); err != nil {
		return nil, err
	}
	client := &http.Client{Transport: g.settings.Outgoing(hostsOf(o.Issuer.Value, known.TokenURL, known.JWKSURL, known.UserInfoURL)), Timeout: askingTime}
	p := &provider{issuer: o.Issuer.Value, client: client}
	// The keys are read later and in the background, with the client of this context.
	p.Provider = known.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client))
	g.logins.provider = p
	return p, nil
}

// exchange redeems the code that came back for an ID token, and reads who it is about.
func (g *Gate) exchange(ctx context.Context, o *config.OIDC, l *login, code string) (*session, error) {
	p, err := g.findProvider(ctx, o)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(o, l).Exchange(ctx, code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		return nil, withoutAnswer(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("the provider gave no ID token")
	}
	id, err := p.Verifier(&oidc.Config{ClientID: o.ClientID.Value, Now: g.now}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(l.nonce)) != 1 {
		return nil, errors.New("the ID token is for another sign-in")
	}
	c, err := readClaims(id.Claims, o.GroupClaim.Value)
	if err != nil {
		return nil, err
	}
	if (!c.listed || c.Name == "") && p.UserInfoEndpoint() != "" {
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return nil, withoutAnswer(err)
		}
		more, err := readClaims(info.Claims, o.GroupClaim.Value)
		if err != nil {
			return nil, err
		}
		if info.Subject != id.Subject {
			return nil, errors.New("the provider answered about somebody else")
		}
		c = c.with(&more)
	}
	return &session{by: byProvider, name: c.shownAt(o.Issuer.Value), proof: o.Issuer.Value, groups: c.groups}, nil
}
