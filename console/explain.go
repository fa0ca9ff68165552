package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"headgate/console/access"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy"
	"headgate/proxy/explain"
)

// question is the body of POST /api/explain: one of sample, event, hit and id, and a draft to ask instead of what is in force.
type question struct {
	draft
	ID     string       `json:"id"`
	Sample string       `json:"sample"`
	Event  *event.Event `json:"event"`
	Hit    *hit         `json:"hit"`
}

// hit is a raw request as a person writes it. URL is an address or only its path and query; the body is text, or base64
// where it is not.
type hit struct {
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	BodyBase64 []byte            `json:"body_base64"`
	From       string            `json:"from"`
}

const maxQuestion = 2 << 20

// explain answers with a list of traces, one per event.
func (a *api) explain(w http.ResponseWriter, r *http.Request) {
	var asked question
	if err := readJSON(w, r, maxDraft, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	q := explain.Question{Sample: asked.Sample, Event: asked.Event, ID: asked.ID, Draft: asked.draft.draft()}
	if asked.Hit != nil {
		var err error
		if q.Hit, err = a.hit(asked.Hit); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	if !q.IsOne() {
		refuse(w, http.StatusBadRequest, "ask about one of sample, event, hit and id")
		return
	}
	access.About(r.Context(), asked.ID)
	traces, err := a.service.Explain(r.Context(), q)
	switch {
	case err == nil:
		answerTraces(w, r, traces)
	case errors.Is(err, proxy.ErrUnavailable), errors.Is(err, proxy.ErrNotFound), len(asked.Files) > 0:
		failDraft(w, err)
	default: // it names no sample, or no source reads it
		refuse(w, http.StatusBadRequest, err.Error())
	}
}

func (a *api) stored(w http.ResponseWriter, r *http.Request) {
	traces, err := a.service.Stored(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err, http.StatusBadRequest)
		return
	}
	answerTraces(w, r, traces)
}

// answerTraces answers with a JSON list, or with the text that a person reads when that is what was asked for.
func answerTraces(w http.ResponseWriter, r *http.Request, traces []*trace.Trace) {
	if !strings.HasPrefix(r.Header.Get("Accept"), trace.TextType) {
		if traces == nil {
			traces = []*trace.Trace{}
		}
		answer(w, http.StatusOK, traces)
		return
	}
	w.Header().Set("Content-Type", trace.TextType+"; charset=utf-8")
	for _, t := range traces {
		_ = t.WriteText(w) // the client is gone
	}
}

// hit makes what the proxy's listener would have made of the request.
func (a *api) hit(asked *hit) (*event.Hit, error) {
	u, err := url.Parse(asked.URL)
	if err != nil || asked.URL == "" {
		return nil, fmt.Errorf("hit.url: %q is no address", asked.URL)
	}
	h := &event.Hit{Method: strings.ToUpper(asked.Method), Scheme: u.Scheme, Host: u.Host, Path: u.Path, Query: u.RawQuery, Body: []byte(asked.Body), Received: a.now()}
	if h.Method == "" {
		h.Method = http.MethodGet
	}
	if h.Scheme == "" {
		h.Scheme = "https"
	}
	if len(asked.BodyBase64) > 0 {
		h.Body = asked.BodyBase64
	}
	for name, value := range asked.Headers {
		h.AddHeader(name, value)
	}
	slices.SortFunc(h.Headers, func(a, b event.Header) int { return strings.Compare(a.Name, b.Name) })
	h.Peer = netip.IPv6Unspecified()
	if asked.From != "" {
		if h.Peer, err = netip.ParseAddr(asked.From); err != nil {
			return nil, fmt.Errorf("hit.from: %q is no address", asked.From)
		}
	}
	h.Address = h.Peer
	return h, nil
}

// errTooLarge is a body that is longer than it may be.
var errTooLarge = errors.New("the body is too large")

// readAll reads a body of at most limit bytes.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, errTooLarge
	}
	return body, err
}

// readJSON reads a JSON body strictly: an unknown key is a typing error.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	body, err := readAll(w, r, limit)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON that was expected: %w", err)
	}
	if d.More() {
		return errors.New("the body is more than one JSON value")
	}
	return nil
}

func statusOf(err error) int {
	if errors.Is(err, errTooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
