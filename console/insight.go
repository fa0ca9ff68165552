package console

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/insight"
	"headgate/insight/answers"
)

// Insight answers what visitors do; *insight.Insight is one, and says what each method promises.
type Insight interface {
	Live(ctx context.Context, q url.Values) (*answers.Answer, error)
	Overview(ctx context.Context, q url.Values) (*answers.Answer, error)
	Funnel(ctx context.Context, q url.Values) (*answers.Answer, error)
	Funnels(ctx context.Context, q url.Values) (*answers.Answer, error)
	Segments(ctx context.Context, q url.Values) (*answers.Answer, error)
	Paths(ctx context.Context, q url.Values) (*answers.Answer, error)
	Carts(ctx context.Context, q url.Values) (*answers.Answer, error)
	Campaigns(ctx context.Context, q url.Values) (*answers.Answer, error)
	Rising(ctx context.Context, q url.Values) (*answers.Answer, error)
	Searches(ctx context.Context, q url.Values) (*answers.Answer, error)
	Retention(ctx context.Context, q url.Values) (*answers.Answer, error)
	Visitor(ctx context.Context, id string, q url.Values) (*answers.Answer, error)
	Rebuild(ctx context.Context, since time.Time, archive string, progress func(insight.Progress)) error
}

// about is a handler that answers a question.
func about(ask func(context.Context, url.Values) (*answers.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := ask(r.Context(), r.URL.Query())
		answerInsight(w, r, found, err)
	}
}

// fewest is how many visitors must have typed the same until it is shown to those who may know nothing of single visitors: what one
// person looks for may be their name.
const fewest = 5

// withoutRareWords asks, for those, only for what enough visitors did.
func withoutRareWords(ask func(context.Context, url.Values) (*answers.Answer, error)) func(context.Context, url.Values) (*answers.Answer, error) {
	return func(ctx context.Context, q url.Values) (*answers.Answer, error) {
		if access.Lacks(ctx, access.Persons) != nil {
			if asked, err := strconv.Atoi(q.Get("least")); err != nil || asked < fewest {
				q.Set("least", strconv.Itoa(fewest))
			}
		}
		return ask(ctx, q)
	}
}

// visitor answers what one visitor did.
func (a *api) visitor(w http.ResponseWriter, r *http.Request) {
	found, err := a.insight.Visitor(r.Context(), r.PathValue("id"), r.URL.Query())
	answerInsight(w, r, found, err)
}

// answerInsight answers in JSON, or with the main list as CSV where that is asked for.
func answerInsight(w http.ResponseWriter, r *http.Request, found *answers.Answer, err error) {
	switch {
	case err != nil:
		failure.Answer(w, err, http.StatusBadRequest)
	case strings.HasPrefix(r.Header.Get("Accept"), "text/csv"):
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		out := csv.NewWriter(w)
		_ = out.Write(found.Header) // the client is gone
		for _, row := range found.Rows {
			_ = out.Write(harmless(row))
		}
		out.Flush()
	default:
		exchange.Answer(w, http.StatusOK, found.JSON)
	}
}

// harmless keeps spreadsheets from reading a visitor's text as a formula.
func harmless(row []string) []string {
	for i, cell := range row {
		if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) || strings.HasPrefix(cell, "-") && strings.Trim(cell, "-0123456789.") != "" {
			row[i] = "'" + cell
		}
	}
	return row
}

// rebuild answers with a line of JSON now and then that says how far it has come.
func (a *api) rebuild(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Since time.Time `json:"since"`
		From  string    `json:"from"` // a destination that keeps events, beside the log; "" for none
	}
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	lines := exchange.NewLines(w)
	err := a.insight.Rebuild(r.Context(), asked.Since, asked.From, func(p insight.Progress) { lines.Write(p) })
	switch {
	case err == nil:
	case !lines.Begun():
		failure.Answer(w, err, http.StatusBadRequest)
	default:
		lines.Write(exchange.Refusal{Error: err.Error()})
	}
}
