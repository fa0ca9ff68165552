package http

import (
	"slices"
	"strconv"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/event"
)

// readRows sets the verdicts of the events that the answer names, and reports whether it named any.
func (j *judging) readRows(r *rowReading, verdicts []destinations.Verdict) (named bool) {
	for position, one := range r.elements(j.Value(r.each)) {
		j.Env.Row = one
		i := j.judgementOf(r)
		if i < 0 {
			continue
		}
		for _, at := range j.named(r, position) {
			if at < 0 || at >= len(verdicts) {
				continue
			}
			named = true
			verdicts[at] = destinations.Worse(verdicts[at], j.verdict(r.judge[i].then, r.judge[i].why, r.judge[i].after))
		}
	}
	return named
}

func (j *judging) judgementOf(r *rowReading) int {
	return slices.IndexFunc(r.judge, func(one judgement) bool { return j.Holds(one.when) })
}

// elements are the rows: the elements of a list, the values of an object, or what the pattern finds in a text.
func (r *rowReading) elements(v event.Value) []event.Value {
	if r.pattern == nil {
		if v.Kind() == event.Object {
			var out []event.Value
			for _, p := range v.Object() {
				out = append(out, body.PairValue(p))
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

// named returns the positions of the events that a row names.
func (j *judging) named(r *rowReading, position int) []int {
	switch {
	case r.index != nil:
		v := j.Value(r.index)
		i, err := strconv.Atoi(v.Text())
		if err != nil {
			return nil
		}
		return []int{i}
	case r.id != nil:
		return j.byID(r, j.Text(r.id))
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
		own := event.String(row.Event.ID)
		if r.of != nil {
			j.At(row)
			own = j.Value(r.of)
		}
		if own.Text() == id || slices.ContainsFunc(own.List(), func(v event.Value) bool { return v.Text() == id }) {
			at = append(at, i)
		}
	}
	j.At(&first)
	return at
}
