// Package rest is what drivers share whose store is reached by JSON over HTTPS: one client, a token that is fetched again once when
// it is not accepted, and whose fault it is when there is no answer.
//
// It promises that no error has an address in it, whose query may hold what nobody should read, and that no redirect is followed. It
// does not try again what failed, but for an expired token: the core does.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/egress"
)

// Client makes the requests of one driver.
type Client struct {
	HTTP *http.Client
	// Authorize sets what a request is known by, and returns the token in it; "" when it is not one that expires.
	Authorize func(ctx context.Context, r *http.Request) (token string, err error)
	// Forget drops a token that was not accepted, so that Authorize fetches another.
	Forget func(token string)
}

// Refused are credentials that cannot be had: a person has to act.
type Refused struct{ Fact string }

func (e *Refused) Error() string { return e.Fact }

// Request is one request. A body is JSON unless Type says something else.
type Request struct {
	Method, URL string
	Type        string // of the body
	Body        []byte
	Compressed  bool   // Body is sent with gzip
	Encoding    string // of a Body that is compressed already
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Body   []byte
	After  time.Duration // from Retry-After; 0 when the store did not say
}

const answerLimit = 8 << 20 // bytes of an answer that are read

// NewHTTP is a client that reaches what dial does and follows no redirect. answer is how long an answer may take.
func NewHTTP(dial destinations.Dial, answer time.Duration) *http.Client {
	return &http.Client{Timeout: answer,
		Transport:     &http.Transport{DialContext: dial, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Do makes a request. The error is that of a request without an answer.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	answer, used, err := c.once(ctx, &r)
	if err == nil && answer.Status == http.StatusUnauthorized && used != "" {
		c.Forget(used)
		answer, _, err = c.once(ctx, &r)
	}
	return answer, err
}

func (c *Client) once(ctx context.Context, r *Request) (answer *Answer, token string, err error) {
	body := r.Body
	if r.Compressed {
		body = Gzip(body)
	}
	h, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(body))
	if err != nil {
		return nil, "", WithoutAddress(err)
	}
	h.Header.Set("User-Agent", "Headgate")
	switch {
	case r.Type != "":
		h.Header.Set("Content-Type", r.Type)
	case len(body) > 0:
		h.Header.Set("Content-Type", "application/json")
	}
	switch {
	case r.Compressed:
		h.Header.Set("Content-Encoding", "gzip")
	case r.Encoding != "":
		h.Header.Set("Content-Encoding", r.Encoding)
	}
	if c.Authorize != nil {
		if token, err = c.Authorize(ctx, h); err != nil {
			return nil, "", err
		}
	}
	got, err := c.HTTP.Do(h)
	if err != nil {
		return nil, token, WithoutAddress(err)
	}
	defer func() { _ = got.Body.Close() }() // what follows is not needed
	said, err := io.ReadAll(io.LimitReader(got.Body, answerLimit))
	if err != nil {
		return nil, token, fmt.Errorf("read the answer: %w", err)
	}
	return &Answer{Status: got.StatusCode, Body: said, After: after(got.Header.Get("Retry-After"))}, token, nil
}

// after reads Retry-After as seconds, the form that APIs use.
func after(header string) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil || seconds < 0 || seconds > 86_400 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// WithoutAddress takes the address with its query out of an error of net/http.
func WithoutAddress(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return fmt.Errorf("reach the server: %w", at.Err)
	}
	return err
}

// Blame is whose fault a request without an answer is: that of our settings when credentials were refused, the address is not allowed
// or its certificate is not trusted, else the network's.
func Blame(err error) destinations.Kind {
	var refused *Refused
	var forbidden *egress.Forbidden
	switch {
	case errors.As(err, &refused), errors.As(err, &forbidden):
		return destinations.Halt
	case strings.Contains(err.Error(), "tls: "), strings.Contains(err.Error(), "x509: "):
		return destinations.Halt
	}
	return destinations.Retry
}

const longestWords = 600

// Words are a store's, without line breaks and not longer than a person reads.
func Words(said string) string {
	said = strings.Join(strings.Fields(said), " ")
	if len(said) > longestWords {
		said = strings.ToValidUTF8(said[:longestWords], "") + " …"
	}
	return said
}

// Pause waits, unless ctx ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
