package http

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/destinations/http/words"
	"headgate/destinations/settings"
	"headgate/event"
	"headgate/rules"
)

// Response is what came back from a vendor. Names of headers are in lower case.
type Response struct {
	Status  int
	Headers event.Headers
	Body    []byte
}

// Judge reads an answer: one verdict per event of the request, in order. Events that are to be sent again, since the vendor
// rejected the whole batch because of one, have the zero Verdict, and again groups their positions by new request.
func (p *plan) Judge(r *Request, a Response) (verdicts []destinations.Verdict, again [][]int) {
	j := &judging{Frame: &body.Frame{Machine: p.Language.Machine(), Failed: p.Failed}, plan: p, request: r, answer: a}
	defer j.Machine.Release()
	first := &r.rows[0]
	j.Env = rules.Env{Settings: p.Settings.Values(), Event: first.Event, Theirs: first.Theirs, Attempt: first.Attempt,
		Status: a.Status, Headers: a.Headers, Body: words.ReadBody(a.Body)}
	for i := range p.answers {
		if j.Holds(p.answers[i].when) {
			return j.apply(&p.answers[i])
		}
	}
	return j.byDefault()
}

// judging is one run of Judge.
type judging struct {
	*body.Frame
	plan    *plan
	request *Request
	answer  Response
}

func (j *judging) apply(a *answer) ([]destinations.Verdict, [][]int) {
	n := len(j.request.rows)
	all := j.verdict(a.then, a.why, a.after)
	verdicts := make([]destinations.Verdict, n)
	named := false
	if a.rows != nil {
		named = j.readRows(a.rows, verdicts)
	}
	if a.isolate != "" && n > 1 && (named || a.then == destinations.Reject || a.isolate == "bisect") {
		if !named {
			return verdicts, halves(n)
		}
		return verdicts, unjudged(verdicts)
	}
	if a.isolate != "" && !named {
		all.Kind = destinations.Reject
		all.Why = cmp.Or(all.Why, j.words())
	}
	for i := range verdicts {
		if verdicts[i].Kind == 0 {
			verdicts[i] = all
		}
	}
	return verdicts, nil
}

// halves returns the positions of a batch in two groups.
func halves(n int) [][]int {
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i
	}
	return [][]int{positions[:n/2], positions[n/2:]}
}

// unjudged returns the positions without a verdict, to be sent again together.
func unjudged(verdicts []destinations.Verdict) [][]int {
	var again []int
	for i, v := range verdicts {
		if v.Kind == 0 {
			again = append(again, i)
		}
	}
	if again == nil {
		return nil
	}
	return [][]int{again}
}

func (j *judging) verdict(kind destinations.Kind, why, after *rules.Template) destinations.Verdict {
	v := destinations.Verdict{Kind: kind, Status: j.answer.Status}
	if kind == destinations.Delivered {
		return v
	}
	if v.Why = j.hide(j.Text(why)); v.Why == "" {
		v.Why = j.words()
	}
	if kind == destinations.Retry {
		if after != nil {
			v.After = words.Wait(j.Value(after), j.plan.Now())
		}
		if v.After == 0 {
			v.After = words.Wait(event.String(j.answer.Headers.Get("retry-after")), j.plan.Now())
		}
	}
	return v
}

// words returns the vendor's message, as far as it can be found without knowing the vendor.
func (j *judging) words() string {
	said := j.hide(words.Of(j.answer.Body))
	status := strconv.Itoa(j.answer.Status)
	if text := http.StatusText(j.answer.Status); text != "" {
		status += " " + text
	}
	if said == "" {
		return "status " + status
	}
	return "status " + status + ": " + said
}

// hide masks secrets in a vendor's words, and what was made of them for this request, and cuts them short.
func (j *judging) hide(said string) string {
	if said == "" {
		return ""
	}
	said = j.plan.Hide(said)
	for _, proof := range j.request.to.auth.Proofs(j.request.Headers) {
		said = strings.ReplaceAll(said, proof, settings.Mask)
	}
	return words.Shortened(said)
}

// byDefault judges a status that the file does not mention.
func (j *judging) byDefault() ([]destinations.Verdict, [][]int) {
	n, status := len(j.request.rows), j.answer.Status
	v := j.verdict(defaultKind(status), nil, nil)
	switch {
	case status == http.StatusRequestEntityTooLarge && n > 1:
		return make([]destinations.Verdict, n), halves(n)
	case status >= 300 && status < 400:
		v.Why = fmt.Sprintf("status %d: it redirects to %s; redirects are not followed", status, j.hide(j.answer.Headers.Get("location")))
	}
	verdicts := make([]destinations.Verdict, n)
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts, nil
}

func defaultKind(status int) destinations.Kind {
	switch {
	case status >= 200 && status < 300:
		return destinations.Delivered
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired, status >= 300 && status < 400:
		return destinations.Halt
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500, status < 200:
		return destinations.Retry
	}
	return destinations.Reject
}
