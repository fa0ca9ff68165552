package formula

import (
	"math"
	"sort"

	"github.com/expr-lang/expr/ast"

	"headgate/event"
)

// iterators are the functions with a predicate: an expression that is run for each element.
var iterators = map[string]struct {
	usage, help, example string
	predicate            Kind // what the predicate is to yield
	optional             bool
	result               Kind
	elements             bool // it yields elements, or what is made of them, and not only what the predicate says
}{
	"all":    {"all(list, condition)", "whether the condition holds for every element", `all([1, 2], # > 0) → true`, Truth, false, Truth, false},
	"any":    {"any(list, condition)", "whether the condition holds for some element", `any([1, 2], # > 1) → true`, Truth, false, Truth, false},
	"none":   {"none(list, condition)", "whether the condition holds for no element", `none([1, 2], # > 2) → true`, Truth, false, Truth, false},
	"one":    {"one(list, condition)", "whether the condition holds for exactly one element", `one([1, 2], # > 1) → true`, Truth, false, Truth, false},
	"count":  {"count(list, condition)", "for how many elements the condition holds", `count([1, 2, 3], # > 1) → 2`, Truth, true, Number, false},
	"filter": {"filter(list, condition)", "the elements for which the condition holds", `filter([1, 2, 3], # > 1) → [2,3]`, Truth, false, List, true},
	"find":   {"find(list, condition)", "the first element for which the condition holds", `find([1, 2, 3], # > 1) → 2`, Truth, false, Anything, true},
	"map":    {"map(list, value)", "a value for every element", `map([1, 2], # * 10) → [10,20]`, Anything, false, List, false},
	"sum":    {"sum(list, number)", "the sum of the elements, or of a number for each; nil counts nothing", `sum([1, 2, 3]) → 6`, Number, true, Number, false},
	"sortBy": {"sortBy(list, value)", "the elements in the order of a value, a number or a text", `sortBy([3, 1, 2], -#) → [3,2,1]`, Anything, false, List, true},
}

// each is a compiled iteration.
type each struct {
	at        int
	over      Expression
	predicate *Expression // nil when it was left out
}

// iterate compiles all(...), map(...) and the like.
func (c *Compiler) iterate(at int, name string, args []ast.Node) Expression {
	spec := iterators[name]
	if len(args) == 0 {
		return c.Mistake(at, name+" expects a list", "write "+spec.usage)
	}
	e := each{at: at, over: c.part(args[0])}
	if spec.elements || len(args) < 2 || e.over.Kind != events {
		c.use(e.over)
	}
	if !e.over.Kind.fits(List) {
		return c.Mistake(e.over.Offset, name+" expects a list, but "+e.over.Called()+" is "+e.over.Kind.String(), "")
	}
	switch {
	case len(args) > 2:
		return c.Mistake(at, name+" expects a list and one expression", "write "+spec.usage)
	case len(args) < 2 && !spec.optional:
		return c.Mistake(at, name+" expects a list and an expression for its elements", "write "+spec.usage)
	case len(args) == 2:
		if len(c.elements) == maxNesting {
			return c.Mistake(at, name+" is nested in two others of its kind already", "two levels are the limit, since the work multiplies")
		}
		c.elements = append(c.elements, element(&e.over, len(c.elements)))
		node := args[1]
		if p, ok := node.(*ast.PredicateNode); ok {
			node = p.Node
		}
		predicate := c.compile(node)
		c.elements = c.elements[:len(c.elements)-1]
		if !predicate.Kind.fits(spec.predicate) {
			return c.Mistake(predicate.Offset, name+" expects "+spec.predicate.String()+" for each element, but this is "+predicate.Kind.String(), "write "+spec.usage)
		}
		e.predicate = &predicate
	}
	return Expression{Kind: spec.result, Offset: at, Value: e.run(name)}
}

// element is what # stands for at a depth.
func element(of *Expression, depth int) Expression {
	switch of.Kind {
	case items:
		return itemExpression(Expression{Kind: item, source: of.source, item: func(m *Machine) *event.Item { return m.pointers[depth].item }})
	case events:
		return eventExpression(Expression{Kind: AnEvent, source: of.source, Event: func(m *Machine) *event.Event { return m.pointers[depth].event }})
	}
	return Expression{source: of.source, Value: func(m *Machine) event.Value { return m.pointers[depth].value }}
}

// visit runs f for every element until it returns false. The value that f gets is that of the predicate.
func (e *each) visit(m *Machine, f func(p *pointer) bool) {
	// The list is found before there is an element, since it may be the result of another iteration.
	n, at := e.elements(m)
	depth := len(m.pointers)
	m.pointers = append(m.pointers, pointer{})
	for i := 0; i < n && m.Spend(e.at, 1); i++ {
		m.pointers[depth] = at(i)
		m.pointers[depth].index = i
		if !f(&m.pointers[depth]) {
			break
		}
	}
	m.pointers = m.pointers[:depth]
}

