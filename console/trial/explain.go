package trial

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
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

// Explain answers with a list of traces, one per event.
func (t *Trials) Explain(w http.ResponseWriter, r *http.Request) {
	var asked question
	if err := exchange.ReadJSON(w, r, maxDraft, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	q := explain.Question{Sample: asked.Sample, Event: asked.Event, ID: asked.ID, Draft: asked.draft.draft()}
	if asked.Hit != nil {
		var err error
		if q.Hit, err = t.hit(asked.Hit); err != nil {
			exchange.Refuse(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	if !q.IsOne() {
		exchange.Refuse(w, http.StatusBadRequest, "ask about one of sample, event, hit and id")
		return
	}
	access.About(r.Context(), asked.ID)
	traces, err := t.service.Explain(r.Context(), q)
	switch {
	case err == nil:
		answerTraces(w, r, traces)
	case errors.Is(err, proxy.ErrUnavailable), errors.Is(err, proxy.ErrNotFound), len(asked.Files) > 0:
		failure.OfDraft(w, err)
	default: // it names no sample, or no source reads it
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
	}
}

// Stored answers with the traces of an event that is in the log.
func (t *Trials) Stored(w http.ResponseWriter, r *http.Request) {
	traces, err := t.service.Stored(r.Context(), r.PathValue("id"))
	if err != nil {
		failure.Answer(w, err, http.StatusBadRequest)
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
		exchange.Answer(w, http.StatusOK, traces)
		return
	}
	w.Header().Set("Content-Type", trace.TextType+"; charset=utf-8")
	for _, one := range traces {
		_ = one.WriteText(w) // the client is gone
	}
}

// hit makes what the proxy's listener would have made of the request.
func (t *Trials) hit(asked *hit) (*event.Hit, error) {
	u, err := url.Parse(asked.URL)
	if err != nil || asked.URL == "" {
		return nil, fmt.Errorf("hit.url: %q is no address", asked.URL)
	}
	h := &event.Hit{Method: strings.ToUpper(asked.Method), Scheme: u.Scheme, Host: u.Host, Path: u.Path, Query: u.RawQuery, Body: []byte(asked.Body), Received: t.now()}
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
