package console

import (
	"errors"
	"net/http"
	"time"

	"headgate/proxy"
)

// exportSubject answers with a line of JSON for each thing that is held about a person, and with a last one that says done or
// error.
func (a *api) exportSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := readPerson(w, r)
	if !ok {
		return
	}
	lines := &lines{w: w}
	err := a.service.Export(r.Context(), p.Person, func(held proxy.Held) { lines.write(held) })
	switch {
	case err == nil:
		lines.write(map[string]bool{"done": true})
	case !lines.begun:
		failPerson(w, err)
	default:
		lines.write(refusal{Error: err.Error()})
	}
}

func (a *api) suppressSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := readPerson(w, r)
	if !ok {
		return
	}
	if err := a.service.Suppress(r.Context(), p.Person, p.why(a.now())); err != nil {
		failPerson(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]bool{"suppressed": true})
}

// deleteSubject answers with what became of the person's data at each destination.
func (a *api) deleteSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := readPerson(w, r)
	if !ok {
		return
	}
	outcomes, err := a.service.Delete(r.Context(), p.Person, p.why(a.now()))
	if err != nil {
		failPerson(w, err)
		return
	}
	if outcomes == nil {
		outcomes = []proxy.Erasure{}
	}
	answer(w, http.StatusOK, map[string]any{"suppressed": true, "destinations": outcomes})
}

// person is the body of the requests about somebody.
type person struct {
	proxy.Person
	Why string `json:"why"` // for the list: who asked, a ticket
}

func (p person) why(now time.Time) string {
	if p.Why == "" {
		return "asked through the admin API on " + now.UTC().Format(time.DateOnly)
	}
	return p.Why
}

func readPerson(w http.ResponseWriter, r *http.Request) (p person, ok bool) {
	if err := readJSON(w, r, maxQuestion, &p); err != nil {
		refuse(w, statusOf(err), err.Error())
		return p, false
	}
	if p.Kind == "" {
		p.Kind = "client_id"
	}
	return p, true
}

func failPerson(w http.ResponseWriter, err error) {
	if errors.Is(err, proxy.ErrPerson) {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	fail(w, err, http.StatusBadRequest)
}
