package formula

import (
	"slices"

	"headgate/document"
	"headgate/event"
	"headgate/rules/reach"
)

// Compiler turns the tree of one formula into an expression and collects all that is wrong with it.
//
// The grammar is expr's, and so is the meaning (a test compares them), but not its checker and machine: decision 5 has the
// reasons and the figures. Closures over the event itself allocate nothing for a condition, and every step of them is counted.
type Compiler struct {
	Language *Language
	scope    Scope
	names    []string // that the scope knows
	source   part
	mistakes document.Mistakes

	nodes     int          // compiled so far
	reads     []string     // sources that the formula uses, in the order of their first use
	variables []variable   // of let, the innermost last
	slots     int          // how many there can be at a time
	elements  []Expression // what # stands for, the innermost last
}

type variable struct {
	name   string
	kind   Kind
	slot   int
	source string // of its value
	bound  reach.Bound
}

// Mistake notes one mistake, once, and returns an expression that causes no others.
func (c *Compiler) Mistake(offset int, fact, cure string) Expression {
	m := document.Mistake{At: c.source.place(offset), Fact: fact, Cure: cure}
	if !slices.Contains(c.mistakes, m) {
		c.mistakes = append(c.mistakes, m)
	}
	return Constant(offset, Anything, event.Value{})
}

// Fold runs an expression at load when all its parts are constant. A failure is a mistake then.
func (c *Compiler) Fold(x Expression, of ...Expression) Expression {
	for i := range of {
		if !of[i].Constant {
			return x
		}
	}
	if len(c.mistakes) > 0 {
		return x
	}
	m := c.Language.Machine()
	defer m.Release()
	m.start(0, &Env{})
	v := x.Value(m)
	if m.failure != nil {
		return c.Mistake(m.failure.offset, m.failure.Fact, m.failure.Cure)
	}
	name := x.Name
	x = Constant(x.Offset, KindOf(v), v)
	x.Name = name
	return x
}

// use notes that the formula uses all of what an expression reads.
func (c *Compiler) use(x Expression) Expression {
	if x.source != "" && !slices.Contains(c.reads, x.source) {
		c.reads = append(c.reads, x.source)
	}
	return x
}

// useParts notes what a function reads of an event that it is given.
func (c *Compiler) useParts(x Expression, names []string) {
	for _, name := range names {
		c.use(Expression{source: reach.Under(x.source, name)})
	}
}

func (c *Compiler) functionNames() []string { return namesOf(c.Language.functions) }
