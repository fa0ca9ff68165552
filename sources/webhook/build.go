package webhook

import (
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// frame is the state of one reading: the machine, what formulas see, and how many of them failed.
type frame struct {
	machine *rules.Machine
	env     rules.Env
	failed  int
	first   error // of the formulas that failed
}

func (f *frame) fail(err error) {
	if err == nil {
		return
	}
	if f.failed++; f.first == nil {
		f.first = err
	}
}

func (f *frame) value(t *rules.Template) event.Value {
	if t == nil {
		return event.Value{}
	}
	v, err := t.Value(f.machine, &f.env)
	f.fail(err)
	return v
}

func (f *frame) text(t *rules.Template) string { return f.value(t).Text() }

// holds runs a condition; none holds always, one that failed does not.
func (f *frame) holds(c *rules.Formula) bool {
	if c == nil {
		return true
	}
	yes, err := c.Truth(f.machine, &f.env)
	f.fail(err)
	return yes && err == nil
}

// each runs do with every element of a list as item.
func (f *frame) each(list event.Value, do func()) {
	outer, index := f.env.Item, f.env.Index
	for i, one := range list.List() {
		f.env.Item, f.env.Index = one, i
		do()
	}
	f.env.Item, f.env.Index = outer, index
}

// builder makes a value. Parts that come out empty are left out.
type builder interface {
	build(f *frame) event.Value
}

// formula is a scalar: text, a formula, or text with holes.
type formula struct{ *rules.Template }

func (b formula) build(f *frame) event.Value { return f.value(b.Template) }

// object has the keys of another object, where rest yields one, and its own in their place.
type object struct {
	rest    *rules.Template
	members []member
}

type member struct {
	key   string
	value builder
}

func (b *object) build(f *frame) event.Value {
	m := f.value(b.rest).Object().Clone()
	for _, one := range b.members {
		if v := one.value.build(f); !v.IsEmpty() {
			m.Set(one.key, v)
		}
	}
	return event.ObjectOf(m)
}

// list makes a value of every element that another list has.
type list struct {
	over  *rules.Template
	where *rules.Formula
	as    builder
}

func (b *list) build(f *frame) event.Value {
	var all []event.Value
	f.each(f.value(b.over), func() {
		if !f.holds(b.where) {
			return
		}
		if v := b.as.build(f); !v.IsEmpty() {
			all = append(all, v)
		}
	})
	return event.ListOf(all...)
}

// compiler turns the nodes of a file into builders and collects every mistake on the way.
type compiler struct {
	language *rules.Language
	mistakes document.Mistakes
}

func (c *compiler) template(n *document.Node, s rules.Scope) *rules.Template {
	if n == nil {
		return nil
	}
	t, ms := c.language.Template(n, s)
	c.mistakes = append(c.mistakes, ms...)
	return t
}

func (c *compiler) condition(w document.Words, s rules.Scope) *rules.Formula {
	if w.Value == "" {
		return nil
	}
	f, ms := c.language.Formula(w, s, rules.Truth)
	c.mistakes = append(c.mistakes, ms...)
	return f
}

func (c *compiler) builder(n *document.Node, s rules.Scope) builder {
	if n.Kind != document.Map {
		return formula{c.template(n, s)}
	}
	if n.Get("each") != nil && n.Get("as") != nil {
		return c.list(n, s)
	}
	o := &object{}
	for _, f := range n.Fields {
		if f.Key == "*" {
			o.rest = c.formula(f.Value, s, `"*" takes the keys of an object`, `write "*": =item`)
			continue
		}
		o.members = append(o.members, member{f.Key, c.builder(f.Value, s)})
	}
	return o
}

func (c *compiler) list(n *document.Node, s rules.Scope) builder {
	for _, f := range n.Fields {
		if f.Key != "each" && f.Key != "where" && f.Key != "as" {
			c.mistakes.Add(f.At, "unknown key \""+f.Key+"\"", document.DidYouMean(f.Key, []string{"each", "where", "as"}))
		}
	}
	l := &list{over: c.over(n.Get("each"), s), as: c.builder(n.Get("as"), s.Each())}
	if where := n.Get("where"); where != nil {
		l.where = c.condition(where.Words(), s.Each())
	}
	return l
}

// over compiles a formula that yields a list.
func (c *compiler) over(n *document.Node, s rules.Scope) *rules.Template {
	return c.formula(n, s, "each takes a formula that yields a list", "write each: =body.line_items")
}

func (c *compiler) formula(n *document.Node, s rules.Scope, fact, cure string) *rules.Template {
	if n.Kind != document.Text || !strings.HasPrefix(n.Text, "=") {
		c.mistakes.Add(n.At, fact, cure)
		return nil
	}
	return c.template(n, s)
}
