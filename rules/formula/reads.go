package formula

import (
	"slices"
	"strings"
)

// Reads reports whether the formula may read a field of an event, "page.url" or "params.value": the field, something below
// it, or a whole that holds it. It does not matter how the formula comes by the field: by its name, in brackets, through a
// let, as an element of the batch, or within the event as an object.
func (f *Formula) Reads(path string) bool {
	return slices.ContainsFunc(f.reads, func(source string) bool { return covers(source, path) })
}

// Sources lists what the formula reads, "params.value" or "geo.country".
func (f *Formula) Sources() []string { return slices.Clone(f.reads) }

// ReadsEvents reports whether what the formula yields may depend on an event.
func (f *Formula) ReadsEvents() bool {
	return slices.ContainsFunc(f.reads, func(source string) bool { return isOwn(source) || firstName(source) == "batch" })
}

// Own returns the first name in the formula that belongs to one event, "page" of page.url; "" when it reads none. What it
// reads of the batch belongs to all events of a request.
func (f *Formula) Own() string {
	if i := slices.IndexFunc(f.reads, isOwn); i >= 0 {
		return firstName(f.reads[i])
	}
	return ""
}

// covers reports whether reading source may read what stands at a path of an event.
func covers(source, path string) bool {
	if source == "batch" {
		source = wholeEvent
	}
	source = strings.TrimPrefix(source, "batch.")
	return source == wholeEvent || source == path || strings.HasPrefix(source, path+".") || strings.HasPrefix(path, source+".")
}

func isOwn(source string) bool {
	name := firstName(source)
	return name == wholeEvent || name == "theirs" || isIn(name, Roots())
}

func firstName(source string) string {
	name, _, _ := strings.Cut(source, ".")
	return name
}

// Reads reports whether the template may read a field of an event; see Formula.Reads.
func (t *Template) Reads(path string) bool {
	return t.any(func(f *Formula) bool { return f.Reads(path) })
}

// ReadsEvents reports whether what the template yields may depend on an event.
func (t *Template) ReadsEvents() bool { return t.any((*Formula).ReadsEvents) }

// Own returns the first name in the template that belongs to one event, "" when it reads none.
func (t *Template) Own() (name string) {
	t.any(func(f *Formula) bool {
		name = f.Own()
		return name != ""
	})
	return name
}

// any reports whether some formula of the template answers yes.
func (t *Template) any(ask func(*Formula) bool) bool {
	switch {
	case t == nil:
		return false
	case t.formula != nil:
		return ask(t.formula)
	}
	return slices.ContainsFunc(t.pieces, func(p piece) bool { return p.formula != nil && ask(p.formula) }) ||
		slices.ContainsFunc(t.list, func(one *Template) bool { return one.any(ask) }) ||
		slices.ContainsFunc(t.fields, func(f templateField) bool { return f.value.any(ask) })
}

// Reads reports whether a formula compiled so far may read a field of an event; see Formula.Reads.
func (l *Language) Reads(path string) (yes bool) {
	l.read.Range(func(source, _ any) bool {
		yes = covers(source.(string), path)
		return !yes
	})
	return yes
}

// HoldsWithout reports whether the condition holds for every event without consent to a purpose, as "not consent.ads" does
// for "ads". It is true only where that is certain from the formula.
func (f *Formula) HoldsWithout(purpose string) bool {
	return slices.Contains(f.root.bound.without, purpose)
}
