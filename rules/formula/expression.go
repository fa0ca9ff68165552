package formula

import (
	"fmt"
	"time"

	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/reach"
)

// Kind is what an expression yields, as far as its text shows.
type Kind uint8

// The kinds.
const (
	Anything Kind = iota // known only when it runs
	Nothing              // nil
	Truth
	Number
	Text
	Moment // a time
	List
	Object
	item    // one of items
	items   // the event's own items
	AnEvent // one event with all its fields
	events  // the events of a request
	group   // page, user, ...: fields of an event
	request // the hit
)

func (k Kind) String() string {
	return [...]string{"a value", "nil", "true or false", "a number", "text", "a time", "a list", "an object", "an item", "a list of items",
		"an event", "a list of events", "a group of fields", "the request"}[k]
}

// fits reports whether a value of kind k can stand where one of kind want is expected, at least sometimes.
func (k Kind) fits(want Kind) bool {
	switch {
	case k == want, k == Anything, k == Nothing, want == Anything:
		return true
	case want == List:
		return k == items || k == events
	case want == Object:
		return k == item || k == AnEvent || k == group
	case want == Moment, k == Moment:
		return k == Text || k == Number || want == Text
	}
	return false
}

// Common returns the kind of what is either of kind a or of kind b.
func Common(a, b Kind) Kind {
	if a == b {
		return a.stored()
	}
	return Anything
}

// stored is the kind of a value after it was stored: what was read in place, an item or a list of them, is a plain object or
// list then.
func (k Kind) stored() Kind {
	switch k {
	case Truth, Number, Text, Moment:
		return k
	}
	return Anything
}

// KindOf returns the kind of a value that is there.
func KindOf(v event.Value) Kind {
	return [...]Kind{event.Null: Nothing, event.Bool: Truth, event.Numeric: Number, event.Text: Text, event.List: List,
		event.Object: Object}[v.Kind()]
}

// Expression is a compiled part of a formula. Value is always set; the other functions are shorter ways to what they name,
// nil where there is none. The fields that running it reads come first, so that they are close together in memory.
type Expression struct {
	Kind     Kind
	Constant bool
	unsaid   bool // "" means that nobody said it, and counts as nil
	Offset   int  // where it stands, in characters

	Value  func(*Machine) event.Value
	text   func(*Machine) string
	truth  func(*Machine) bool
	moment func(*Machine) time.Time
	Object func(*Machine) event.Map

	Fixed  event.Value                   // of a constant
	Name   string                        // how it is called in a message: "params.value"
	item   func(*Machine) *event.Item    // nil when there is none
	Items  func(*Machine) []event.Item   //
	Event  func(*Machine) *event.Event   // nil when there is none; of a group too
	Events func(*Machine) []*event.Event //

	source string // what of the environment it reads, "params.value"; "" when it computes something
	bound  reach.Bound

	group string      // of a group: its name
	path  *objectPath // of something below an object
	key   func(string) (Kind, string, bool)
}

// Constant is an expression that is the same for every event.
func Constant(offset int, k Kind, v event.Value) Expression {
	return Expression{Kind: k, Offset: offset, Constant: true, Fixed: v, Value: func(*Machine) event.Value { return v }}
}

// asTruth reports whether the expression holds; null does not.
func (x *Expression) asTruth(m *Machine) bool {
	if x.truth != nil {
		return x.truth(m)
	}
	v := x.Value(m)
	b, ok := v.Bool()
	if !ok && !v.IsNull() {
		m.Fail(x.Offset, x.describe(v)+", not true or false", "compare it with something: ... == ...")
	}
	return b && ok
}

// AsText returns the text of the expression; ok is false for null. What will be done with a long text costs steps.
func (x *Expression) AsText(m *Machine) (s string, ok bool) {
	if x.text != nil {
		s = x.text(m)
		return s, m.Read(x.Offset, s) && (s != "" || !x.unsaid)
	}
	v := x.Value(m)
	switch v.Kind() {
	case event.Null:
		return "", false
	case event.List, event.Object:
		m.Fail(x.Offset, x.describe(v)+", not text", "")
		return "", false
	}
	s = v.Text()
	return s, m.Read(x.Offset, s)
}

// TextFor is AsText for an argument of a function, which a failure names.
func (x *Expression) TextFor(m *Machine, function string) (s string, ok bool) {
	if x.text != nil {
		return x.AsText(m)
	}
	v, ok := argument(m, x, function, Text)
	return v.Text(), ok && !v.IsNull()
}

// Called returns the name of the expression in messages.
func (x *Expression) Called() string {
	if x.Name == "" {
		return "this"
	}
	return x.Name
}

// describe says what a value is, for a message: `params.value is text ("12")`.
func (x *Expression) describe(v event.Value) string {
	name := x.Name
	if name == "" {
		name = "this"
	}
	said := name + " is " + KindOf(v).String()
	if v.Kind() == event.Text {
		s := v.Text()
		if len(s) > 40 {
			s = s[:40] + "..."
		}
		said += " (" + advice.Quote(s) + ")"
	}
	return said
}

// argument runs an argument and converts it to the kind that the function expects. Numbers and truth values become text as they are
// written; nothing else is converted.
func argument(m *Machine, x *Expression, name string, want Kind) (event.Value, bool) {
	v := x.Value(m)
	k := v.Kind()
	switch {
	case m.failure != nil:
		return v, false
	case k == event.Text && !m.Read(x.Offset, v.Text()):
		return v, false
	case k == event.Null, want == Anything, want == Moment:
		return v, true
	case want == Text && (k == event.Numeric || k == event.Bool):
		return event.String(v.Text()), true
	case !KindOf(v).fits(want):
		cure := ""
		if want == Number && k == event.Text {
			cure = "number(...) makes a number of a text"
		}
		m.Fail(x.Offset, fmt.Sprintf("%s expects %s here, but %s", name, want, x.describe(v)), cure)
		return v, false
	}
	return v, true
}

// objectPath leads from an object of the environment down to a value.
type objectPath struct {
	root func(*Machine) event.Map
	keys []string
	dots []string // dots[i] is what is left from keys[i] on, as one key: names of parameters may hold dots
}

func (p *objectPath) find(m *Machine) event.Value {
	o := p.root(m)
	for i, key := range p.keys {
		if v, ok := o.Find(p.dots[i]); ok {
			return v
		}
		o = o.Get(key).Object()
	}
	return event.Value{}
}
