package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Token keeps an access token: it is fetched when it is first needed, by one caller while the others wait, and again shortly before it ends.
// Its methods may be called by several goroutines at once.
type Token struct {
	// Fetch returns a token, and for how long it is good: 0 when it does not end.
	Fetch func(ctx context.Context) (token string, life time.Duration, err error)
	Now   func() time.Time

	mu      sync.Mutex
	current string
	until   time.Time // when it is to be renewed; zero: never
}

// renewBefore is how long before its end a token is renewed.
const renewBefore = time.Minute

// Get returns the token to use now.
func (t *Token) Get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != "" && (t.until.IsZero() || t.Now().Before(t.until)) {
		return t.current, nil
	}
	got, life, err := t.Fetch(ctx)
	if err != nil {
		return "", err
	}
	t.current, t.until = got, time.Time{}
	if life > 0 {
		t.until = t.Now().Add(max(life-renewBefore, life/2))
	}
	return t.current, nil
}

// Bearer sets the token on a request, as a Client's Authorize does.
func (t *Token) Bearer(ctx context.Context, r *http.Request) (string, error) {
	token, err := t.Get(ctx)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return token, nil
}

// InUse returns the token that was fetched last.
func (t *Token) InUse() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// Forget drops a token that was not accepted, unless it was renewed meanwhile.
func (t *Token) Forget(used string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == used {
		t.current = ""
	}
}

// Exchange asks a token endpoint for a token: https://www.rfc-editor.org/rfc/rfc6749#section-5. A *Refused is one that a person has to act on.
func (c *Client) Exchange(ctx context.Context, address string, form url.Values) (token string, life time.Duration, err error) {
	answer, err := c.Do(ctx, Request{Method: http.MethodPost, URL: address, Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
	if err != nil {
		return "", 0, fmt.Errorf("fetch an access token: %w", err)
	}
	if answer.Status == http.StatusOK {
		return ReadToken(answer.Body, "the token endpoint")
	}
	var said struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(answer.Body, &said) // an answer of something in between is told by its status
	words := fmt.Sprintf("no access token: status %d: %s", answer.Status, Words(said.Code+" "+said.Description))
	if answer.Status == http.StatusTooManyRequests || answer.Status >= 500 {
		return "", 0, errors.New(words)
	}
	return "", 0, &Refused{Fact: words}
}

// ReadToken reads an answer with a token that ends.
func ReadToken(answer []byte, who string) (token string, life time.Duration, err error) {
	var said struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(answer, &said); err != nil || said.Token == "" || said.Expires <= 0 {
		return "", 0, errors.New(who + " answers something other than a token")
	}
	return said.Token, time.Duration(said.Expires) * time.Second, nil
}
