package formula

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/reach"
)

// identifier compiles a name that stands alone or begins a path.
func (c *Compiler) identifier(n *ast.IdentifierNode) Expression {
	at, name := n.Location().From, n.Value
	for i := len(c.variables) - 1; i >= 0; i-- {
		if v := c.variables[i]; v.name == name {
			return Expression{Kind: v.kind, Offset: at, Name: name, source: v.source, bound: v.bound, Value: func(m *Machine) event.Value { return m.slots[v.slot] }}
		}
	}
	if slices.Contains(c.names, name) {
		x := c.root(name, at)
		x.source = name
		return x
	}
	return c.unknown(name, at)
}

// root compiles a name that the scope knows.
func (c *Compiler) root(name string, at int) Expression {
	switch name {
	case "event":
		return eventExpression(Expression{Kind: AnEvent, Offset: at, Name: name, Event: func(m *Machine) *event.Event { return m.event }})
	case "request":
		return Expression{Kind: request, Offset: at, Name: name, Value: requestValue}
	case "settings":
		x := below(at, name, func(m *Machine) event.Map { return m.env.Settings })
		x.key = c.setting
		return x
	case "theirs":
		return TextExpression(at, name, func(m *Machine) string { return m.env.Theirs })
	case "batch":
		return eventsExpression(Expression{Kind: events, Offset: at, Name: name, Events: func(m *Machine) []*event.Event { return m.env.Batch }})
	case "item":
		if c.scope.product {
			return itemExpression(Expression{Kind: item, Offset: at, Name: name, item: func(m *Machine) *event.Item { return m.env.Product }})
		}
		return Expression{Offset: at, Name: name, Value: func(m *Machine) event.Value { return m.env.Item }}
	case "index":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Index })
	case "status":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Status })
	case "attempt":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Attempt })
	case "body":
		return Expression{Offset: at, Name: name, Value: func(m *Machine) event.Value { return m.env.Body }}
	case "row":
		return Expression{Offset: at, Name: name, Value: func(m *Machine) event.Value { return m.env.Row }}
	case "topic":
		return TextExpression(at, name, func(m *Machine) string { return m.env.Topic })
	}
	return c.field(Expression{Kind: AnEvent, Offset: at, Event: func(m *Machine) *event.Event { return m.event }}, name, at)
}

// unknown explains an unknown name.
func (c *Compiler) unknown(name string, at int) Expression {
	if _, ok := c.Language.functions[name]; ok {
		return c.Mistake(at, name+" is a function", "write "+c.Language.functions[name].Usage)
	}
	if where := knownElsewhere(name); where != "" {
		return c.Mistake(at, name+" is known only "+where, "")
	}
	before, after := c.around(name, at)
	if cure := advice.Name(name, name+after); c.scope.event && cure != "" {
		return c.Mistake(at, "no field "+advice.Quote(name), cure)
	}
	for _, f := range event.Fields {
		if c.scope.event && strings.HasSuffix(f.Path, "."+name) {
			return c.Mistake(at, "no field "+advice.Quote(name), "did you mean "+advice.Quote(f.Path)+"?")
		}
	}
	cure := "write texts in quotes: " + advice.Quote(name)
	if c.scope.event && advice.IsSubject(before, after) {
		cure = "what a site says of its own is in params: write params." + name
	}
	if s := document.Suggest(name, slices.Concat(c.names, c.functionNames())); s != "" {
		cure = "did you mean " + advice.Quote(s) + "?"
	}
	return c.Mistake(at, "no field "+advice.Quote(name), cure)
}

// around is what stands before and after a name at a place of the source.
func (c *Compiler) around(name string, at int) (before, after string) {
	runes := []rune(c.source.text)
	end := at + len([]rune(name))
	return string(runes[:min(at, len(runes))]), string(runes[min(end, len(runes)):])
}

// knownElsewhere says which scope has a name that this one lacks.
func knownElsewhere(name string) string {
	switch name {
	case "settings", "theirs":
		return "inside a destination"
	case "batch":
		return "where a destination builds its request"
	case "item", "index":
		return "below each:"
	case "status", "attempt":
		return "in the answers of a destination"
	case "body":
		return "in the answers of a destination and in the file of a webhook"
	case "row":
		return "in the rows of an answer"
	case "topic":
		return "in the file of a webhook"
	case "request":
		return "where the request is still at hand: in the rules of all, not in a destination's"
	}
	if slices.Contains(reach.Roots(), name) || name == "event" {
		return "where there is one event"
	}
	return ""
}

// field compiles what stands under a name that is written out.
func (c *Compiler) field(base Expression, name string, at int) Expression {
	x := c.fieldOf(base, name, at)
	x.source = reach.Under(base.source, name)
	if base.source == "consent" {
		x.bound = reach.OfPurpose(name)
	}
	return x
}

func (c *Compiler) fieldOf(base Expression, name string, at int) Expression {
	path := name
	if base.Name != "" && base.Name != "event" {
		path = base.Name + "." + name
	} else if base.Kind == item {
		path = "." + name
	}
	switch base.Kind {
	case AnEvent, group:
		return c.eventField(base, name, path)
	case item:
		return c.itemField(base, name, path)
	case request:
		return c.requestField(base, name, at)
	case Object, Anything:
		if base.key != nil {
			return c.knownKey(base, name, path)
		}
		if base.path != nil {
			return base.descend(name, path)
		}
	case Nothing:
		return Constant(base.Offset, Nothing, event.Value{})
	case List, items, events:
		if slices.Contains([]string{"length", "size", "count"}, name) {
			return c.Mistake(base.Offset, fmt.Sprintf("%s is %s and has no field %q", base.Called(), base.Kind, name), "write len("+base.Called()+")")
		}
		return c.Mistake(base.Offset, fmt.Sprintf("%s is %s and has no field %q", base.Called(), base.Kind, name),
			fmt.Sprintf("write first(%s).%s, map(%[1]s, .%[2]s) or sum(%[1]s, .%[2]s)", base.Called(), name))
	default:
		return c.Mistake(base.Offset, fmt.Sprintf("%s is %s and has no field %q", base.Called(), base.Kind, name), "")
	}
	value := base.Value
	return Expression{Offset: base.Offset, Name: path, Value: func(m *Machine) event.Value { return value(m).Object().Get(name) }}
}
