package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/document"
	"headgate/proxy/find"
	"headgate/proxy/report"
)

// reported answers with what a report says of the time, site and destination in the query. Parameters other than since, until and
// those that are taken are refused.
func reported[T any](a *api, taken []string, of func(context.Context, report.Ask) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ask, err := a.ask(r.URL.Query(), taken)
		if err != nil {
			exchange.Refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		if name := r.PathValue("name"); name != "" {
			ask.Destination = name
		}
		out, err := of(r.Context(), ask)
		switch {
		case errors.Is(err, report.ErrAsked):
			exchange.Refuse(w, http.StatusBadRequest, err.Error())
		case err != nil:
			failure.Answer(w, err, http.StatusBadRequest)
		default:
			exchange.Answer(w, http.StatusOK, out)
		}
	}
}

// usualSpan is how far back a report goes when nothing else is asked for.
const usualSpan = 24 * time.Hour

func (a *api) ask(q url.Values, taken []string) (ask report.Ask, err error) {
	if err := exchange.Only(q, append([]string{"since", "until"}, taken...)); err != nil {
		return ask, err
	}
	if ask.Since, ask.Until, err = exchange.Span(q, a.now(), usualSpan); err != nil {
		return ask, err
	}
	if text := q.Get("step"); text != "" {
		step, err := document.ParseDuration(text)
		if err != nil {
			return ask, fmt.Errorf("step: %q is no length of time such as 5m", text)
		}
		ask.Step = step.Std()
	}
	ask.Site, ask.Destination, ask.Event = q.Get("site"), q.Get("destination"), q.Get("event")
	return ask, nil
}

const (
	fewFound  = 50
	mostFound = 500
	// searchedSpan is how far back a search goes when nothing else is asked for.
	searchedSpan = 72 * time.Hour
)

// search answers with the events that are looked for, newest first.
func (a *api) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ask := find.Ask{Text: q.Get("q"), Destination: q.Get("destination"), State: q.Get("state"), Limit: fewFound}
	err := exchange.Only(q, []string{"q", "since", "until", "limit", "destination", "state"})
	if err == nil {
		ask.Since, _, err = exchange.Span(q, a.now(), searchedSpan)
	}
	if err == nil && q.Get("until") != "" {
		_, ask.Until, err = exchange.Span(q, a.now(), searchedSpan)
	}
	if text := q.Get("limit"); err == nil && text != "" {
		if ask.Limit, err = strconv.Atoi(text); err != nil || ask.Limit < 1 || ask.Limit > mostFound {
			err = fmt.Errorf("limit: expected a number from 1 to %d, not %q", mostFound, text)
		}
	}
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if !find.AsksForVisitors(ask.Text) {
		access.AboutNobody(r.Context())
	} else if refusal := access.Lacks(r.Context(), access.Persons); refusal != nil {
		access.Refuse(w, refusal)
		return
	}
	found, err := a.service.Search(r.Context(), ask)
	switch {
	case errors.Is(err, find.ErrQuestion):
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
	case err != nil:
		failure.Answer(w, err, http.StatusBadRequest)
	default:
		exchange.Answer(w, http.StatusOK, found)
	}
}
