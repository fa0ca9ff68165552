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
	"sort"
	"sync"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules/table"
)

// Options is what a Language is made of.
type Options struct {
	Tables    document.Ordered[table.Table] // by name, for lookup()
	Purposes  []string                      // what formulas may ask consent for; nil: anything
	Now       func() time.Time              // nil: time.Now
	Functions map[string]*Function          // by name
	Random    io.Reader                     // for uuid(), read by several goroutines; nil: crypto/rand
}

// Language compiles formulas, templates and rules. It is safe for concurrent use and holds no state but its tables
// and what its formulas read.
type Language struct {
	tables    map[string]table.Loaded
	purposes  []string
	now       func() time.Time
	random    io.Reader
	machines  sync.Pool
	functions map[string]*Function
	read      sync.Map // source of all that a formula has been compiled to read: true
}

// NewLanguage reads the tables and returns the language.
func NewLanguage(o Options) (*Language, document.Mistakes) {
	l := &Language{functions: o.Functions, purposes: o.Purposes, now: o.Now, random: o.Random, tables: map[string]table.Loaded{}}
	if l.now == nil {
		l.now = time.Now
	}
	if l.random == nil {
		l.random = rand.Reader
	}
	l.machines.New = func() any { return &Machine{now: l.now, random: l.random, pool: &l.machines} }
	var ms document.Mistakes
	for _, t := range o.Tables {
		loaded, wrong := t.Value.Load()
		ms = append(ms, wrong...)
		l.tables[t.Key] = loaded
	}
	return l, ms
}

// Machine returns a machine for the caller's goroutine; Release gives it back.
func (l *Language) Machine() *Machine { return l.machines.Get().(*Machine) }

// Table returns a table by name.
func (l *Language) Table(name string) (t table.Loaded, ok bool) {
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

// Function is one function of the language.
type Function struct {
	Usage    string // `replace(text, from, to)`: its parameters, those that may be left out in []
	Help     string
	Example  string // `upper("eur") → "EUR"`: run by a test, shown in the reference
	Params   []Kind // of the arguments; the last is that of all further ones when variadic
	Optional int    // how many of the last ones may be left out
	Variadic bool
	Result   Kind
	Nils     bool     // it is called even when its first argument is nil; all others yield nil then
	Impure   bool     // it yields something else every time
	Reads    []string // what it reads of an event that it is given; nil: all

	// Run works on arguments of the right kinds: a text parameter gets text or null, a number parameter a number or null.
	Run func(m *Machine, at int, args []event.Value) event.Value
	// Build replaces Run where the arguments are examined when the formula is loaded.
	Build func(c *Compiler, at int, args []Expression) Expression
}

func namesOf(functions map[string]*Function) []string {
	var names []string
	for name := range functions {
		names = append(names, name)
	}
	for name := range iterators {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
