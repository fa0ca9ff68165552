package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"headgate/document"
	"headgate/document/cases"
	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
	"headgate/sources"
	"headgate/sources/reading"
)

// Result is how one case came out.
type Result struct {
	Webhook  string
	Name     string
	At       document.Place
	Problems []string // none: it holds
	Events   string   // what is read now: what --update writes
}

// received is when the deliveries of all cases arrive.
var received = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// Run runs the golden cases of one webhook. The language is built anew from its options, with the cases' clock.
func Run(c *Catalogue, use string, o rules.Options) []Result {
	file, spec := c.Cases(use), c.Spec(use)
	if file == nil || spec == nil {
		return nil
	}
	o.Now = func() time.Time { return received }
	language, ms := rules.NewLanguage(o)
	results := make([]Result, len(file.Cases))
	for i := range file.Cases {
		one, r := &file.Cases[i], &results[i]
		r.Webhook, r.Name, r.At = use, one.Name, one.At
		if len(ms) > 0 {
			r.Problems = append(r.Problems, ms.Error())
			continue
		}
		r.run(spec, file, one, language)
	}
	return results
}

func (r *Result) run(spec *Spec, file *CaseFile, one *Case, language *rules.Language) {
	h, ms := newTrial(spec, mergeNodes(file.Settings, one.Settings), language)
	if len(ms) > 0 {
		r.Problems = append(r.Problems, ms.Error())
		return
	}
	hit := one.hit()
	reading, failure, err := h.made(hit)
	if failure != nil {
		r.Problems = append(r.Problems, fmt.Sprintf("%d formulas failed, and what they stand for was left out; the first: %v", reading.Failed, failure))
	}
	r.Events = shown(reading, err)
	if want := strings.TrimSpace(one.Events.Value); want != "" && want != r.Events {
		r.Problems = append(r.Problems, "the case expects something else to be read:\n"+
			string(bytes.TrimSpace(diff.Diff("the case", []byte(want+"\n"), "what is read", []byte(r.Events+"\n")))))
	}
}

// newTrial makes a webhook that takes every delivery for genuine.
func newTrial(spec *Spec, settings *document.Node, language *rules.Language) (*hook, document.Mistakes) {
	filled, ms := spec.settings(settings)
	plan, wrong := compile(spec, filled, language)
	if ms = append(ms, wrong...); len(ms) > 0 {
		return nil, ms
	}
	return &hook{name: spec.Name, plan: plan, language: language, ping: spec.Ping, tools: reading.New(sources.Limits{})}, nil
}

// hit is the delivery of a case.
func (c *Case) hit() *event.Hit {
	h := &event.Hit{Method: "POST", Path: "/hooks/case", Received: received, Body: []byte(c.Body.Text)}
	if k := c.Body.Kind; k == document.Map || k == document.List {
		h.Body = samples.Value(c.Body).AppendJSON(nil)
	}
	for _, e := range c.Headers {
		h.Headers = append(h.Headers, event.Header{Name: strings.ToLower(e.Key), Value: e.Value})
	}
	return h
}

// shown writes what was read as cases show it.
func shown(r sources.Reading, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	var parts []string
	for i := range r.Events {
		e := &r.Events[i]
		e.Received = time.Time{} // the same in all cases
		var b bytes.Buffer
		if err := json.Indent(&b, e.AppendJSON(nil), "", "  "); err != nil {
			return "BUG: an event is no JSON: " + err.Error()
		}
		parts = append(parts, b.String())
	}
	for i := range r.Requests {
		parts = append(parts, shownRequest(&r.Requests[i]))
	}
	for _, bad := range r.Rejected {
		parts = append(parts, fmt.Sprintf("refused: event %d: %s", bad.Index, bad.Why))
	}
	if len(parts) == 0 {
		why, _ := r.State.(string)
		return "nothing: " + why
	}
	return strings.Join(parts, "\n---\n")
}

// shownRequest writes what is asked for about a person.
func shownRequest(q *event.PrivacyRequest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "request: %s", q.Do)
	if q.Reference != "" {
		fmt.Fprintf(&b, ", which the sender knows as %s", q.Reference)
	}
	if len(q.Person) == 0 {
		b.WriteString("\nof nobody in particular")
	}
	for _, one := range q.Person {
		fmt.Fprintf(&b, "\n%s: %s", one.Kind, one.ID)
	}
	return b.String()
}

// Update writes what is read now into a file of cases: the text of every `events` that differs or is missing is replaced, and
// nothing else is touched.
func Update(data []byte, results []Result) []byte {
	texts := make([]string, len(results))
	for i := range results {
		texts[i] = results[i].Events
	}
	return cases.Write(data, "events", "body", texts)
}

// mergeNodes is base with the keys of own in place of its own.
func mergeNodes(base, own *document.Node) *document.Node {
	if base == nil || own == nil {
		if own == nil {
			return base
		}
		return own
	}
	merged := *base
	merged.Fields = nil
	for _, f := range base.Fields {
		if own.Get(f.Key) == nil {
			merged.Fields = append(merged.Fields, f)
		}
	}
	merged.Fields = append(merged.Fields, own.Fields...)
	return &merged
}
