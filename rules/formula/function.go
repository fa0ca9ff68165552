package formula

import (
	"sort"

	"headgate/event"
)

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
