package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/event/trace"
	"headgate/proxy/resend"
)

// letter is a proxy.DeadLetter.
type letter struct {
	Cursor      string       `json:"cursor"`
	Destination string       `json:"destination"`
	EventID     string       `json:"event_id"`
	EventName   string       `json:"event_name"`
	EventTime   time.Time    `json:"event_time"`
	Rejected    time.Time    `json:"died"`
	Attempts    int          `json:"attempts"`
	Why         string       `json:"why"`
	Unsure      bool         `json:"unsure,omitempty"`
	Trace       *trace.Trace `json:"trace,omitempty"`
}

func letterOf(l resend.DeadLetter) letter {
	return letter{l.Cursor, l.Destination, l.EventID, l.EventName, l.EventTime, l.Rejected, l.Attempts, l.Why, l.Unsure, l.Trace}
}

const (
	fewLetters  = 100  // on a page when nothing else is asked for
	mostLetters = 1000 // on a page
)

// dead lists dead letters: a page of them, and where the next one begins.
func (a *api) dead(w http.ResponseWriter, r *http.Request) {
	p, err := a.pick(r.URL.Query())
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	found, err := a.service.DeadLetters(r.Context(), p)
	if err != nil {
		failure.Answer(w, err, http.StatusBadRequest)
		return
	}
	page := struct {
		Total       int      `json:"total"`
		Unsure      int      `json:"unsure,omitempty"` // of total: they may have arrived anyway
		DeadLetters []letter `json:"dead"`
		Next        string   `json:"next,omitempty"` // the after= of the next page
	}{Total: found.Total, Unsure: found.Unsure, DeadLetters: make([]letter, len(found.Letters))}
	for i, l := range found.Letters {
		page.DeadLetters[i] = letterOf(l)
	}
	if n := len(found.Letters); n == p.Limit {
		page.Next = found.Letters[n-1].Cursor
	}
	exchange.Answer(w, http.StatusOK, page)
}

func (a *api) deadLetter(w http.ResponseWriter, r *http.Request) {
	l, err := a.service.DeadLetter(r.Context(), r.PathValue("destination"), r.PathValue("id"))
	if err != nil {
		failure.Answer(w, err, http.StatusBadRequest)
		return
	}
	exchange.Answer(w, http.StatusOK, letterOf(l))
}

// changeDead answers with how many dead letters were changed: {"retried": 3}.
func (a *api) changeDead(done string, change func(context.Context, resend.Pick) (int, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := a.pick(r.URL.Query())
		if err != nil {
			exchange.Refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		p.After, p.Limit = "", 0
		access.About(r.Context(), p.Destination)
		n, err := change(r.Context(), p)
		if err != nil {
			failure.Answer(w, err, http.StatusBadRequest)
			return
		}
		access.Detail(r.Context(), done, n)
		exchange.Answer(w, http.StatusOK, map[string]int{done: n})
	}
}

// pick reads which dead letters are selected: destination, id (repeated), since, where, after, limit. A parameter of another
// name is refused, since ignoring it would pick more than intended.
func (a *api) pick(q url.Values) (p resend.Pick, err error) {
	p.Limit = fewLetters
	for name, values := range q {
		value := values[len(values)-1]
		switch name {
		case "destination":
			p.Destination = value
		case "id":
			p.IDs = values
		case "since":
			p.Since, err = exchange.Since(value, a.now())
		case "where":
			p.Where = value
		case "after":
			p.After = value
		case "limit":
			if p.Limit, err = strconv.Atoi(value); err != nil || p.Limit < 1 || p.Limit > mostLetters {
				err = fmt.Errorf("limit: expected a number from 1 to %d, not %q", mostLetters, value)
			}
		default:
			err = fmt.Errorf("no parameter %q; there are destination, id, since, where, after and limit", name)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// replay is the body of POST /api/replay.
type replay struct {
	To          string `json:"to"`
	Since       string `json:"since"`
	DeadLetters bool   `json:"dead"`
	Where       string `json:"where"`
	DryRun      bool   `json:"dry_run"`
}

// replay answers with a line of JSON now and then, how far it has come, and with a last one that says done or error.
func (a *api) replay(w http.ResponseWriter, r *http.Request) {
	var asked replay
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	since, err := exchange.Since(asked.Since, a.now())
	if err == nil && asked.To == "" {
		err = fmt.Errorf("to: which destination?")
	}
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	access.About(r.Context(), asked.To)
	access.Detail(r.Context(), "dry_run", asked.DryRun)
	lines := exchange.NewLines(w)
	tally, err := a.service.Replay(r.Context(), resend.Replay{To: asked.To, Since: since, DeadLetters: asked.DeadLetters, Where: asked.Where, DryRun: asked.DryRun},
		func(t resend.Tally) { lines.Write(tallied{Tally: t}) })
	switch {
	case err == nil:
		lines.Write(tallied{Tally: tally, Done: true})
	case !lines.Begun():
		failure.Answer(w, err, http.StatusBadRequest)
	default:
		lines.Write(exchange.Refusal{Error: err.Error()})
	}
}

// tallied is one line of a replay's answer.
type tallied struct {
	resend.Tally
	Done bool `json:"done"`
}
