package destinations

import (
	"fmt"
	"regexp"
	"strings"

	"headgate/document"
	"headgate/rules"
)

// compiler turns the nodes of a file into parts, templates and conditions, and collects every mistake on the way.
type compiler struct {
	language *rules.Language
	mistakes document.Mistakes
	row      *object // what the last each: =batch builds: where flags are set
	batched  bool    // the body walks the batch
}

// template compiles a text, a formula or a constant; nil gives nil.
func (c *compiler) template(n *document.Node, s rules.Scope) *rules.Template {
	if n == nil {
		return nil
	}
	t, ms := c.language.Template(n, s)
	c.mistakes = append(c.mistakes, ms...)
	return t
}

// condition compiles a formula that is true or false; an empty one gives nil, which always holds.
func (c *compiler) condition(w document.Words, s rules.Scope) *rules.Formula {
	if w.Value == "" {
		return nil
	}
	f, ms := c.language.Formula(w, s, rules.Truth)
	c.mistakes = append(c.mistakes, ms...)
	return f
}

// fixed returns the text of a template that is the same for every event and answer.
func (c *compiler) fixed(t *rules.Template, settings Settings) string {
	if t == nil {
		return ""
	}
	m := c.language.Machine()
	defer m.Release()
	text, err := t.Text(m, &rules.Env{Settings: settings.values, Event: emptyEvent()})
	if err != nil {
		c.mistakes.Add(document.Place{}, err.Error(), "")
	}
	return text
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
	if isFormula(n, "event") {
		return whole{}
	}
	t := c.template(n, s)
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

// isFormula reports whether a scalar is the formula that consists of just this name.
func isFormula(n *document.Node, name string) bool {
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
		c.mistakes.Add(n.At, `"*" takes the keys of another object`, `write "*": {copy: =params}`)
		return nil
	}
	t := c.template(n, s)
	if t == nil {
		return nil
	}
	return &copying{from: t, person: isFormula(n, "user.traits")}
}

func (c *compiler) each(n *document.Node, s rules.Scope) part {
	c.known(n, "each")
	over := n.Get("each")
	e := &each{limit: c.count(n.Get("limit"))}
	inner := s
	switch {
	case isFormula(over, "batch"):
		c.batched = true
	case isFormula(over, "items"):
		e.items = true
		inner = s.EachItem()
	case over.Kind == document.Text && strings.HasPrefix(over.Text, "="):
		e.over = c.template(over, s)
		inner = s.Each()
	default:
		c.mistakes.Add(over.At, "each takes a formula that yields a list", "write each: =batch, or each: =items")
	}
	if where := n.Get("where"); where != nil {
		e.where = c.condition(where.Words(), inner)
	}
	as := n.Get("as")
	if as == nil {
		c.mistakes.Add(over.At, "each without as", "write as: with what each becomes")
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
		c.mistakes.Add(from.At, "copy takes a formula that yields an object", "write copy: =params")
		return nil
	}
	p := &copying{from: c.template(from, s), person: isFormula(from, "user.traits"), limit: c.count(n.Get("limit"))}
	if only := n.Get("only"); only != nil {
		if only.Kind == document.Text && strings.HasPrefix(only.Text, "=") {
			p.onlyBy = c.template(only, s)
		} else {
			p.only = c.words(only)
		}
	}
	p.except = c.words(n.Get("except"))
	p.scalars, p.text = c.yes(n.Get("scalars")), c.yes(n.Get("text"))
	p.names.name, p.names.not = c.pattern(n.Get("name")), c.pattern(n.Get("not"))
	if naming := n.Get("naming"); naming != nil {
		p.names.naming = c.naming(naming.At, naming.Text)
	}
	p.length = c.template(n.Get("length"), s)
	if prefix := n.Get("prefix"); prefix != nil {
		p.prefix = prefix.Text
	}
	if as := n.Get("as"); as != nil {
		p.as = c.body(as, s.Each())
	}
	if keep := n.Get("personal"); keep != nil {
		p.private = keep.Text == "keep"
		if keep.Text != "keep" && keep.Text != "drop" {
			c.mistakes.Add(keep.At, "personal is drop or keep", "")
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
		c.mistakes.Add(n.At, fmt.Sprintf("%q is no regular expression: %v", n.Text, err), "")
	}
	return re
}

func (c *compiler) choice(n *document.Node, s rules.Scope) part {
	c.known(n, "when")
	p := &choice{when: c.condition(n.Get("when").Words(), s), then: c.body(n.Get("then"), s)}
	if els := n.Get("else"); els != nil {
		p.els = c.body(els, s)
	}
	return p
}

func (c *compiler) count(n *document.Node) (count int) {
	if n != nil {
		c.mistakes = append(c.mistakes, document.Decode(n, &count)...)
	}
	return count
}

func (c *compiler) yes(n *document.Node) (yes bool) {
	if n != nil {
		c.mistakes = append(c.mistakes, document.Decode(n, &yes)...)
	}
	return yes
}

func (c *compiler) words(n *document.Node) (words []string) {
	if n != nil {
		c.mistakes = append(c.mistakes, document.Decode(n, &words)...)
	}
	return words
}
