package console

import (
	"errors"
	"net/http"
	"time"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/subjects"
)

// exportSubject answers with a line of JSON for each thing that is held about a person, and with a last one that says done or
// error.
func (a *api) exportSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := a.readPerson(w, r)
	if !ok {
		return
	}
	lines := exchange.NewLines(w)
	err := a.rights.Export(r.Context(), p.Person, func(held subjects.Held) { lines.Write(held) })
	switch {
	case err == nil:
		lines.Write(map[string]bool{"done": true})
	case !lines.Begun():
		failPerson(w, err)
	default:
		lines.Write(exchange.Refusal{Error: err.Error()})
	}
}

func (a *api) suppressSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := a.readPerson(w, r)
	if !ok {
		return
	}
	done, err := a.rights.Suppress(r.Context(), p.Person, p.why(a.now()))
	if err != nil {
		failPerson(w, err)
		return
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"suppressed": true, "person": done})
}

// deleteSubject answers with what happened to the person's data at each destination.
func (a *api) deleteSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := a.readPerson(w, r)
	if !ok {
		return
	}
	done, outcomes, err := a.rights.Delete(r.Context(), p.Person, p.why(a.now()))
	if err != nil {
		failPerson(w, err)
		return
	}
	if outcomes == nil {
		outcomes = []subjects.Erasure{}
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"suppressed": true, "person": done, "destinations": outcomes})
}

// subjectRequests answers with the privacy requests that came by senders, the oldest first.
func (a *api) subjectRequests(w http.ResponseWriter, r *http.Request) {
	list, err := a.rights.Requests(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	if list == nil {
		list = []subjects.Asked{}
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"requests": list})
}

// settleRequest notes that the person who asks did what a privacy request asks for.
func (a *api) settleRequest(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Why string `json:"why"`
	}
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &body); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	id := r.PathValue("id")
	access.About(r.Context(), "request:"+id)
	access.Why(r.Context(), body.Why)
	by := ""
	if p := access.Of(r.Context()); p != nil {
		by = p.Name
	}
	done, err := a.rights.Settle(r.Context(), id, by, body.Why)
	switch {
	case errors.Is(err, subjects.ErrRequest):
		exchange.Refuse(w, http.StatusConflict, err.Error())
	case err != nil:
		failure.Answer(w, err, http.StatusInternalServerError)
	default:
		exchange.Answer(w, http.StatusOK, done)
	}
}

// linkSubject answers with a signed link to /consent: what follows the site's own host in it.
func (a *api) linkSubject(w http.ResponseWriter, r *http.Request) {
	p, ok := a.readPerson(w, r)
	if !ok {
		return
	}
	valid := defaultLink
	if p.For != "" {
		var err error
		if valid, err = time.ParseDuration(p.For); err != nil || valid <= 0 {
			exchange.Refuse(w, http.StatusBadRequest, p.For+" is no duration such as 720h")
			return
		}
	}
	until := a.now().Add(valid)
	query, err := a.rights.Link(r.Context(), p.Person, until)
	if err != nil {
		failPerson(w, err)
		return
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"link": "/consent?" + query, "until": until.UTC().Truncate(time.Second)})
}

// defaultLink is how long a link is valid when nothing else is asked for.
const defaultLink = 30 * 24 * time.Hour

// person is the body of the requests about someone.
type person struct {
	subjects.Person
	Why string `json:"why"` // for the list: who asked, a ticket
	For string `json:"for"` // of a link: how long it is valid
}

func (p person) why(now time.Time) string {
	if p.Why == "" {
		return "asked through the admin API on " + now.UTC().Format(time.DateOnly)
	}
	return p.Why
}

func (a *api) readPerson(w http.ResponseWriter, r *http.Request) (p person, ok bool) {
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &p); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return p, false
	}
	access.About(r.Context(), a.rights.Label(p.Person))
	access.Why(r.Context(), p.Why)
	return p, true
}

func failPerson(w http.ResponseWriter, err error) {
	if errors.Is(err, subjects.ErrPerson) {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	failure.Answer(w, err, http.StatusBadRequest)
}
