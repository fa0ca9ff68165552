package formula

import (
	"errors"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
)

// Formula is one compiled formula. It is safe for concurrent use, each goroutine with a Machine of its own.
type Formula struct {
	root   Expression
	slots  int
	reads  []string // sources of all that it reads; see reads.go
	source part
	names  []string // of events, if it can hold for these only
}

// Formula compiles a formula, written without the "=". The place of src is that of its first character.
func (l *Language) Formula(src document.Words, s Scope, want Kind) (*Formula, document.Mistakes) {
	return l.formula(part{src, src.Value, 0}, s, want)
}

// Part compiles a formula that stands within a text, after its first start characters.
func (l *Language) Part(whole document.Words, text string, start int, s Scope, want Kind) (*Formula, document.Mistakes) {
	return l.formula(part{whole, text, start}, s, want)
}

func (l *Language) formula(p part, s Scope, want Kind) (*Formula, document.Mistakes) {
	c := &Compiler{Language: l, scope: s, names: s.names(), source: p}
	switch {
	case strings.TrimSpace(p.text) == "":
		c.Mistake(0, "the formula is empty", "a value that YAML itself takes away, such as !bot or #id, has to be quoted")
		return nil, c.mistakes
	case len(p.text) > maxLength:
		c.Mistake(0, "the formula is longer than 4000 characters", "split it into several rules")
		return nil, c.mistakes
	}
	// Names and functions are looked up by the compiler; the parser has only to know where a predicate may stand.
	config := &conf.Config{MaxNodes: maxNodes} // CreateNew makes a map of expr's functions each time, which only its checker reads
	if s.visitor {
		config.Functions = conf.FunctionsTable{}
		for name := range visitorUsage { // they take texts, where expr expects a predicate
			config.Functions[name] = nil
		}
	}
	tree, err := parser.ParseWithConfig(p.text, config)
	if err != nil {
		c.syntax(err)
		return nil, c.mistakes
	}
	root := c.compile(tree.Node)
	if len(c.mistakes) == 0 {
		c.check(root, want)
	}
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	for _, source := range c.reads {
		l.read.Store(source, true)
	}
	return &Formula{source: p, root: root, slots: c.slots, reads: c.reads, names: eventNames(tree.Node)}, nil
}

// syntax notes what the parser could not read.
func (c *Compiler) syntax(err error) {
	var e *file.Error
	if !errors.As(err, &e) {
		c.Mistake(0, "the formula cannot be read: "+err.Error(), "")
		return
	}
	fact, cure, at := advice.Syntax(e.Message, c.source.text, e.From)
	c.Mistake(at, fact, cure)
}

// check refuses a result that is of another kind than wanted.
func (c *Compiler) check(root Expression, want Kind) {
	if root.Kind.fits(want) {
		return
	}
	cure := ""
	if want == Truth {
		cure = "compare it with something: ... == ..., ... != \"\""
	}
	c.Mistake(0, "expected "+want.String()+", but this is "+root.Kind.String(), cure)
}

// EventNames returns the names of events for which the condition can hold, nil when it is not limited to some.
func (f *Formula) EventNames() []string { return f.names }

// String returns the formula as written.
func (f *Formula) String() string { return f.source.text }

// Truth runs the formula and reports whether it holds; what is nil does not hold. The error is a *Failure.
func (f *Formula) Truth(m *Machine, env *Env) (bool, error) {
	m.start(f.slots, env)
	holds := f.root.asTruth(m)
	if m.failure != nil {
		return false, m.failed(f.source)
	}
	return holds, nil
}

// Value runs the formula. The error is a *Failure, and the value is null then.
func (f *Formula) Value(m *Machine, env *Env) (event.Value, error) {
	m.start(f.slots, env)
	v := f.root.Value(m)
	if m.failure != nil {
		return event.Value{}, m.failed(f.source)
	}
	return v, nil
}

// IsText reports whether the formula yields text or nothing: Text says all of it then.
func (f *Formula) IsText() bool { return f.root.text != nil }

// Text runs a formula that IsText, "" for nil.
func (f *Formula) Text(m *Machine, env *Env) (string, error) {
	m.start(f.slots, env)
	s := f.root.text(m)
	if m.failure != nil {
		return "", m.failed(f.source)
	}
	return s, nil
}

// Const returns the formula's value if it is the same for every event.
func (f *Formula) Const() (event.Value, bool) { return f.root.Fixed, f.root.Constant }

// eventNames returns the event names for which a condition can hold, where that is plain from how it is written: name ==
// "a", name in ["a", "b"], and either of them with more conditions joined by and. nil means any.
func eventNames(n ast.Node) []string {
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return nil
	}
	name, _ := b.Left.(*ast.IdentifierNode)
	switch b.Operator {
	case "and", "&&":
		left, right := eventNames(b.Left), eventNames(b.Right)
		if left == nil || right != nil && len(right) < len(left) {
			return right
		}
		return left
	case "or", "||":
		left, right := eventNames(b.Left), eventNames(b.Right)
		if left == nil || right == nil {
			return nil
		}
		return append(left, right...)
	case "==":
		if s, ok := b.Right.(*ast.StringNode); ok && name != nil && name.Value == "name" {
			return []string{s.Value}
		}
	case "in":
		list, ok := b.Right.(*ast.ArrayNode)
		if !ok || name == nil || name.Value != "name" || len(list.Nodes) == 0 {
			return nil
		}
		var names []string
		for _, one := range list.Nodes {
			s, ok := one.(*ast.StringNode)
			if !ok {
				return nil
			}
			names = append(names, s.Value)
		}
		return names
	}
	return nil
}
