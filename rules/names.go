package rules

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// identifier compiles a name that stands alone or begins a path.
func (c *compiler) identifier(n *ast.IdentifierNode) expression {
	at, name := n.Location().From, n.Value
	for i := len(c.variables) - 1; i >= 0; i-- {
		if v := c.variables[i]; v.name == name {
			return expression{kind: v.kind, offset: at, name: name, source: v.source, bound: v.bound, value: func(m *Machine) event.Value { return m.slots[v.slot] }}
		}
	}
	if isIn(name, c.scope.names()) {
		x := c.root(name, at)
		x.source = name
		return x
	}
	return c.unknown(name, at)
}

// root compiles a name that the scope knows.
func (c *compiler) root(name string, at int) expression {
	switch name {
	case "event":
		return eventExpression(expression{kind: anEvent, offset: at, name: name, event: func(m *Machine) *event.Event { return m.event }})
	case "request":
		return expression{kind: request, offset: at, name: name, value: requestValue}
	case "settings":
		x := below(at, name, func(m *Machine) event.Map { return m.env.Settings })
		x.key = c.setting
		return x
	case "theirs":
		return textExpression(at, name, func(m *Machine) string { return m.env.Theirs })
	case "batch":
		return eventsExpression(expression{kind: events, offset: at, name: name, events: func(m *Machine) []*event.Event { return m.env.Batch }})
	case "item":
		if c.scope.product {
			return itemExpression(expression{kind: item, offset: at, name: name, item: func(m *Machine) *event.Item { return m.env.Product }})
		}
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Item }}
	case "index":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Index })
	case "status":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Status })
	case "attempt":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Attempt })
	case "body":
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Body }}
	case "row":
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Row }}
	}
	return c.field(expression{kind: anEvent, offset: at, event: func(m *Machine) *event.Event { return m.event }}, name, at)
}

// unknown explains a name that nothing has.
func (c *compiler) unknown(name string, at int) expression {
	if _, ok := functions[name]; ok {
		return c.mistake(at, name+" is a function", "write "+functions[name].usage)
	}
	if where := knownElsewhere(name); where != "" {
		return c.mistake(at, name+" is known only "+where, "")
	}
	for _, f := range event.Fields {
		if c.scope.event && strings.HasSuffix(f.Path, "."+name) {
			return c.mistake(at, "no field "+quote(name), "did you mean "+quote(f.Path)+"?")
		}
	}
	cure := "texts stand in quotes: " + quote(name)
	if s := document.Suggest(name, append(c.scope.names(), functionNames()...)); s != "" {
		cure = "did you mean " + quote(s) + "?"
	}
	return c.mistake(at, "no field "+quote(name), cure)
}

// knownElsewhere says where a name is known that this scope does not have.
func knownElsewhere(name string) string {
	switch name {
	case "settings", "theirs":
		return "inside a destination"
	case "batch":
		return "where a destination builds its request"
	case "item", "index":
		return "below each:"
	case "status", "body", "attempt":
		return "in the answers of a destination"
	case "row":
		return "in the rows of an answer"
	case "request":
		return "where the request is still at hand: in the rules of all, not in a destination's"
	}
	if isIn(name, roots()) || name == "event" {
		return "where there is one event"
	}
	return ""
}

// roots lists the names that an event's paths begin with.
func roots() []string {
	var names []string
	for _, f := range event.Fields {
		name, _, _ := strings.Cut(f.Path, ".")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
}

// member compiles a.b, a["b"] and a[0].
func (c *compiler) member(n *ast.MemberNode) expression {
	base := c.part(n.Node)
	at := n.Location().From
	if name, ok := n.Property.(*ast.StringNode); ok {
		return c.field(base, name.Value, at)
	}
	return c.index(base, c.compile(n.Property), at)
}

// field compiles what stands under a name that is written out.
func (c *compiler) field(base expression, name string, at int) expression {
	x := c.fieldOf(base, name, at)
	x.source = under(base.source, name)
	if base.source == "consent" {
		x.bound = purposeBound(name)
	}
	return x
}

func (c *compiler) fieldOf(base expression, name string, at int) expression {
	path := name
	if base.name != "" && base.name != "event" {
		path = base.name + "." + name
	} else if base.kind == item {
		path = "." + name
	}
	switch base.kind {
	case anEvent, group:
		return c.eventField(base, name, path)
	case item:
		return c.itemField(base, name, path)
	case request:
		return c.requestField(base, name, at)
	case object, anything:
		if base.key != nil {
			return c.knownKey(base, name, path)
		}
		if base.path != nil {
			return base.descend(name, path)
		}
	case nothing:
		return constant(base.offset, nothing, event.Value{})
	case list, items, events:
		return c.mistake(base.offset, fmt.Sprintf("%s is %s and has no field %q", base.called(), base.kind, name),
			fmt.Sprintf("write first(%s).%s, map(%[1]s, .%[2]s) or sum(%[1]s, .%[2]s)", base.called(), name))
	default:
		return c.mistake(base.offset, fmt.Sprintf("%s is %s and has no field %q", base.called(), base.kind, name), "")
	}
	value := base.value
	return expression{offset: base.offset, name: path, value: func(m *Machine) event.Value { return value(m).Object().Get(name) }}
}
