package formula

import (
	"slices"

	"headgate/rules/reach"
)

// Reads reports whether the formula may read a field of an event, "page.url" or "params.value": the field, something below
// it, or a whole that holds it. It does not matter how the formula comes by the field: by its name, in brackets, through a
// let, as an element of the batch, or within the event as an object.
func (f *Formula) Reads(path string) bool {
	return slices.ContainsFunc(f.reads, func(source string) bool { return reach.Covers(source, path) })
}

// Sources lists what the formula reads, "params.value" or "geo.country".
func (f *Formula) Sources() []string { return slices.Clone(f.reads) }

// ReadsEvents reports whether what the formula yields may depend on an event.
func (f *Formula) ReadsEvents() bool {
	return slices.ContainsFunc(f.reads, func(source string) bool { return reach.IsOwn(source) || reach.FirstName(source) == "batch" })
}

// Own returns the first name in the formula that belongs to one event, "page" of page.url; "" when it reads none. What it
// reads of the batch belongs to all events of a request.
func (f *Formula) Own() string {
	if i := slices.IndexFunc(f.reads, reach.IsOwn); i >= 0 {
		return reach.FirstName(f.reads[i])
	}
	return ""
}

// Reads reports whether a formula compiled so far may read a field of an event; see Formula.Reads.
func (l *Language) Reads(path string) (yes bool) {
	l.read.Range(func(source, _ any) bool {
		yes = reach.Covers(source.(string), path)
		return !yes
	})
	return yes
}

// HoldsWithout reports whether the condition holds for every event without consent to a purpose, as "not consent.ads" does
// for "ads". It is true only where that is certain from the formula.
func (f *Formula) HoldsWithout(purpose string) bool {
	return slices.Contains(f.root.bound.Without, purpose)
}
