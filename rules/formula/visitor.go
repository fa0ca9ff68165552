package formula

import (
	"slices"

	"time"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
)

// Visitor is what a segment's formula asks about: what one visitor did.
type Visitor interface {
	// Count returns how often the visitor did something within a time until now. With a field, only events count of which it has
	// that value; a field of items counts when one item has it.
	Count(name string, within time.Duration, field, value string) float64
	// Sum returns the sum of params.value over such events.
	Sum(name string, within time.Duration) float64
}

// StoredScope is what the conditions of insight see: an event as it is kept there.
func StoredScope() Scope { return Scope{event: true} }

// VisitorScope is what a segment sees: count(...) and sum(...) over what a visitor did, and no event.
func VisitorScope() Scope { return Scope{visitor: true} }

// usages of the functions of a segment.
var visitorUsage = map[string]string{"count": `count("add_to_cart", "7d") or count("view_item", "30d", "items.category", "Shoes")`, "sum": `sum("purchase", "value", "365d")`}

// countedFields are those by which a segment can count.
var countedFields = []string{"page.path", "page.referrer_class", "campaign.source", "campaign.medium", "campaign.name", "geo.country", "device.type",
	"site", "items.id", "items.name", "items.category", "params.search_term", "params.currency"}

// visitorCall compiles a function of a segment, whose arguments are written out.
func (c *Compiler) visitorCall(at int, name string, nodes []ast.Node) Expression {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		text, ok := n.(*ast.StringNode)
		if !ok {
			return c.Mistake(n.Location().From, name+" expects texts in quotes here", "write "+visitorUsage[name])
		}
		texts[i] = text.Value
	}
	if name == "sum" {
		if len(nodes) != 3 {
			return c.Mistake(at, "sum expects an event, value and a time span", "write "+visitorUsage[name])
		}
		if texts[1] != "value" && texts[1] != "params.value" {
			return c.Mistake(nodes[1].Location().From, "insight keeps no number "+advice.Quote(texts[1]), `write "value"`)
		}
		within, ok := c.timeSpan(nodes[2].Location().From, texts[2])
		if !ok {
			return Constant(at, Number, event.Value{})
		}
		return Expression{Kind: Number, Offset: at, Name: "sum(...)", Value: func(m *Machine) event.Value {
			return event.Float(m.env.Visitor.Sum(texts[0], within))
		}}
	}
	if len(nodes) != 2 && len(nodes) != 4 {
		return c.Mistake(at, "count expects an event and a time span, and perhaps a field and its value", "write "+visitorUsage[name])
	}
	within, ok := c.timeSpan(nodes[1].Location().From, texts[1])
	if !ok {
		return Constant(at, Number, event.Value{})
	}
	field, value := "", ""
	if len(nodes) == 4 {
		field, value = texts[2], texts[3]
		if !slices.Contains(countedFields, field) {
			return c.Mistake(nodes[2].Location().From, "insight keeps no field "+advice.Quote(field), document.OneOf(field, countedFields))
		}
	}
	return Expression{Kind: Number, Offset: at, Name: "count(...)", Value: func(m *Machine) event.Value {
		return event.Float(m.env.Visitor.Count(texts[0], within, field, value))
	}}
}

// timeSpan reads a time span.
func (c *Compiler) timeSpan(at int, text string) (time.Duration, bool) {
	d, err := document.ParseDuration(text)
	if err != nil || d <= 0 {
		c.Mistake(at, advice.Quote(text)+" is no time span", `write "7d" or "12h"`)
		return 0, false
	}
	return d.Std(), true
}
