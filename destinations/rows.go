package destinations

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"headgate/event"
	"headgate/rules"
)

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
	then  Kind
	why   *rules.Template
	after *rules.Template
}

func (c *compiler) rows(w *Rows, s rules.Scope) *rowReading {
	scope := s.Answer().Row()
	out := &rowReading{each: c.template(w.Each, s.Answer()), index: c.template(w.Index, scope), id: c.template(w.ID, scope), of: c.template(w.Of, s)}
	if w.Each == nil {
		c.mistakes.Add(w.When.At, "rows: without each", "write each: =body.errors")
	}
	if w.Pattern != "" {
		re, err := regexp.Compile(w.Pattern)
		if err != nil {
			c.mistakes.Add(w.When.At, fmt.Sprintf("the pattern is no regular expression: %v", err), "")
		}
		out.pattern = re
	}
	judge := w.Judge
	if len(judge) == 0 {
		judge = []Judgement{{w.When, w.Then, w.Why, w.After}}
	}
	for _, j := range judge {
		out.judge = append(out.judge, judgement{c.condition(j.When, scope), c.kind(j.Then, Reject), c.template(j.Why, scope), c.template(j.After, scope)})
	}
	return out
}

// readRows gives the events that the answer speaks of their verdicts, and reports whether there were any.
func (j *judging) readRows(r *rowReading, verdicts []Verdict) (named bool) {
	for position, one := range r.elements(j.value(r.each)) {
		j.env.Row = one
		i := j.judgementOf(r)
		if i < 0 {
			continue
		}
		for _, at := range j.named(r, position) {
			if at < 0 || at >= len(verdicts) {
				continue
			}
			named = true
			verdicts[at] = worse(verdicts[at], j.verdict(r.judge[i].then, r.judge[i].why, r.judge[i].after))
		}
	}
	return named
}

func (j *judging) judgementOf(r *rowReading) int {
	return slices.IndexFunc(r.judge, func(one judgement) bool { return j.holds(one.when) })
}

// elements are the rows: the elements of a list, the values of an object, or what the pattern finds in a text.
func (r *rowReading) elements(v event.Value) []event.Value {
	if r.pattern == nil {
		if v.Kind() == event.Object {
			var out []event.Value
			for _, p := range v.Object() {
				out = append(out, pairValue(p))
			}
			return out
		}
		return v.List()
	}
	texts := []event.Value{v}
	if v.Kind() == event.List {
		texts = v.List()
	}
	var out []event.Value
	for _, text := range texts {
		for _, match := range r.pattern.FindAllStringSubmatch(text.Text(), -1) {
			var m event.Map
			for i, name := range r.pattern.SubexpNames() {
				if name != "" {
					m.Set(name, event.String(match[i]))
				}
			}
			out = append(out, event.ObjectOf(m))
		}
	}
	return out
}

// named are the positions of the events that a row speaks of.
func (j *judging) named(r *rowReading, position int) []int {
	switch {
	case r.index != nil:
		v := j.value(r.index)
		i, err := strconv.Atoi(v.Text())
		if err != nil {
			return nil
		}
		return []int{i}
	case r.id != nil:
		return j.byID(r, j.text(r.id))
	}
	return []int{position}
}

func (j *judging) byID(r *rowReading, id string) (at []int) {
	if id == "" {
		return nil
	}
	first := j.request.rows[0]
	for i := range j.request.rows {
		row := &j.request.rows[i]
		own := event.String(row.event.ID)
		if r.of != nil {
			j.at(row)
			own = j.value(r.of)
		}
		if own.Text() == id || slices.ContainsFunc(own.List(), func(v event.Value) bool { return v.Text() == id }) {
			at = append(at, i)
		}
	}
	j.at(&first)
	return at
}
