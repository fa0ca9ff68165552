package trial

import (
	"errors"
	"net/http"

	"headgate/config/edit"
	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
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

// Check answers with all that is wrong with a draft, or worth a look.
func (t *Trials) Check(w http.ResponseWriter, r *http.Request) {
	var asked draft
	if err := exchange.ReadJSON(w, r, maxDraft, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	warnings, err := t.service.Check(r.Context(), asked.draft())
	var mistakes document.Mistakes
	if err != nil && !errors.As(err, &mistakes) {
		failure.OfDraft(w, err)
		return
	}
	exchange.Answer(w, http.StatusOK, struct {
		OK       bool               `json:"ok"`
		Mistakes []exchange.Mistake `json:"mistakes"`
		Warnings []exchange.Mistake `json:"warnings"`
	}{len(mistakes) == 0, exchange.MistakesOf(mistakes), exchange.MistakesOf(warnings)})
}

// Tests answers with how the cases of a draft end.
func (t *Trials) Tests(w http.ResponseWriter, r *http.Request) {
	var asked draft
	if err := exchange.ReadJSON(w, r, maxDraft, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	results, err := t.service.RunCases(r.Context(), asked.draft())
	if err != nil {
		failure.OfDraft(w, err)
		return
	}
	type ended struct {
		Name     string             `json:"name"`
		Passed   bool               `json:"passed"`
		Mistakes []exchange.Mistake `json:"mistakes"`
	}
	cases := make([]ended, len(results))
	for i, c := range results {
		cases[i] = ended{c.Name, len(c.Mistakes) == 0, exchange.MistakesOf(c.Mistakes)}
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"cases": cases})
}

// trial is the body of POST /api/try: a formula, and one of id, sample and event.
type trial struct {
	draft
	Formula string       `json:"formula"`
	ID      string       `json:"id"`
	Sample  string       `json:"sample"`
	Event   *event.Event `json:"event"`
}

// Try answers with what a formula says of an event.
func (t *Trials) Try(w http.ResponseWriter, r *http.Request) {
	var asked trial
	if err := exchange.ReadJSON(w, r, maxDraft, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	q := explain.Question{ID: asked.ID, Sample: asked.Sample, Event: asked.Event}
	if asked.Formula == "" || !q.IsOne() {
		exchange.Refuse(w, http.StatusBadRequest, "expected a formula and one of id, sample and event")
		return
	}
	access.About(r.Context(), asked.ID)
	value, err := t.service.Try(r.Context(), asked.draft.draft(), asked.Formula, q)
	switch {
	case errors.Is(err, proxy.ErrRun):
		exchange.Answer(w, http.StatusOK, map[string]string{"error": err.Error()})
	case err != nil:
		failure.OfDraft(w, err)
	default:
		exchange.Answer(w, http.StatusOK, struct {
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

// Diff answers with what a draft would change for stored events. It shows values of them.
func (t *Trials) Diff(w http.ResponseWriter, r *http.Request) {
	asked := comparison{Since: "24h"}
	if err := exchange.ReadJSON(w, r, maxDraft, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	since, err := exchange.Since(asked.Since, t.now())
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	ask := explain.Trial{Since: since, Where: asked.Where, Sample: explain.UsualTried}
	if asked.Sample != nil {
		ask.Sample = *asked.Sample
	}
	report, err := t.service.Diff(r.Context(), asked.draft.draft(), ask)
	if err != nil {
		failure.OfDraft(w, err)
		return
	}
	access.Detail(r.Context(), "events", report.Events)
	exchange.Answer(w, http.StatusOK, report)
}

func kindName(k event.Kind) string {
	return [...]string{event.Null: "null", event.Bool: "bool", event.Numeric: "number", event.Text: "text", event.List: "list", event.Object: "map"}[k]
}
