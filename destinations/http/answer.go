package http

import (
	"fmt"
	"regexp"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/rules"
)

// answer is one compiled line of answers:.
type answer struct {
	when    *rules.Formula
	then    destinations.Kind
	why     *rules.Template
	after   *rules.Template
	isolate string
	rows    *rowReading
}

func (c *compiler) answers(written []catalog.Answer, s rules.Scope) []answer {
	scope := s.Answer()
	out := make([]answer, len(written))
	for i, w := range written {
		a := &out[i]
		a.when = c.Condition(w.When, scope)
		a.then = c.kind(w.Then, destinations.Reject)
		a.why, a.after = c.Template(w.Why, scope), c.Template(w.After, scope)
		a.isolate = w.Isolate
		if w.Isolate != "" && w.Isolate != "bisect" && w.Isolate != "drop_named" {
			c.Mistakes.Add(w.When.At, fmt.Sprintf("isolate cannot be %q", w.Isolate), "write isolate: bisect, or isolate: drop_named with rows:")
		}
		if w.Isolate == "drop_named" && w.Rows == nil {
			c.Mistakes.Add(w.When.At, "isolate: drop_named needs rows:, which names the events", "write rows: {each: =body.errors, index: =row.index}")
		}
		if w.Rows != nil {
			a.rows = c.rows(w.Rows, s)
			if w.Then.Value == "" {
				a.then = destinations.Delivered
			}
		} else if w.Then.Value == "" {
			c.Mistakes.Add(w.When.At, "an answer without then", "write then: delivered, retry, reject or halt")
		}
	}
	return out
}

// kind reads the word of a verdict.
func (c *compiler) kind(w document.Words, without destinations.Kind) destinations.Kind {
	if w.Value == "" {
		return without
	}
	if kind := destinations.KindNamed(w.Value); kind != 0 {
		return kind
	}
	c.Mistakes.Add(w.At, fmt.Sprintf("no verdict %q", w.Value), document.OneOf(w.Value, destinations.KindNames()))
	return without
}

// rowReading is a compiled rows:.
type rowReading struct {
	each      *rules.Template
	pattern   *regexp.Regexp
	index, id *rules.Template
	of        *rules.Template
	judge     []judgement
}

type judgement struct {
	when  *rules.Formula
	then  destinations.Kind
	why   *rules.Template
	after *rules.Template
}

func (c *compiler) rows(w *catalog.Rows, s rules.Scope) *rowReading {
	scope := s.Answer().Row()
	out := &rowReading{each: c.Template(w.Each, s.Answer()), index: c.Template(w.Index, scope), id: c.Template(w.ID, scope), of: c.Template(w.Of, s)}
	if w.Each == nil {
		c.Mistakes.Add(w.When.At, "rows: without each", "write each: =body.errors")
	}
	if w.Pattern != "" {
		re, err := regexp.Compile(w.Pattern)
		if err != nil {
			c.Mistakes.Add(w.When.At, fmt.Sprintf("the pattern is not a regular expression: %v", err), "")
		}
		out.pattern = re
	}
	judge := w.Judge
	if len(judge) == 0 {
		judge = []catalog.Judgement{{When: w.When, Then: w.Then, Why: w.Why, After: w.After}}
	}
	for _, j := range judge {
		out.judge = append(out.judge, judgement{c.Condition(j.When, scope), c.kind(j.Then, destinations.Reject), c.Template(j.Why, scope), c.Template(j.After, scope)})
	}
	return out
}
