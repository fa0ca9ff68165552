package destinations

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Response is what came back from a vendor. Names of headers are in lower case.
type Response struct {
	Status  int
	Headers event.Headers
	Body    []byte
}

// answer is one compiled line of answers:.
type answer struct {
	when    *rules.Formula
	then    Kind
	why     *rules.Template
	after   *rules.Template
	isolate string
	rows    *rowReading
}

func (c *compiler) answers(written []Answer, s rules.Scope) []answer {
	scope := s.Answer()
	out := make([]answer, len(written))
	for i, w := range written {
		a := &out[i]
		a.when = c.condition(w.When, scope)
		a.then = c.kind(w.Then, Reject)
		a.why, a.after = c.template(w.Why, scope), c.template(w.After, scope)
		a.isolate = w.Isolate
		if w.Isolate != "" && w.Isolate != "bisect" && w.Isolate != "drop_named" {
			c.mistakes.Add(w.When.At, fmt.Sprintf("isolate cannot be %q", w.Isolate), "write isolate: bisect, or isolate: drop_named with rows:")
		}
		if w.Isolate == "drop_named" && w.Rows == nil {
			c.mistakes.Add(w.When.At, "isolate: drop_named needs rows:, which names the events", "write rows: {each: =body.errors, index: =row.index}")
		}
		if w.Rows != nil {
			a.rows = c.rows(w.Rows, s)
			if w.Then.Value == "" {
				a.then = Delivered
			}
		} else if w.Then.Value == "" {
			c.mistakes.Add(w.When.At, "an answer without then", "write then: delivered, retry, reject or halt")
		}
	}
	return out
}

// kind reads the word of a verdict.
func (c *compiler) kind(w document.Words, without Kind) Kind {
	if w.Value == "" {
		return without
	}
	if i := slices.Index(kindNames[:], w.Value); i > 0 {
		return Kind(i)
	}
	c.mistakes.Add(w.At, fmt.Sprintf("no verdict %q", w.Value), oneOf(w.Value, kindNames[1:]))
	return without
}

// Judge reads an answer: one verdict per event of the request, in order. Events that are to be sent again, since the vendor
// took none of the batch for the sake of one, have the zero Verdict, and again groups their positions by new request.
func (d *Destination) Judge(r *Request, a Response) (verdicts []Verdict, again [][]int) {
	j := &judging{d: d, frame: &frame{machine: d.language.Machine(), failed: d.formulaFailed}, request: r, answer: a}
	defer j.machine.Release()
	j.env = rules.Env{Settings: d.settings.values, Event: r.rows[0].event, Theirs: r.rows[0].theirs, Attempt: r.rows[0].attempt,
		Status: a.Status, Headers: a.Headers, Body: readBody(a.Body)}
	for i := range d.answers {
		if j.holds(d.answers[i].when) {
			return j.apply(&d.answers[i])
		}
	}
	return j.byDefault()
}

// judging is one run of Judge.
type judging struct {
	*frame
	d       *Destination
	request *Request
	answer  Response
}

func (j *judging) apply(a *answer) ([]Verdict, [][]int) {
	n := len(j.request.rows)
	all := j.verdict(a.then, a.why, a.after)
	verdicts := make([]Verdict, n)
	named := false
	if a.rows != nil {
		named = j.readRows(a.rows, verdicts)
	}
	if a.isolate != "" && n > 1 && (named || a.then == Reject || a.isolate == "bisect") {
		if !named {
			return verdicts, halves(n)
		}
		return verdicts, rest(verdicts)
	}
	if a.isolate != "" && !named {
		all.Kind = Reject
		all.Why = orElse(all.Why, j.words())
	}
	for i := range verdicts {
		if verdicts[i].Kind == 0 {
			verdicts[i] = all
		}
	}
	return verdicts, nil
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// halves are the positions of a batch in two groups.
func halves(n int) [][]int {
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i
	}
	return [][]int{positions[:n/2], positions[n/2:]}
}

// rest are the positions without a verdict, to be sent again together.
func rest(verdicts []Verdict) [][]int {
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

func (j *judging) verdict(kind Kind, why, after *rules.Template) Verdict {
	v := Verdict{Kind: kind, Status: j.answer.Status}
	if kind == Delivered {
		return v
	}
	if v.Why = j.hide(j.text(why)); v.Why == "" {
		v.Why = j.words()
	}
	if kind == Retry {
		if after != nil {
			v.After = waitOf(j.value(after), j.d.now())
		}
		if v.After == 0 {
			v.After = waitOf(event.String(j.answer.Headers.Get("retry-after")), j.d.now())
		}
	}
	return v
}

// words are the vendor's own, as far as they can be found without knowing the vendor.
func (j *judging) words() string {
	words := j.hide(wordsOf(j.answer.Body))
	status := strconv.Itoa(j.answer.Status)
	if text := http.StatusText(j.answer.Status); text != "" {
		status += " " + text
	}
	if words == "" {
		return "status " + status
	}
	return "status " + status + ": " + words
}

// hide masks secrets in a vendor's words, and what was made of them for this request, and cuts the words short.
func (j *judging) hide(words string) string {
	if words == "" {
		return ""
	}
	words = j.d.masked(words)
	for _, proof := range j.request.kind.auth.proofs(j.request) {
		words = strings.ReplaceAll(words, proof, mask)
	}
	return shortened(words)
}

// byDefault judges every status that the file says nothing about.
func (j *judging) byDefault() ([]Verdict, [][]int) {
	n, status := len(j.request.rows), j.answer.Status
	v := j.verdict(defaultKind(status), nil, nil)
	switch {
	case status == http.StatusRequestEntityTooLarge && n > 1:
		return make([]Verdict, n), halves(n)
	case status >= 300 && status < 400:
		v.Why = fmt.Sprintf("status %d: it redirects to %s; redirects are not followed", status, j.hide(j.answer.Headers.Get("location")))
	}
	verdicts := make([]Verdict, n)
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts, nil
}

func defaultKind(status int) Kind {
	switch {
	case status >= 200 && status < 300:
		return Delivered
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired, status >= 300 && status < 400:
		return Halt
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500, status < 200:
		return Retry
	}
	return Reject
}
