package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/proxy/resend"
)

// backfill is the body of POST /api/backfill.
type backfill struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Since  string `json:"since"`
	Until  string `json:"until"`
	Where  string `json:"where"`
	Again  bool   `json:"again"`
	DryRun bool   `json:"dry_run"`
}

// filled is one line of a backfill's answer.
type filled struct {
	resend.Filled
	Done bool `json:"done"`
}

// backfill answers with a line of JSON for each batch, how far it has come, and with a last one that says done or error. It ends with
// the request; asked for in the same words, it goes on where it ended.
func (a *api) backfill(w http.ResponseWriter, r *http.Request) {
	var asked backfill
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	b, err := a.backfillOf(asked)
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	lines := exchange.NewLines(w)
	done, err := a.service.Backfill(r.Context(), b, func(f resend.Filled) { lines.Write(filled{Filled: f}) })
	switch {
	case err == nil:
		lines.Write(filled{Filled: done, Done: true})
	case lines.Begun():
		lines.Write(exchange.Refusal{Error: err.Error()})
	case errors.Is(err, resend.ErrBackfill):
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
	default:
		failure.Answer(w, err, http.StatusBadRequest)
	}
}

func (a *api) backfillOf(asked backfill) (b resend.Backfill, err error) {
	b = resend.Backfill{From: asked.From, To: asked.To, Where: asked.Where, Again: asked.Again, DryRun: asked.DryRun}
	if asked.From == "" || asked.To == "" {
		return b, fmt.Errorf("from and to: from where, and into which destination?")
	}
	if b.Since, err = exchange.Since(asked.Since, a.now()); err != nil {
		return b, err
	}
	if b.Until, err = exchange.Since(asked.Until, a.now()); err != nil {
		return b, fmt.Errorf("until: write it as since: %w", err)
	}
	asked.Again, asked.DryRun = false, false
	words, err := json.Marshal(asked)
	b.Asked = string(words)
	return b, err
}
