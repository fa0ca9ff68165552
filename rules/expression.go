package rules

import (
	"strings"
	"time"
	"unicode/utf8"

	"headgate/event"
)

// kind is what an expression yields, as far as its text tells.
type kind uint8

const (
	anything kind = iota // known only when it runs
	nothing              // nil
	truth
	number
	text
	moment // a time
	list
	object
	item    // one of items
	items   // the event's own items
	anEvent // one event with all its fields
	events  // the events of a request
	group   // page, user, ...: fields of an event
	request // the hit
)

func (k kind) String() string {
	return [...]string{"a value", "nil", "true or false", "a number", "text", "a time", "a list", "an object", "an item", "a list of items",
		"an event", "a list of events", "a group of fields", "the request"}[k]
}

// fits reports whether a value of kind k can stand where one of kind want is meant, at least sometimes.
func (k kind) fits(want kind) bool {
	switch {
	case k == want, k == anything, k == nothing, want == anything:
		return true
	case want == list:
		return k == items || k == events
	case want == object:
		return k == item || k == anEvent || k == group
	case want == moment, k == moment:
		return k == text || k == number || want == text
	}
	return false
}

// common returns the kind of what is either of kind a or of kind b.
func common(a, b kind) kind {
	if a == b {
		return a.stored()
	}
	return anything
}

// stored is the kind of a value that was put away: what was read in place, an item or a list of them, is a plain object or
// list then.
func (k kind) stored() kind {
	switch k {
	case truth, number, text, moment:
		return k
	}
	return anything
}

// kindOf returns the kind of a value that is there.
func kindOf(v event.Value) kind {
	return [...]kind{event.Null: nothing, event.Bool: truth, event.Numeric: number, event.Text: text, event.List: list,
		event.Object: object}[v.Kind()]
}

// expression is a compiled part of a formula. value always works; the others are shorter ways for what they name, nil
// where there is none. What running it reads comes first, to lie close together.
type expression struct {
	kind     kind
	constant bool
	unsaid   bool // "" means that nobody said it, and counts as nil
	offset   int  // where it stands, in characters

	value  func(*Machine) event.Value
	text   func(*Machine) string
	truth  func(*Machine) bool
	moment func(*Machine) time.Time
	object func(*Machine) event.Map

	fixed  event.Value                   // of a constant
	name   string                        // how it is called in a message: "params.value"
	item   func(*Machine) *event.Item    // nil when there is none
	items  func(*Machine) []event.Item   //
	event  func(*Machine) *event.Event   // nil when there is none; of a group too
	events func(*Machine) []*event.Event //

	source string // what of the environment it reads, "params.value"; "" when it computes something
	bound  bound

	group string      // of a group: its name
	path  *objectPath // of something below an object
	key   func(string) (kind, string, bool)
}

func constant(offset int, k kind, v event.Value) expression {
	return expression{kind: k, offset: offset, constant: true, fixed: v, value: func(*Machine) event.Value { return v }}
}

// asTruth reports whether the expression holds; null does not.
func (x *expression) asTruth(m *Machine) bool {
	if x.truth != nil {
		return x.truth(m)
	}
	v := x.value(m)
	b, ok := v.Bool()
	if !ok && !v.IsNull() {
		m.fail(x.offset, x.describe(v)+", not true or false", "compare it with something: ... == ...")
	}
	return b && ok
}

// asText returns the text of the expression; ok is false for null. What will be done with a long text costs steps.
func (x *expression) asText(m *Machine) (s string, ok bool) {
	if x.text != nil {
		s = x.text(m)
		return s, m.read(x.offset, s) && (s != "" || !x.unsaid)
	}
	v := x.value(m)
	switch v.Kind() {
	case event.Null:
		return "", false
	case event.List, event.Object:
		m.fail(x.offset, x.describe(v)+", not text", "")
		return "", false
	}
	s = v.Text()
	return s, m.read(x.offset, s)
}

// textFor is asText for a function, which a failure is said to be of.
func (x *expression) textFor(m *Machine, function string) (s string, ok bool) {
	if x.text != nil {
		return x.asText(m)
	}
	v, ok := argument(m, x, function, text)
	return v.Text(), ok && !v.IsNull()
}

// called is how the expression is called in a message.
func (x *expression) called() string {
	if x.name == "" {
		return "this"
	}
	return x.name
}

// describe says what a value is, for a message: `params.value is text ("12")`.
func (x *expression) describe(v event.Value) string {
	name := x.name
	if name == "" {
		name = "this"
	}
	said := name + " is " + kindOf(v).String()
	if v.Kind() == event.Text {
		s := v.Text()
		if len(s) > 40 {
			s = s[:40] + "..."
		}
		said += " (" + quote(s) + ")"
	}
	return said
}

// quote puts a text in double quotes for a message.
func quote(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return `"` + s + `"`
}
