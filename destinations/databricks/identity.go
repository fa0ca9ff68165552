package databricks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"headgate/destinations/rest"
)

// identity gets the tokens of a service principal: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
type identity struct {
	address    string
	id, secret string
	fixed      string // a token that a person made; nothing else is looked at then
	client     *rest.Client
	now        func() time.Time

	mu      sync.Mutex
	current string
	until   time.Time // when it is to be renewed
}

const renewBefore = time.Minute

// basic is how the request for a token is known.
func (i *identity) basic(_ context.Context, r *http.Request) (string, error) {
	r.SetBasicAuth(url.QueryEscape(i.id), url.QueryEscape(i.secret))
	return "", nil
}

func (i *identity) authorize(ctx context.Context, r *http.Request) (token string, err error) {
	if i.fixed != "" {
		r.Header.Set("Authorization", "Bearer "+i.fixed)
		return "", nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.current == "" || !i.now().Before(i.until) {
		if err := i.fetch(ctx); err != nil {
			return "", err
		}
	}
	r.Header.Set("Authorization", "Bearer "+i.current)
	return i.current, nil
}

func (i *identity) fetch(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"all-apis"}}
	answer, err := i.client.Do(ctx, rest.Request{Method: http.MethodPost, URL: i.address + "/oidc/v1/token", Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
	if err != nil {
		return fmt.Errorf("fetch an access token: %w", err)
	}
	var said struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
		Error   string `json:"error"`
		Words   string `json:"error_description"`
	}
	err = json.Unmarshal(answer.Body, &said)
	words := fmt.Sprintf("no access token: status %d: %s", answer.Status, rest.Words(said.Error+" "+said.Words))
	switch {
	case answer.Status == http.StatusTooManyRequests, answer.Status >= 500:
		return errors.New(words)
	case answer.Status != http.StatusOK:
		return &rest.Refused{Fact: words}
	case err != nil || said.Token == "" || said.Expires <= 0:
		return errors.New("the token endpoint answers something other than a token")
	}
	life := time.Duration(said.Expires) * time.Second
	i.current, i.until = said.Token, i.now().Add(max(life-renewBefore, life/2))
	return nil
}

// forget drops a token that was not accepted.
func (i *identity) forget(used string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.current == used {
		i.current = ""
	}
}