// elements returns how many there are and how to get at one, in place where it is an item or an event.
func (e *each) elements(m *Machine) (n int, at func(i int) pointer) {
	switch {
	case e.over.Items != nil:
		all := e.over.Items(m)
		return len(all), func(i int) pointer { return pointer{item: &all[i]} }
	case e.over.Events != nil:
		all := e.over.Events(m)
		return len(all), func(i int) pointer { return pointer{event: all[i]} }
	}
	v := e.over.Value(m)
	if v.Kind() != event.List && !v.IsNull() {
		m.Fail(e.over.Offset, e.over.describe(v)+", not a list", "")
	}
	all := v.List()
	return len(all), func(i int) pointer { return pointer{value: all[i]} }
}

// element returns the element as a value.
func (p *pointer) element() event.Value {
	switch {
	case p.item != nil:
		return p.item.Value()
	case p.event != nil:
		return eventValue(p.event, "")
	}
	return p.value
}

// holds runs the predicate as a condition; without one the element itself is it.
func (e *each) holds(m *Machine, p *pointer) bool {
	if e.predicate != nil {
		return e.predicate.asTruth(m)
	}
	b, _ := p.value.Bool()
	return b
}

func (e *each) count(m *Machine) (holding, all int) {
	e.visit(m, func(p *pointer) bool {
		all++
		if e.holds(m, p) {
			holding++
		}
		return true
	})
	return holding, all
}

// run returns how an iterator works.
func (e *each) run(name string) func(*Machine) event.Value {
	switch name {
	case "all", "any", "none", "one":
		holds := e.quantifier(name)
		return func(m *Machine) event.Value { return event.Boolean(holds(m)) }
	case "count":
		return func(m *Machine) event.Value {
			n, all := e.count(m)
			if e.predicate == nil {
				n = all
			}
			return event.Float(float64(n))
		}
	case "sum":
		return e.sum
	case "find":
		return e.find
	case "filter":
		return e.collect(func(m *Machine, p *pointer) (event.Value, bool) {
			if !e.holds(m, p) {
				return event.Value{}, false
			}
			return p.element(), true
		})
	case "map":
		return e.collect(func(m *Machine, p *pointer) (event.Value, bool) { return e.predicate.Value(m), true })
	case "sortBy":
		return e.sortBy
	}
	panic("BUG: an iterator without work: " + name)
}

// quantifier returns how an iterator that is true or false works. It stops at the first element that decides.
func (e *each) quantifier(name string) func(*Machine) bool {
	if name == "one" {
		return func(m *Machine) bool {
			n, _ := e.count(m)
			return n == 1
		}
	}
	decisive, result := name != "all", name == "any"
	return func(m *Machine) bool {
		found := false
		e.visit(m, func(p *pointer) bool {
			found = e.holds(m, p) == decisive
			return !found
		})
		return found == result
	}
}

func (e *each) find(m *Machine) (found event.Value) {
	e.visit(m, func(p *pointer) bool {
		if e.holds(m, p) {
			found = p.element()
			return false
		}
		return true
	})
	return found
}

func (e *each) collect(take func(*Machine, *pointer) (event.Value, bool)) func(*Machine) event.Value {
	return func(m *Machine) event.Value {
		var vs []event.Value
		e.visit(m, func(p *pointer) bool {
			v, ok := take(m, p)
			if ok {
				vs = append(vs, v)
			}
			return m.Spend(e.at, m.Weight(v))
		})
		return event.ListOf(vs...)
	}
}

// sum adds numbers; nil counts as 0, anything else fails.
func (e *each) sum(m *Machine) event.Value {
	var total float64
	e.visit(m, func(p *pointer) bool {
		x := &Expression{Offset: e.at, Name: "an element", Value: func(*Machine) event.Value { return p.element() }}
		if e.predicate != nil {
			x = e.predicate
		}
		v := x.Value(m)
		if v.IsNull() {
			return true
		}
		f, ok := v.Float()
		if !ok {
			m.Fail(x.Offset, x.describe(v)+", not a number", "number(...) makes a number of a text")
		}
		total += f
		return true
	})
	if math.IsInf(total, 0) || math.IsNaN(total) {
		return m.Fail(e.at, "the sum is not a number", "")
	}
	return Computed(total)
}

func (e *each) sortBy(m *Machine) event.Value {
	var vs, keys []event.Value
	e.visit(m, func(p *pointer) bool {
		vs, keys = append(vs, p.element()), append(keys, e.predicate.Value(m))
		return m.Spend(e.at, 8)
	})
	sort.Stable(&byKey{vs, keys})
	return event.ListOf(vs...)
}

// byKey sorts numbers before texts before everything else.
type byKey struct{ values, keys []event.Value }

func (b *byKey) Len() int { return len(b.values) }
func (b *byKey) Swap(i, j int) {
	b.values[i], b.values[j] = b.values[j], b.values[i]
	b.keys[i], b.keys[j] = b.keys[j], b.keys[i]
}

func (b *byKey) Less(i, j int) bool { return Before(b.keys[i], b.keys[j]) }

// Before reports whether a value comes before another where they are sorted: by their order, else by their kind.
func Before(v, w event.Value) bool {
	if order, ok := Compare(v, w); ok {
		return order < 0
	}
	return rank(v) < rank(w)
}

func rank(v event.Value) int {
	switch v.Kind() {
	case event.Numeric:
		return 0
	case event.Text:
		return 1
	case event.Null:
		return 3
	}
	return 2
}
