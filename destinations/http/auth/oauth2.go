package auth

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http/body"
	"headgate/destinations/http/words"
	"headgate/destinations/rest"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/rules"
)

// tokens holds the access token of one endpoint.
type tokens struct {
	rest.Token
	declared *catalog.OAuth2
	compiled struct{ url, id, secret, refresh, key, subject, scope *rules.Template }
	fields   []body.Pair

	grant func(ctx context.Context) (*oauth2.Token, error) // set by configure
}

func compileTokens(c *destinations.Formulas, a *catalog.OAuth2, s rules.Scope) *tokens {
	t := &tokens{declared: a, fields: body.CompilePairs(c, a.Fields, s)}
	t.Fetch = t.fetch
	t.compiled.url, t.compiled.id, t.compiled.secret = c.Template(a.TokenURL, s), c.Template(a.ClientID, s), c.Template(a.ClientSecret, s)
	t.compiled.refresh, t.compiled.key = c.Template(a.RefreshToken, s), c.Template(a.Key, s)
	t.compiled.subject, t.compiled.scope = c.Template(a.Subject, s), c.Template(a.Scope, s)
	if a.Style != "" && a.Style != "body" && a.Style != "basic" {
		at := document.Place{}
		if a.TokenURL != nil {
			at = a.TokenURL.At
		}
		c.Mistakes.Add(at, fmt.Sprintf("the client's credentials cannot stand in %q", a.Style), "write style: body, or style: basic")
	}
	return t
}

// serviceAccount is what is read of a service account's JSON key.
type serviceAccount struct {
	Email    string `json:"client_email"`
	Key      string `json:"private_key"`
	KeyID    string `json:"private_key_id"`
	TokenURI string `json:"token_uri"`
}

// configure fixes the grant from the settings and returns the address of tokens. When they name no credentials there is none,
// and requests go without a token.
func (t *tokens) configure(c *destinations.Formulas, set settings.Set) string {
	at := func(tpl *rules.Template) string { return c.Fixed(tpl, set.Values()) }
	address, scopes := at(t.compiled.url), strings.Fields(at(t.compiled.scope))
	id, secret, refresh, key := at(t.compiled.id), at(t.compiled.secret), at(t.compiled.refresh), at(t.compiled.key)
	style := oauth2.AuthStyleInParams
	if t.declared.Style == "basic" {
		style = oauth2.AuthStyleInHeader
	}
	fields := url.Values{}
	for _, f := range t.fields {
		fields.Set(f.Name, at(f.Value))
	}
	switch {
	case key != "":
		var account serviceAccount
		if err := json.Unmarshal([]byte(key), &account); err != nil || account.Key == "" || account.Email == "" {
			c.Mistakes.Add(t.declared.Key.At, "the key is not a service account", "give the whole JSON file with client_email and private_key")
			return address
		}
		if block, _ := pem.Decode([]byte(account.Key)); block == nil {
			c.Mistakes.Add(t.declared.Key.At, "the private_key of the service account is damaged", "line breaks in it are written as \\n within the JSON")
			return address
		}
		if address == "" {
			address = account.TokenURI
		}
		config := &jwt.Config{Email: account.Email, PrivateKey: []byte(account.Key), PrivateKeyID: account.KeyID, Scopes: scopes, TokenURL: address, Subject: at(t.compiled.subject)}
		t.grant = func(ctx context.Context) (*oauth2.Token, error) { return config.TokenSource(ctx).Token() }
	case refresh != "":
		config := &oauth2.Config{ClientID: id, ClientSecret: secret, Scopes: scopes, Endpoint: oauth2.Endpoint{TokenURL: address, AuthStyle: style}}
		t.grant = func(ctx context.Context) (*oauth2.Token, error) {
			got, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
			if err == nil && got.RefreshToken != "" {
				refresh = got.RefreshToken // some vendors give a new one each time
			}
			return got, err
		}
	case id == "" && secret == "":
		return address // nothing is filled in: the request authenticates in another way
	default:
		config := &clientcredentials.Config{ClientID: id, ClientSecret: secret, Scopes: scopes, TokenURL: address, AuthStyle: style, EndpointParams: fields}
		t.grant = config.Token
	}
	return address
}

// token returns the token to use now, "" where the request authenticates in another way.
func (t *tokens) token(ctx context.Context, client *http.Client) (string, error) {
	if t.grant == nil {
		return "", nil
	}
	return t.Get(context.WithValue(ctx, oauth2.HTTPClient, client))
}

// fetch gets a token by the grant.
func (t *tokens) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	got, err := t.grant(ctx)
	if err != nil {
		return "", 0, tokenError(err)
	}
	if life = time.Duration(got.ExpiresIn) * time.Second; life == 0 && !got.Expiry.IsZero() {
		life = time.Until(got.Expiry)
	}
	return got.AccessToken, life, nil
}

// DeniedToken is a token that the vendor does not issue: our settings are wrong.
type DeniedToken struct{ words string }

func (e *DeniedToken) Error() string { return "no access token: " + e.words }

// tokenError distinguishes a failing vendor (an error to retry) from one that denies the token (a *deniedToken).
func tokenError(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) || answer.Response == nil {
		return fmt.Errorf("fetch an access token: %w", err)
	}
	said := answer.ErrorCode
	if answer.ErrorDescription != "" {
		said = strings.TrimPrefix(said+": "+answer.ErrorDescription, ": ")
	}
	if said == "" {
		said = words.Of(answer.Body)
	}
	status := answer.Response.StatusCode
	if status == http.StatusTooManyRequests || status >= 500 {
		return fmt.Errorf("fetch an access token: status %d: %s", status, said)
	}
	return &DeniedToken{fmt.Sprintf("status %d: %s", status, said)}
}
