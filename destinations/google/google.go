// Package google gets access tokens of Google Cloud: for the JSON key of a service account, or from the metadata service of the
// machine or pod (workload identity). It knows no destination.
//
// It promises one token at a time, fetched when it is first needed and again shortly before it ends, and that a key never stands in an
// error. Federated identities of other clouds (external_account) are not read.
package google

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"headgate/destinations/egress"
	"headgate/destinations/rest"
)

// Options say where tokens are had. The zero value of all but Scope and Client is the real thing.
type Options struct {
	Key      string // the JSON file of a service account; "": the file that the environment names, else the metadata service
	Scope    string
	TokenURL string // "": Google's

	Client   *http.Client // for TokenURL, which is on the internet
	Metadata *http.Client // for the link-local address of the metadata service; nil: one without a proxy
	Lookup   func(name string) (string, bool)
	ReadFile func(name string) ([]byte, error)
	Now      func() time.Time
}

type credentials struct{ Options }

const (
	tokenURL      = "https://oauth2.googleapis.com/token" //nolint:gosec // an address
	metadataHost  = "metadata.google.internal"
	early         = 10 * time.Second // this machine's clock may be ahead so much
	metadataReply = 5 * time.Second
	answerLimit   = 64 << 10 // bytes of an answer that are read
)

// account is what is read of a service account's key.
type account struct {
	Type     string `json:"type"`
	Email    string `json:"client_email"`
	Key      string `json:"private_key"`
	KeyID    string `json:"private_key_id"`
	TokenURI string `json:"token_uri"`
}

// New returns a token that is good now. It looks for nothing yet. A *rest.Refused is an error that a person has to act on.
func New(o Options) *rest.Token {
	if o.Lookup == nil {
		o.Lookup = os.LookupEnv
	}
	if o.ReadFile == nil {
		o.ReadFile = os.ReadFile
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Metadata == nil {
		o.Metadata = egress.Metadata(metadataReply)
	}
	return &rest.Token{Now: o.Now, Fetch: (&credentials{o}).fetch}
}

// Check says what is wrong with a key, "" when nothing is. It never quotes the key.
func Check(key string) (fact, cure string) {
	_, _, err := read(key)
	if err == nil {
		return "", ""
	}
	return err.Error(), "give the whole JSON file; line breaks in private_key are written as \\n within the JSON"
}

func read(text string) (a account, key *rsa.PrivateKey, err error) {
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Email == "" || a.Key == "" {
		if a.Type != "" && a.Type != "service_account" {
			return a, nil, fmt.Errorf("it is of the type %s, and a key of a service account is expected", a.Type)
		}
		return a, nil, errors.New("it is not the key of a service account")
	}
	if key, err = rest.ReadKey(a.Key, ""); err != nil {
		return a, nil, fmt.Errorf("the private_key in it is no key: %w", err)
	}
	return a, key, nil
}

func (c *credentials) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	key := c.Key
	if path, ok := c.Lookup("GOOGLE_APPLICATION_CREDENTIALS"); key == "" && ok && path != "" {
		data, err := c.ReadFile(path)
		if err != nil {
			return "", 0, &rest.Refused{Fact: "the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read"}
		}
		key = string(data)
	}
	if key == "" {
		return c.metadata(ctx)
	}
	return c.exchange(ctx, key)
}

// exchange signs a JWT with the account's key and has it exchanged for a token:
// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
func (c *credentials) exchange(ctx context.Context, text string) (token string, life time.Duration, err error) {
	a, key, err := read(text)
	if err != nil {
		return "", 0, &rest.Refused{Fact: "the key of the service account: " + err.Error()}
	}
	now := c.Now()
	signed := rest.SignJWT(key, a.KeyID, map[string]any{"iss": a.Email, "scope": c.Scope, "aud": orDefault(a.TokenURI, tokenURL),
		"iat": now.Add(-early).Unix(), "exp": now.Add(-early + time.Hour).Unix()})
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}
	client := rest.Client{HTTP: c.Client}
	token, life, err = client.Exchange(ctx, orDefault(c.TokenURL, tokenURL), form)
	var refused *rest.Refused
	if errors.As(err, &refused) && strings.Contains(refused.Fact, "invalid_grant") {
		err = &rest.Refused{Fact: refused.Fact + " (the key was deleted, the account is gone, or this machine's clock is off)"}
	}
	return token, life, err
}

// metadata asks the metadata service for a token of the machine's or pod's own account:
// https://cloud.google.com/compute/docs/access/authenticate-workloads
func (c *credentials) metadata(ctx context.Context) (token string, life time.Duration, err error) {
	host, _ := c.Lookup("GCE_METADATA_HOST")
	if host == "" {
		host = metadataHost
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/computeMetadata/v1/instance/service-accounts/default/token?scopes="+c.Scope, nil)
	if err != nil {
		return "", 0, &rest.Refused{Fact: "GCE_METADATA_HOST is not a host"}
	}
	r.Header.Set("Metadata-Flavor", "Google")
	const nowhere = "no credentials of Google Cloud: no service_account in the settings, no file in GOOGLE_APPLICATION_CREDENTIALS, and no metadata service"
	answer, err := c.Metadata.Do(r)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", 0, ctx.Err()
	case err != nil && strings.Contains(err.Error(), "no such host"):
		return "", 0, &rest.Refused{Fact: nowhere}
	case err != nil:
		return "", 0, fmt.Errorf("ask the metadata service: %w", rest.WithoutAddress(err))
	}
	defer func() { _ = answer.Body.Close() }() // what follows is not needed
	said, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	switch {
	case err != nil:
		return "", 0, fmt.Errorf("ask the metadata service: %w", err)
	case answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode >= 500:
		return "", 0, fmt.Errorf("the metadata service answers %d", answer.StatusCode)
	case answer.StatusCode != http.StatusOK:
		return "", 0, &rest.Refused{Fact: fmt.Sprintf("the metadata service has no token for this machine or pod: status %d", answer.StatusCode)}
	}
	return rest.ReadToken(said, "the metadata service")
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
