package formula

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"headgate/document"
	"headgate/event"
)

// maxSteps is how many elements one run visits and how many values it builds.
const maxSteps = 100_000

// Machine is the scratch memory in which formulas run. It serves one goroutine at a time and is cheap to get again.
type Machine struct {
	// Scratch is room for a text that is put together between two runs. Whoever uses it overwrites what is in it.
	Scratch []byte

	now      func() time.Time
	random   io.Reader
	pool     *sync.Pool // that it goes back to
	env      *Env
	event    *event.Event // env.Event, or none
	none     event.Event  // stands in where there is no event; never written to
	failure  *Failure
	steps    int             // left to the formula that runs
	stack    []event.Value   // arguments of calls
	slots    []event.Value   // of let
	pointers []pointer       // elements of all(), map() and the like, the innermost last
	changes  []event.Changed // lent to the rules
	notes    *[]string       // what functions changed or left out; nil when nobody asks
}

// pointer is the element that a predicate is at.
type pointer struct {
	value event.Value
	item  *event.Item
	event *event.Event
	index int
}

// start prepares a run with a number of variables.
func (m *Machine) start(slots int, env *Env) {
	m.env, m.failure, m.steps = env, nil, maxSteps
	m.stack, m.pointers = m.stack[:0], m.pointers[:0]
	if m.event = env.Event; m.event == nil {
		m.event = &m.none
	}
	for len(m.slots) < slots {
		m.slots = append(m.slots, event.Value{})
	}
}

// Fail notes why the formula that runs yields nothing; the first reason stays. What runs after it yields null.
func (m *Machine) Fail(offset int, fact, cure string) event.Value {
	if m.failure == nil {
		m.failure = &Failure{Fact: fact, Cure: cure, offset: offset}
	}
	return event.Value{}
}

// failed gives the failure its place.
func (m *Machine) failed(p part) error {
	m.failure.At = p.place(m.failure.offset)
	return m.failure
}

// Stopped reports whether the formula that runs has failed.
func (m *Machine) Stopped() bool { return m.failure != nil }

// Now returns the time now.
func (m *Machine) Now() time.Time { return m.now() }

// Random returns the source of randomness, which several goroutines may read.
func (m *Machine) Random() io.Reader { return m.random }

// Changes returns room for a few changes of an event, which lasts until the machine is released.
func (m *Machine) Changes() []event.Changed {
	const few = 4 // most rules change few fields
	from := len(m.changes)
	if cap(m.changes) < from+few {
		m.changes, from = make([]event.Changed, 0, 4*few), 0
	}
	m.changes = m.changes[:from+few]
	return m.changes[from:from:len(m.changes)]
}

// Release gives the machine back. It must not be used afterwards.
func (m *Machine) Release() {
	m.env, m.event, m.failure, m.notes = nil, nil, nil, nil
	clear(m.stack[:cap(m.stack)])
	clear(m.slots[:cap(m.slots)])
	clear(m.pointers[:cap(m.pointers)])
	clear(m.changes)
	m.changes = m.changes[:0]
	m.pool.Put(m)
}

// Failure is why a formula yielded nothing.
type Failure struct {
	At   document.Place
	Fact string
	Cure string

	offset int // of At in the formula, in characters
}

func (f *Failure) Error() string {
	return document.Mistake{At: f.At, Fact: f.Fact, Cure: f.Cure}.Error()
}

// Unquoted returns the failure as a log may hold it: without the text of the event that describe quotes in the fact.
func (f *Failure) Unquoted() *Failure {
	before, rest, quotes := strings.Cut(f.Fact, ` ("`)
	if !quotes {
		return f
	}
	if end := strings.LastIndex(rest, `")`); end >= 0 { // the text may hold these marks too
		rest = rest[end+2:]
	}
	return &Failure{At: f.At, Fact: before + rest, Cure: f.Cure}
}

// part is a piece of a text: a formula after its "=", or one between { and }.
type part struct {
	whole document.Words
	text  string
	start int // in characters
}

func (p part) place(offset int) document.Place { return p.whole.Place(p.start + offset) }

// Note has functions say in notes what they changed or left out for a vendor's sake, each thing once and without personal
// data. nil ends it.
func (m *Machine) Note(notes *[]string) { m.notes = notes }

// Notef notes something, unless nobody reads notes.
func (m *Machine) Notef(form string, args ...any) {
	if m.notes == nil {
		return
	}
	if said := fmt.Sprintf(form, args...); !slices.Contains(*m.notes, said) {
		*m.notes = append(*m.notes, said)
	}
}

// Clip returns the first most characters of a text and notes when that is not all of it.
func (m *Machine) Clip(name, s string, most int) string {
	if len(s) <= most || most < 0 || utf8.RuneCountInString(s) <= most {
		return s
	}
	m.Notef("%s is cut to %d characters, the most that the vendor takes", name, most)
	at := 0
	for i := range s {
		if at == most {
			return s[:i]
		}
		at++
	}
	return s
}

// Renamed notes that something goes under another name, or, where there is none, not at all.
func (m *Machine) Renamed(from, to string) {
	switch {
	case m.notes == nil || from == to:
	case to == "":
		m.Notef("%q is left out: the vendor does not take such a name", from)
	default:
		m.Notef("%q is named %q, since the vendor does not take such a name", from, to)
	}
}
