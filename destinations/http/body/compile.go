package body

import (
	"fmt"
	"regexp"
	"strings"

	"headgate/destinations"
	"headgate/document"
	"headgate/rules"
)

// compiler turns the nodes of a file into parts and collects every mistake on the way.
type compiler struct {
	*destinations.Formulas
	row     *object // what the last each: =batch builds: where flags are set
	batched bool    // the body walks the batch
}

// body compiles what stands below body: and as:.
func (c *compiler) body(n *document.Node, s rules.Scope) part {
	switch n.Kind {
	case document.List:
		parts := make(list, 0, len(n.Items))
		for _, item := range n.Items {
			if p := c.body(item, s); p != nil {
				parts = append(parts, p)
			}
		}
		return parts
	case document.Map:
		switch {
		case n.Get("each") != nil && (n.Get("as") != nil || strings.HasPrefix(n.Get("each").Text, "=")):
			return c.each(n, s)
		case n.Get("copy") != nil:
			return c.copying(n, s)
		case n.Get("when") != nil && n.Get("then") != nil:
			return c.choice(n, s)
		case n.Get("positions") != nil:
			c.known(n, "positions")
			parts, _ := c.body(n.Get("positions"), s).(list)
			return positions(parts)
		case n.Get("json_text") != nil:
			c.known(n, "json_text")
			return jsonText{c.body(n.Get("json_text"), s)}
		}
		return c.object(n, s)
	}
	return c.scalar(n, s)
}

func (c *compiler) scalar(n *document.Node, s rules.Scope) part {
	if IsFormula(n, "event") {
		return whole{}
	}
	t := c.Template(n, s)
	if t == nil {
		return nil
	}
	if v, fixed := t.Const(); fixed {
		return literal(appendFull(nil, v))
	}
	if t.IsText() {
		return text{t}
	}
	return formula{t}
}

// IsFormula reports whether a scalar is the formula that consists of just this name.
func IsFormula(n *document.Node, name string) bool {
	text, ok := strings.CutPrefix(n.Text, "=")
	return n.Kind == document.Text && ok && strings.TrimSpace(text) == name
}

func (c *compiler) object(n *document.Node, s rules.Scope) part {
	o := &object{}
	for _, f := range n.Fields {
		if f.Key == "*" {
			o.rest = c.rest(f.Value, s)
			continue
		}
		if p := c.body(f.Value, s); p != nil {
			o.members = append(o.members, newMember(f.Key, p))
		}
	}
	return o
}

// rest compiles what stands under the key "*": a copy, or a formula that yields an object.
func (c *compiler) rest(n *document.Node, s rules.Scope) *copying {
	if n.Kind == document.Map && n.Get("copy") != nil {
		r, _ := c.copying(n, s).(*copying)
		return r
	}
	if n.Kind != document.Text || !strings.HasPrefix(n.Text, "=") {
		c.Mistakes.Add(n.At, `"*" takes the keys of another object`, `write "*": {copy: =params}`)
		return nil
	}
	t := c.Template(n, s)
	if t == nil {
		return nil
	}
	return &copying{from: t, person: IsFormula(n, "user.traits")}
}

func (c *compiler) each(n *document.Node, s rules.Scope) part {
	c.known(n, "each")
	over := n.Get("each")
	e := &each{limit: c.count(n.Get("limit"))}
	inner := s
	switch {
	case IsFormula(over, "batch"):
		c.batched = true
	case IsFormula(over, "items"):
		e.items = true
		inner = s.EachItem()
	case over.Kind == document.Text && strings.HasPrefix(over.Text, "="):
		e.over = c.Template(over, s)
		inner = s.Each()
	default:
		c.Mistakes.Add(over.At, "each takes a formula that yields a list", "write each: =batch, or each: =items")
	}
	if where := n.Get("where"); where != nil {
		e.where = c.Condition(where.Words(), inner)
	}
	as := n.Get("as")
	if as == nil {
		c.Mistakes.Add(over.At, "each without as", "write as: with what each becomes")
		return e
	}
	if e.as = c.body(as, inner); e.as == nil {
		e.as = literal(nil)
	}
	if row, ok := e.as.(*object); ok && e.over == nil && !e.items {
		c.row = row
	}
	return e
}

func (c *compiler) copying(n *document.Node, s rules.Scope) part {
	c.known(n, "copy")
	from := n.Get("copy")
	if from.Kind != document.Text || !strings.HasPrefix(from.Text, "=") {
		c.Mistakes.Add(from.At, "copy takes a formula that yields an object", "write copy: =params")
		return nil
	}
	p := &copying{from: c.Template(from, s), person: IsFormula(from, "user.traits"), limit: c.count(n.Get("limit"))}
	if only := n.Get("only"); only != nil {
		if only.Kind == document.Text && strings.HasPrefix(only.Text, "=") {
			p.onlyBy = c.Template(only, s)
		} else {
			p.only = c.words(only)
		}
	}
	p.except = c.words(n.Get("except"))
	p.scalars, p.text = c.yes(n.Get("scalars")), c.yes(n.Get("text"))
	p.names.name, p.names.not = c.pattern(n.Get("name")), c.pattern(n.Get("not"))
	if naming := n.Get("naming"); naming != nil {
		p.names.naming = c.Naming(naming.At, naming.Text)
	}
	p.length = c.Template(n.Get("length"), s)
	if prefix := n.Get("prefix"); prefix != nil {
		p.prefix = prefix.Text
	}
	if as := n.Get("as"); as != nil {
		p.as = c.body(as, s.Each())
	}
	if keep := n.Get("personal"); keep != nil {
		p.private = keep.Text == "keep"
		if keep.Text != "keep" && keep.Text != "drop" {
			c.Mistakes.Add(keep.At, "personal is drop or keep", "")
		}
	}
	if p.from == nil {
		return nil
	}
	return p
}

func (c *compiler) pattern(n *document.Node) *regexp.Regexp {
	if n == nil {
		return nil
	}
	re, err := regexp.Compile("^(?:" + n.Text + ")$")
	if err != nil {
		c.Mistakes.Add(n.At, fmt.Sprintf("%q is not a regular expression: %v", n.Text, err), "")
	}
	return re
}

func (c *compiler) choice(n *document.Node, s rules.Scope) part {
	c.known(n, "when")
	p := &choice{when: c.Condition(n.Get("when").Words(), s), then: c.body(n.Get("then"), s)}
	if els := n.Get("else"); els != nil {
		p.els = c.body(els, s)
	}
	return p
}

func (c *compiler) count(n *document.Node) (count int) {
	if n != nil {
		c.Mistakes = append(c.Mistakes, document.Decode(n, &count)...)
	}
	return count
}

func (c *compiler) yes(n *document.Node) (yes bool) {
	if n != nil {
		c.Mistakes = append(c.Mistakes, document.Decode(n, &yes)...)
	}
	return yes
}

func (c *compiler) words(n *document.Node) (words []string) {
	if n != nil {
		c.Mistakes = append(c.Mistakes, document.Decode(n, &words)...)
	}
	return words
}
