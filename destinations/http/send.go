package http

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"

	"headgate/destinations/egress"
	"headgate/destinations/http/auth"
	"headgate/destinations/rest"
	"headgate/event"
)

const (
	answerLimit = 1 << 20 // bytes of an answer that are read
	quickTries  = 2       // tries after the first, for failures of seconds
	quickWait   = 200 * time.Millisecond
	quickMost   = 2 * time.Second // a longer Retry-After is left to the queue
)

// sender sends the requests of one destination: the only place where it touches the network.
type sender struct {
	auth.Signing
	hide      func(string) string
	tries     *retryablehttp.Client // the client of signing, with quick tries
	transport *http.Transport
	limiter   *rate.Limiter
	slots     chan struct{} // requests in flight
}

func newSender(p *plan) *sender {
	s := &sender{Signing: auth.Signing{Language: p.Language, Settings: p.Settings.Values(), Now: p.Now, Random: p.Random}, hide: p.Hide,
		slots: make(chan struct{}, p.Delivery.AtOnce), limiter: rate.NewLimiter(rate.Inf, 0)}
	if s.Random == nil {
		s.Random = rand.Reader
	}
	if p.Delivery.Rate > 0 {
		s.limiter = rate.NewLimiter(rate.Limit(p.Delivery.Rate), int(max(1, math.Ceil(p.Delivery.Rate))))
	}
	s.transport = egress.NewDialer(p.hosts, p.Allow).Transport()
	s.transport.MaxIdleConns, s.transport.MaxIdleConnsPerHost = p.Delivery.AtOnce, p.Delivery.AtOnce
	s.transport.IdleConnTimeout = 90 * time.Second
	s.transport.TLSHandshakeTimeout = 10 * time.Second
	s.transport.ReadBufferSize, s.transport.WriteBufferSize = 8<<10, 32<<10
	s.Client = &http.Client{
		Transport:     s.transport,
		Timeout:       p.Delivery.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if p.Client != nil {
		s.Client.Transport = p.Client
	}
	for _, to := range p.endpoints {
		to.auth.Open(s.Client, p.Now)
	}
	s.tries = &retryablehttp.Client{
		HTTPClient:   s.Client,
		RetryMax:     quickTries,
		RetryWaitMin: quickWait,
		RetryWaitMax: quickMost,
		CheckRetry:   quick(p.Spec.Duplicates == "dropped"),
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return s
}

// quick decides when a request is tried again within seconds: when no connection was made, and, where the vendor
// recognises duplicates, when the connection broke or a gateway reports that its upstream does not answer.
func quick(again bool) retryablehttp.CheckRetry {
	return func(ctx context.Context, answer *http.Response, err error) (bool, error) {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		var wrong *egress.Forbidden
		var dial *net.OpError
		switch {
		case errors.As(err, &wrong):
			return false, nil
		case errors.As(err, &dial) && dial.Op == "dial":
			return !dial.Timeout(), nil
		case err != nil:
			return again && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)), nil
		case answer.StatusCode == http.StatusBadGateway, answer.StatusCode == http.StatusServiceUnavailable, answer.StatusCode == http.StatusGatewayTimeout:
			return again && answer.Header.Get("Retry-After") == "", nil
		}
		return false, nil
	}
}

// backoff doubles from quickWait, with jitter: many destinations fail at the same moment.
func backoff(least, most time.Duration, attempt int, _ *http.Response) time.Duration {
	wait := min(least<<attempt, most)
	return wait/2 + mathrand.N(wait/2+1) //nolint:gosec // jitter is not a secret
}

// send sends one request and returns the answer. The error, when there is no answer, contains no secret.
func (s *sender) send(ctx context.Context, r *Request) (Response, error) {
	if err := s.limiter.Wait(ctx); err != nil {
		return Response{}, err
	}
	answer, used, err := s.once(ctx, r)
	if err == nil && r.to.auth.Stale(used, answer.Status, answer.Body) {
		answer, _, err = s.once(ctx, r)
	}
	return answer, err
}

func (s *sender) once(ctx context.Context, r *Request) (answer Response, used auth.Proof, err error) {
	body := r.Body
	if r.to.gzip && len(body) > 0 {
		body = rest.Gzip(body)
	}
	// A body of an empty slice would be sent with a Content-Length; GET has none.
	var content any
	if len(body) > 0 {
		content = body
	}
	h, err := retryablehttp.NewRequestWithContext(ctx, r.Method, r.URL, content)
	if err != nil {
		return answer, used, &egress.Forbidden{Fact: s.clean(err)}
	}
	h.Header.Set("User-Agent", "Headgate")
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, "host") {
			h.Host = header.Value
			continue
		}
		h.Header[http.CanonicalHeaderKey(header.Name)] = []string{header.Value}
	}
	if r.to.gzip && len(body) > 0 {
		h.Header.Set("Content-Encoding", "gzip")
	}
	if used, err = r.to.auth.Sign(&s.Signing, h.Request, body, r.form()); err != nil {
		return answer, used, err
	}
	got, err := s.tries.Do(h)
	if err != nil {
		return answer, used, err
	}
	defer got.Body.Close()
	answer = Response{Status: got.StatusCode}
	for name, values := range got.Header {
		for _, v := range values {
			answer.Headers = append(answer.Headers, event.Header{Name: strings.ToLower(name), Value: v})
		}
	}
	slices.SortStableFunc(answer.Headers, func(a, b event.Header) int { return strings.Compare(a.Name, b.Name) })
	if answer.Body, err = io.ReadAll(io.LimitReader(got.Body, answerLimit)); err != nil {
		return answer, used, fmt.Errorf("read the answer: %w", err)
	}
	return answer, used, nil
}

// clean is an error's text without the address, whose query may hold a secret.
func (s *sender) clean(err error) string {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return s.hide(err.Error())
}

func (s *sender) close() { s.transport.CloseIdleConnections() }
