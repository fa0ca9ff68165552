package console

import (
	"context"
	"net/http"

	"headgate/console/exchange"
	"headgate/console/failure"
)

// forget drops what the log holds for a removed destination, and answers with what that was.
func (a *api) forget(w http.ResponseWriter, r *http.Request) {
	lost, err := a.service.Forget(r.Context(), r.PathValue("name"))
	if err != nil {
		failure.Answer(w, err, http.StatusBadRequest)
		return
	}
	exchange.Answer(w, http.StatusOK, lost)
}

// switchDestination pauses or resumes a destination, and answers with its status.
func (a *api) switchDestination(do func(context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if err := do(r.Context(), name); err != nil {
			failure.Answer(w, err, http.StatusBadRequest)
			return
		}
		status, err := a.service.Status(r.Context())
		if err != nil {
			failure.Answer(w, err, http.StatusInternalServerError)
			return
		}
		exchange.Answer(w, http.StatusOK, status.Destinations[name])
	}
}
