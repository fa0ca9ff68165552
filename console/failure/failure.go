// Package failure says how an error of the running Headgate is answered: with which HTTP status, and with the mistakes that it names.
package failure

import (
	"errors"
	"net/http"

	"headgate/config/edit"
	"headgate/console/exchange"
	"headgate/document"
	"headgate/insight"
	"headgate/insight/answers"
	"headgate/proxy"
	"headgate/proxy/explain"
	"headgate/subjects"
)

// Answer answers with an error of the service. What the person who asks wrote wrong has the status mistaken.
func Answer(w http.ResponseWriter, err error, mistaken int) {
	var mistakes document.Mistakes
	switch {
	case errors.Is(err, proxy.ErrNotFound):
		exchange.Refuse(w, http.StatusNotFound, err.Error())
	case errors.Is(err, proxy.ErrInForce):
		exchange.Refuse(w, http.StatusConflict, err.Error())
	case errors.Is(err, edit.ErrStale):
		exchange.Refuse(w, http.StatusPreconditionFailed, err.Error())
	case errors.Is(err, proxy.ErrUnavailable), errors.Is(err, subjects.ErrUnshared):
		exchange.Refuse(w, http.StatusServiceUnavailable, err.Error())
	case errors.Is(err, answers.ErrOff), errors.Is(err, answers.ErrUnknown):
		exchange.Refuse(w, http.StatusNotFound, err.Error())
	case errors.Is(err, answers.ErrAsk):
		exchange.Refuse(w, mistaken, err.Error())
	case errors.Is(err, insight.ErrBusy):
		exchange.Refuse(w, http.StatusConflict, err.Error())
	case errors.As(err, &mistakes):
		exchange.Answer(w, mistaken, exchange.Refusal{Error: err.Error(), Mistakes: exchange.MistakesOf(mistakes)})
	default:
		exchange.Refuse(w, http.StatusInternalServerError, err.Error())
	}
}

// OfDraft answers with an error about a draft.
func OfDraft(w http.ResponseWriter, err error) {
	if errors.Is(err, edit.ErrDraft) || errors.Is(err, explain.ErrQuestion) {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	Answer(w, err, http.StatusUnprocessableEntity)
}
