// Package rules is the formula language and the list of rules written in it. A formula is read with the grammar of
// expr-lang, checked against the event's vocabulary when it is loaded, so that a wrong name or type is a mistake with a
// place and a cure, and then run as a tree of Go closures over the event itself.
//
// It promises that running a formula never panics, never waits and never takes more than a bounded amount of time and
// memory; that what is absent is nil and never an error by itself; and that a formula which fails costs its own key and
// nothing else. It does no I/O but reading tables at load, and it can neither read nor change what consent decided
// beyond the purposes it is given.
package rules

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"headgate/document"
	"headgate/event"
)

// Options is what a Language is made of.
type Options struct {
	Tables   document.Ordered[Table] // by name, for lookup()
	Purposes []string                // what formulas may ask consent for; nil: anything
	Now      func() time.Time        // nil: time.Now
	Random   io.Reader               // for uuid(), read by several goroutines; nil: crypto/rand
}

// Language compiles formulas, templates and rules. It is safe for concurrent use and holds no state but its tables,
// which fields its formulas read, and the telephone numbers it wrote last.
type Language struct {
	tables   map[string]table
	purposes []string
	now      func() time.Time
	random   io.Reader
	machines sync.Pool
	dialled  *lru.Cache[dialling, string]
	read     sync.Map // source of all that a formula has been compiled to read: true
}

// Reads reports whether a formula compiled so far may read a field of an event; see Formula.Reads.
func (l *Language) Reads(path string) (yes bool) {
	l.read.Range(func(source, _ any) bool {
		yes = covers(source.(string), path)
		return !yes
	})
	return yes
}

// NewLanguage reads the tables and returns the language.
func NewLanguage(o Options) (*Language, document.Mistakes) {
	l := &Language{purposes: o.Purposes, now: o.Now, random: o.Random, tables: map[string]table{}}
	var err error
	if l.dialled, err = lru.New[dialling, string](rememberedNumbers); err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.random == nil {
		l.random = rand.Reader
	}
	l.machines.New = func() any { return &Machine{language: l} }
	var ms document.Mistakes
	for _, t := range o.Tables {
		loaded, wrong := t.Value.load()
		ms = append(ms, wrong...)
		l.tables[t.Key] = loaded
	}
	return l, ms
}

// Machine is the scratch memory in which formulas run. It serves one goroutine at a time and is quick to get again.
type Machine struct {
	language *Language
	env      *Env
	event    *event.Event // env.Event, or none
	none     event.Event  // stands in where there is no event; never written to
	failure  *Failure
	steps    int           // left to the formula that runs
	stack    []event.Value // arguments of calls
	slots    []event.Value // of let
	pointers []pointer     // elements of all(), map() and the like, the innermost last
	bytes    []byte        // of a text with holes
	owned    []*event.Map  // objects of the event that rules have copied and may change in place
	notes    *[]string     // what functions changed or left out; nil when nobody asks
}

// Machine returns a machine for the caller's goroutine; Release gives it back.
func (l *Language) Machine() *Machine { return l.machines.Get().(*Machine) }

// Note has functions say in notes what they changed or left out for a vendor's sake, each thing once and without personal
// data. nil ends it.
func (m *Machine) Note(notes *[]string) { m.notes = notes }

func (m *Machine) note(form string, args ...any) {
	if m.notes == nil {
		return
	}
	if said := fmt.Sprintf(form, args...); !slices.Contains(*m.notes, said) {
		*m.notes = append(*m.notes, said)
	}
}

// Release gives the machine back. It must not be used afterwards.
func (m *Machine) Release() {
	m.env, m.event, m.failure, m.notes = nil, nil, nil, nil
	clear(m.stack[:cap(m.stack)])
	clear(m.slots[:cap(m.slots)])
	clear(m.pointers[:cap(m.pointers)])
	clear(m.owned[:cap(m.owned)])
	m.language.machines.Put(m)
}
