package console

import (
	"errors"
	"net/http"

	"headgate/config/edit"
	"headgate/console/access"
	"headgate/document"
	"headgate/event"
	"headgate/proxy"
	"headgate/proxy/explain"
)

// draft is the part of a body that says which files have another text than on disk.
type draft struct {
	Files map[string]string `json:"files"`
}

func (d *draft) draft() edit.Draft {
	if len(d.Files) == 0 {
		return nil
	}
	out := edit.Draft{}
	for name, text := range d.Files {
		out[name] = []byte(text)
	}
	return out
}

// maxDraft is the length of a body with a draft: several files.
const maxDraft = 8 << 20

// failDraft answers with an error about a draft.
func failDraft(w http.ResponseWriter, err error) {
	if errors.Is(err, edit.ErrDraft) || errors.Is(err, explain.ErrQuestion) {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	fail(w, err, http.StatusUnprocessableEntity)
}

func mistakesOf(ms document.Mistakes) []mistake {
	out := make([]mistake, len(ms))
	for i, m := range ms {
		out[i] = mistake{m.At.File, m.At.Line, m.At.Column, m.Fact, m.Cure}
	}
	return out
}

// check answers with all that is wrong with a draft, or worth a look.
func (a *api) check(w http.ResponseWriter, r *http.Request) {
	var asked draft
	if err := readJSON(w, r, maxDraft, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	warnings, err := a.service.Check(r.Context(), asked.draft())
	var mistakes document.Mistakes
	if err != nil && !errors.As(err, &mistakes) {
		failDraft(w, err)
		return
	}
	answer(w, http.StatusOK, struct {
		OK       bool      `json:"ok"`
		Mistakes []mistake `json:"mistakes"`
		Warnings []mistake `json:"warnings"`
	}{len(mistakes) == 0, mistakesOf(mistakes), mistakesOf(warnings)})
}

// tests answers with how the cases of a draft end.
func (a *api) tests(w http.ResponseWriter, r *http.Request) {
	var asked draft
	if err := readJSON(w, r, maxDraft, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	results, err := a.service.RunCases(r.Context(), asked.draft())
	if err != nil {
		failDraft(w, err)
		return
	}
	type ended struct {
		Name     string    `json:"name"`
		Passed   bool      `json:"passed"`
		Mistakes []mistake `json:"mistakes"`
	}
	cases := make([]ended, len(results))
	for i, c := range results {
		cases[i] = ended{c.Name, len(c.Mistakes) == 0, mistakesOf(c.Mistakes)}
	}
	answer(w, http.StatusOK, map[string]any{"cases": cases})
}

// trial is the body of POST /api/try: a formula, and one of id, sample and event.
type trial struct {
	draft
	Formula string       `json:"formula"`
	ID      string       `json:"id"`
	Sample  string       `json:"sample"`
	Event   *event.Event `json:"event"`
}

// try answers with what a formula says of an event.
func (a *api) try(w http.ResponseWriter, r *http.Request) {
	var asked trial
	if err := readJSON(w, r, maxDraft, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	q := explain.Question{ID: asked.ID, Sample: asked.Sample, Event: asked.Event}
	if asked.Formula == "" || !q.IsOne() {
		refuse(w, http.StatusBadRequest, "expected a formula and one of id, sample and event")
		return
	}
	access.About(r.Context(), asked.ID)
	value, err := a.service.Try(r.Context(), asked.draft.draft(), asked.Formula, q)
	switch {
	case errors.Is(err, proxy.ErrRun):
		answer(w, http.StatusOK, map[string]string{"error": err.Error()})
	case err != nil:
		failDraft(w, err)
	default:
		answer(w, http.StatusOK, struct {
			Value event.Value `json:"value"`
			Type  string      `json:"type"`
		}{value, kindName(value.Kind())})
	}
}

// comparison is the body of POST /api/diff.
type comparison struct {
	draft
	Since  string `json:"since"` // "" for a day
	Where  string `json:"where"`
	Sample *int   `json:"sample"`
}

// diff answers with what a draft would change for stored events. It shows values of them.
func (a *api) diff(w http.ResponseWriter, r *http.Request) {
	asked := comparison{Since: "24h"}
	if err := readJSON(w, r, maxDraft, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	since, err := a.since(asked.Since)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	t := explain.Trial{Since: since, Where: asked.Where, Sample: explain.UsualTried}
	if asked.Sample != nil {
		t.Sample = *asked.Sample
	}
	report, err := a.service.Diff(r.Context(), asked.draft.draft(), t)
	if err != nil {
		failDraft(w, err)
		return
	}
	access.Detail(r.Context(), "events", report.Events)
	answer(w, http.StatusOK, report)
}

func kindName(k event.Kind) string {
	return [...]string{event.Null: "null", event.Bool: "bool", event.Numeric: "number", event.Text: "text", event.List: "list", event.Object: "map"}[k]
}
