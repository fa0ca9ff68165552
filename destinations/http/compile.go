package http

import (
	"headgate/destinations"
	"headgate/document"
	"headgate/rules"
)

// compiler turns what a file says into what the engine runs, and collects every mistake on the way.
type compiler struct{ *destinations.Formulas }

// pair is a name with a template: a header, a query parameter.
type pair struct {
	name  string
	value *rules.Template
}

func (c *compiler) pairs(o document.Ordered[*document.Node], s rules.Scope) []pair {
	out := make([]pair, 0, len(o))
	for _, e := range o {
		if t := c.Template(e.Value, s); t != nil {
			out = append(out, pair{e.Key, t})
		}
	}
	return out
}
