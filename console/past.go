package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/console/access"
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
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		if name := r.PathValue("name"); name != "" {
			ask.Destination = name
		}
		out, err := of(r.Context(), ask)
		switch {
		case errors.Is(err, report.ErrAsked):
			refuse(w, http.StatusBadRequest, err.Error())
		case err != nil:
			fail(w, err, http.StatusBadRequest)
		default:
			answer(w, http.StatusOK, out)
		}
	}
}

// usualSpan is how far back a report goes when nothing else is asked for.
const usualSpan = 24 * time.Hour

func (a *api) ask(q url.Values, taken []string) (ask report.Ask, err error) {
	if err := only(q, append([]string{"since", "until"}, taken...)); err != nil {
		return ask, err
	}
	if ask.Since, ask.Until, err = a.span(q, usualSpan); err != nil {
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

// only refuses parameters that are not taken: ignoring one would answer another question than the one that was asked.
func only(q url.Values, taken []string) error {
	for name := range q {
		if !slices.Contains(taken, name) {
			return fmt.Errorf("no parameter %q; there are %s", name, strings.Join(taken, ", "))
		}
	}
	return nil
}

// span reads since and until; without them it is the span before now.
func (a *api) span(q url.Values, usual time.Duration) (since, until time.Time, err error) {
	if since, err = a.since(q.Get("since")); err != nil {
		return since, until, err
	}
	if since.IsZero() {
		since = a.now().Add(-usual)
	}
	if until, err = a.since(q.Get("until")); err != nil {
		return since, until, fmt.Errorf("until: %s", strings.TrimPrefix(err.Error(), "since: "))
	}
	if until.IsZero() {
		until = a.now()
	}
	return since, until, nil
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
	err := only(q, []string{"q", "since", "until", "limit", "destination", "state"})
	if err == nil {
		ask.Since, _, err = a.span(q, searchedSpan)
	}
	if err == nil && q.Get("until") != "" {
		_, ask.Until, err = a.span(q, searchedSpan)
	}
	if text := q.Get("limit"); err == nil && text != "" {
		if ask.Limit, err = strconv.Atoi(text); err != nil || ask.Limit < 1 || ask.Limit > mostFound {
			err = fmt.Errorf("limit: expected a number from 1 to %d, not %q", mostFound, text)
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
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
		refuse(w, http.StatusBadRequest, err.Error())
	case err != nil:
		fail(w, err, http.StatusBadRequest)
	default:
		answer(w, http.StatusOK, found)
	}
}
