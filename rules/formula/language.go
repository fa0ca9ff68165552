// Package formula is the language of conditions and values. A formula is read with the grammar of expr-lang, checked against
// the event's vocabulary when it is loaded, so that a wrong name or type is a mistake with a place and a cure, and then run
// as a tree of Go closures over the event itself.
//
// It promises that running a formula never panics, never waits and never takes more than a bounded amount of time and
// memory; that what is absent is nil and never an error by itself; and that a formula which fails costs its own key and
// nothing else. It does no I/O but reading tables at load. The functions that formulas call are not its own: they are given
// to NewLanguage.
package formula

import (
	"crypto/rand"
	"io"
	"sync"
	"time"

	"headgate/document"
	"headgate/event"
)

// Options is what a Language is made of.
type Options struct {
	Tables    document.Ordered[Table] // by name, for lookup()
	Purposes  []string                // what formulas may ask consent for; nil: anything
	Now       func() time.Time        // nil: time.Now
	Functions map[string]*Function    // by name
	Random    io.Reader               // for uuid(), read by several goroutines; nil: crypto/rand
}

// Language compiles formulas, templates and rules. It is safe for concurrent use and holds no state but its tables
// and what its formulas read.
type Language struct {
	tables    map[string]table
	purposes  []string
	now       func() time.Time
	random    io.Reader
	machines  sync.Pool
	functions map[string]*Function
	read      sync.Map // source of all that a formula has been compiled to read: true
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
	l := &Language{functions: o.Functions, purposes: o.Purposes, now: o.Now, random: o.Random, tables: map[string]table{}}
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
	notes    *[]string     // what functions changed or left out; nil when nobody asks
}

// Machine returns a machine for the caller's goroutine; Release gives it back.
func (l *Language) Machine() *Machine { return l.machines.Get().(*Machine) }

// Release gives the machine back. It must not be used afterwards.
func (m *Machine) Release() {
	m.env, m.event, m.failure, m.notes = nil, nil, nil, nil
	clear(m.stack[:cap(m.stack)])
	clear(m.slots[:cap(m.slots)])
	clear(m.pointers[:cap(m.pointers)])
	m.language.machines.Put(m)
}

// Stopped reports whether the formula that runs has failed.
func (m *Machine) Stopped() bool { return m.failure != nil }

// Now returns the time now.
func (m *Machine) Now() time.Time { return m.language.now() }

// Random returns the source of randomness, which several goroutines may read.
func (m *Machine) Random() io.Reader { return m.language.random }

// Table returns a table by name.
func (l *Language) Table(name string) (t table, ok bool) {
	t, ok = l.tables[name]
	return t, ok
}

// TableNames lists the tables.
func (l *Language) TableNames() (names []string) {
	for name := range l.tables {
		names = append(names, name)
	}
	return names
}
