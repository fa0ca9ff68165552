// Package golden runs the golden cases of destinations, and the checks that every destination gets without a case. Nothing is
// sent: the answers are those of the cases.
package golden

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/document"
	"headgate/event"
	"headgate/event/needs"
	"headgate/event/samples"
	"headgate/rules"
)

// Result is how one case came out.
type Result struct {
	Destination string
	Name        string
	At          document.Place
	Problems    []string // none: it holds
	Sends       string   // what is sent now: what --update writes
}

// Run runs the golden cases of one destination. Nothing is sent: the answers are those of the cases, and so is the
// clock. The language is built anew from its options, with that clock.
func Run(c *catalog.Catalog, name string, language rules.Options, deps destinations.Deps) []Result {
	file := c.Cases(name)
	if file == nil || c.Spec(name) == nil {
		return nil
	}
	results := make([]Result, len(file.Cases))
	for i := range file.Cases {
		results[i] = Result{Destination: name, Name: file.Cases[i].Name, At: file.Cases[i].At}
		one := &caseRun{files: c, destination: name, file: file, one: &file.Cases[i], result: &results[i]}
		one.run(language, deps)
	}
	return results
}

// caseRun is one run of a case.
type caseRun struct {
	files       *catalog.Catalog
	destination string
	file        *catalog.CaseFile
	one         *catalog.Case
	result      *Result
	vendor      fakeVendor

	language *rules.Language // set by open, and the engine where the destination is one of HTTP
	engine   *http.Engine
	log      strings.Builder // what the destination logs
}

func (r *caseRun) problem(form string, args ...any) {
	r.result.Problems = append(r.result.Problems, fmt.Sprintf(form, args...))
}

func (r *caseRun) run(language rules.Options, deps destinations.Deps) {
	if err := r.vendor.read(r.one.Answer); err != nil {
		r.problem("%v", err)
		return
	}
	d, ms := r.open(language, deps)
	var batch []destinations.Sending
	if len(ms) == 0 {
		batch, ms = r.batch(d)
	}
	if len(ms) > 0 {
		r.problem("%v", ms)
		return
	}
	r.result.Sends = "nothing"
	if len(batch) > 0 {
		requests, _ := d.Show(batch)
		r.result.Sends = render(requests)
	}
	if want := strings.TrimSpace(r.one.Sends.Value); want != "" && want != r.result.Sends {
		r.problem("the case expects something else to be sent:\n%s", difference(want, r.result.Sends))
	}
	if d.Spec().Driver == "" {
		compare(r.one, d.Deliver(context.Background(), batch), &r.vendor, r.problem)
	}
	if n := d.FailedFormulas(); n > 0 {
		r.problem("%d formulas failed, and what they stand for was left out; the first: %s", n, r.log.String())
	}
}

// difference shows the lines that differ between two texts: - is in the case, + is sent now.
func difference(want, got string) []byte {
	return bytes.TrimSpace(diff.Diff("the case", []byte(want+"\n"), "what is sent", []byte(got+"\n")))
}

func compare(one *catalog.Case, verdicts []destinations.Verdict, vendor *fakeVendor, problem func(string, ...any)) {
	if one.Verdict != nil {
		want := []*document.Node{one.Verdict}
		if one.Verdict.Kind == document.List {
			want = one.Verdict.Items
		}
		if len(want) > 1 && len(want) != len(verdicts) {
			problem("%d verdicts for %d events", len(want), len(verdicts))
			return
		}
		for i, v := range verdicts {
			if w := want[min(i, len(want)-1)].Text; v.Kind.String() != w {
				problem("the verdict on event %d is %s (%s), not %s", i, v.Kind, v.Why, w)
			}
		}
	}
	if one.Why != "" || one.After != "" {
		i := slices.IndexFunc(verdicts, func(v destinations.Verdict) bool { return v.Kind != destinations.Delivered })
		if i < 0 {
			problem("everything was delivered, and no verdict has words")
			return
		}
		if one.Why != "" && verdicts[i].Why != one.Why {
			problem("why is %q, not %q", verdicts[i].Why, one.Why)
		}
		if one.After != "" && document.Duration(verdicts[i].After).String() != one.After {
			problem("after is %s, not %s", document.Duration(verdicts[i].After), one.After)
		}
	}
	if one.Requests != 0 && vendor.seen != one.Requests {
		problem("%d requests went out, not %d", vendor.seen, one.Requests)
	}
}

// batch are the events of the case that the destination may have and wants.
func (r *caseRun) batch(d *destinations.Destination) (batch []destinations.Sending, ms document.Mistakes) {
	m := r.language.Machine()
	defer m.Release()
	for _, n := range r.one.Events {
		e, wrong := samples.Read(n)
		ms = append(ms, wrong...)
		if len(wrong) > 0 || !consented(d.Need(), e) {
			continue
		}
		if wanted, _, _ := d.Wants(e, m, &rules.Env{Event: e, Hit: &event.Hit{}}); wanted {
			batch = append(batch, destinations.Sending{Event: e, Attempt: 1})
		}
	}
	return batch, ms
}

// consented reports whether the consent that stands in an event is what the destination needs.
func consented(n needs.Need, e *event.Event) bool {
	granted := func(purpose string) bool {
		yes, _ := e.Consent.Get(purpose).Bool()
		return yes
	}
	for _, purpose := range n.Purposes {
		if !granted(purpose) {
			return false
		}
	}
	return len(n.AnyOf) == 0 || slices.ContainsFunc(n.AnyOf, granted)
}
