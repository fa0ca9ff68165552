// Package rules is the list of rules of a configuration, and the face of the formula language in which they are written: who
// works with formulas imports this package and none of those below it. formula compiles and runs, template does the same for values
// with formulas in them, functions holds what a formula can call, normalise writes contact data as vendors hash it.
//
// It promises that running a rule never panics, never waits and never takes more than a bounded amount of time and memory,
// and that a rule which fails costs its own key and nothing else. It does no I/O but reading tables at load, and it can
// neither read nor change what consent decided beyond the purposes it is given.
package rules

import (
	"io"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/functions"
	"headgate/rules/normalise"
	"headgate/rules/table"
	"headgate/rules/template"
)

// What others need of the packages that the formula language is made of.
type (
	// Formula is a compiled formula.
	Formula = formula.Formula
	// Template is a text with formulas in it.
	Template = template.Template
	// Scope is what a formula may name where it stands.
	Scope = formula.Scope
	// Env is what a formula reads.
	Env = formula.Env
	// Machine runs formulas.
	Machine = formula.Machine
	// Failure is why a formula has no value.
	Failure = formula.Failure
	// Table is a lookup table.
	Table = table.Table
	// Description is what the reference says of a function.
	Description = formula.Description
	// Naming is how a vendor names its parameters.
	Naming = functions.Naming
)

// What a formula is to yield.
const (
	Any    = formula.Anything
	Truth  = formula.Truth
	Number = formula.Number
)

// Options is what a Language is made of.
type Options struct {
	Tables   document.Ordered[Table] // by name, for lookup()
	Purposes []string                // what formulas may ask consent for; nil: anything
	Now      func() time.Time        // nil: time.Now
	Random   io.Reader               // for uuid(), read by several goroutines; nil: crypto/rand
}

// Language compiles formulas, templates and rules. It is safe for concurrent use.
type Language struct {
	*formula.Language

	phones *normalise.Phones
}

// NewLanguage reads the tables and returns the language with all functions.
func NewLanguage(o Options) (*Language, document.Mistakes) {
	phones := normalise.NewPhones()
	l, ms := formula.NewLanguage(formula.Options{Tables: o.Tables, Purposes: o.Purposes, Functions: functions.All(phones), Now: o.Now, Random: o.Random})
	return &Language{l, phones}, ms
}

// Template compiles a value as it is written in YAML; see Template.
func (l *Language) Template(n *document.Node, s Scope) (*Template, document.Mistakes) {
	return template.Compile(l.Language, n, s)
}

// Rules compiles a list. destinations are the names that skip and only may use; it is nil for the rules inside a destination,
// which have neither.
func (l *Language) Rules(list []Rule, s Scope, destinations []string) (*Rules, document.Mistakes) {
	return compile(l.Language, list, s, destinations)
}

// InternationalPhone writes a telephone number as + and digits, by which a person is recognized: see normalise.Phones.
func (l *Language) InternationalPhone(number, country string) string {
	return l.phones.International(number, country)
}

// HashedEmails returns an e-mail address in each further spelling in which vendors' tags hash it.
func (*Language) HashedEmails(address string) []string { return normalise.HashedEmails(address) }

// RuleScope is what the rules of all see: the event and the request it came in.
func RuleScope() Scope { return formula.RuleScope() }

// DestinationScope is what a destination's own formulas see; see formula.DestinationScope.
func DestinationScope(settings []string) Scope { return formula.DestinationScope(settings) }

// StoredScope is what the conditions of insight see; see formula.StoredScope.
func StoredScope() Scope { return formula.StoredScope() }

// VisitorScope is what a segment sees; see formula.VisitorScope.
func VisitorScope() Scope { return formula.VisitorScope() }

// DeliveryScope is what the mapping of a webhook sees; see formula.DeliveryScope.
func DeliveryScope(settings []string) Scope { return formula.DeliveryScope(settings) }

// Functions lists all functions by name.
func Functions() []Description { return formula.Describe(functions.All(normalise.NewPhones())) }

// Personal reports whether a key that a site sent outside the vocabulary looks like contact data.
func Personal(key string, v event.Value) bool { return functions.Personal(key, v) }

// NamingOf returns how a vendor names things, nil when none is known by that name.
func NamingOf(vendor string) *Naming { return functions.NamingOf(vendor) }

// Namings lists the names that NamingOf knows.
func Namings() []string { return functions.Namings() }
