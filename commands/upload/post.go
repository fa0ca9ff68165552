package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headgate/document"
)

// Target is where events are sent.
type Target struct {
	URL    string
	Host   string // that is asked for, where the URL has an address; "" for the URL's own
	Key    document.Secret
	Client *http.Client
	// Patience is for how long a receiver that cannot take events is asked again.
	Patience time.Duration
	// Wait waits, or returns the error of a context that ends before.
	Wait func(ctx context.Context, d time.Duration) error
}

// ErrRefused is wrapped by what the person who sends can cure.
var ErrRefused = errors.New("refused")

// errLarge is the answer to a batch that is larger than the receiver takes.
var errLarge = fmt.Errorf("%w: the request is larger than the receiver takes", ErrRefused)

// answer is what a receiver says of a batch.
type answer struct {
	Accepted int
	Repeated int
	Rejected []struct {
		Index int
		Error string
	}
	Error string
}

// post sends a batch until it is answered. A receiver that is away, full or busy is asked again, when it says so and else after
// half a second, a second, and so on up to half a minute.
func (t *Target) post(ctx context.Context, body []byte) (a answer, err error) {
	const longestWait = 30 * time.Second
	sum := sha256.Sum256(body)
	key, pause, waited := hex.EncodeToString(sum[:16]), 500*time.Millisecond, time.Duration(0)
	for {
		a, after, err := t.once(ctx, body, key)
		if err == nil || errors.Is(err, ErrRefused) || ctx.Err() != nil {
			return a, errors.Join(err, ctx.Err())
		}
		if after <= 0 {
			after, pause = pause, min(2*pause, longestWait)
		}
		after = min(after, 10*longestWait)
		if waited += after; waited > t.Patience {
			return a, fmt.Errorf("given up after %s: %w", t.Patience, err)
		}
		if err := t.Wait(ctx, after); err != nil {
			return a, err
		}
	}
}

// once sends a batch once. after is when the receiver wants to be asked again, 0 when it does not say. The batch carries a key
// by which the receiver knows it again, should its answer get lost.
func (t *Target) once(ctx context.Context, body []byte, key string) (a answer, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return a, 0, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	req.Host = t.Host
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Authorization", "Bearer "+t.Key.Reveal())
	req.Header.Set("Idempotency-Key", key)
	resp, err := t.Client.Do(req)
	if err != nil {
		return a, 0, fmt.Errorf("no answer from %s: %w", t.URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return a, 0, fmt.Errorf("the answer of %s broke off: %w", t.URL, err)
	}
	readable := json.Unmarshal(said, &a) == nil
	switch status := resp.StatusCode; {
	case status == http.StatusAccepted && readable, status == http.StatusBadRequest && readable && len(a.Rejected) > 0:
		return a, 0, nil
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return a, time.Duration(seconds) * time.Second, fmt.Errorf("%s answers %d %s", t.URL, status, words(a.Error))
	case status == http.StatusRequestEntityTooLarge:
		return a, 0, errLarge
	case status == http.StatusUnauthorized:
		return a, 0, fmt.Errorf("%w: the server key is not one that %s accepts", ErrRefused, t.URL)
	case status == http.StatusMisdirectedRequest:
		return a, 0, fmt.Errorf("%w: no site has the host of %s; name one with --site or --to", ErrRefused, t.URL)
	default:
		return a, 0, fmt.Errorf("%w: %s answers %d %s; is it where Headgate takes events?", ErrRefused, t.URL, status, words(a.Error))
	}
}

// words are an error's, made to stand in a line.
func words(text string) string {
	if text = strings.Join(strings.Fields(text), " "); len(text) > 300 {
		text = text[:300]
	}
	return text
}
