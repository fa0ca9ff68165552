package functions

import (
	"math"
	"strings"

	"golang.org/x/text/currency"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// vendorFunctions answer questions that many vendors ask, once for all of them.
var vendorFunctions = map[string]*formula.Function{
	"valid_name": validName,
	"clip":       clipped,
	"pieces": {
		Usage: "pieces(quantity)", Help: "a quantity for vendors that count in whole pieces: rounded, at least 1; 1 for nil", Example: `pieces(0.4) → 1`,
		Params: []formula.Kind{formula.Number}, Result: formula.Number, Nils: true,
		Run: func(_ *formula.Machine, _ int, args []event.Value) event.Value { return event.Float(pieces(args[0])) },
	},
	"minor_units": {
		Usage: "minor_units(amount, currency)", Help: "an amount in the smallest unit of its currency: cents, whole yen; nil without a currency", Example: `minor_units(12.5, "EUR") → 1250`,
		Params: []formula.Kind{formula.Number, formula.Text}, Result: formula.Number,
		Run: func(_ *formula.Machine, _ int, args []event.Value) event.Value {
			amount, _ := args[0].Float()
			code, err := currency.ParseISO(normalise.CurrencyCode(args[1].Text()))
			if err != nil {
				return event.Value{}
			}
			scale, _ := currency.Standard.Rounding(code)
			return formula.Computed(math.Round(amount * math.Pow10(scale)))
		},
	},
	"major_units": {
		Usage: "major_units(amount, currency)", Help: "an amount that is written in the smallest unit of its currency, in the currency itself: cents as euros; nil without a currency", Example: `major_units(1250, "eur") → 12.5`,
		Params: []formula.Kind{formula.Number, formula.Text}, Result: formula.Number,
		Run: func(_ *formula.Machine, _ int, args []event.Value) event.Value {
			amount, _ := args[0].Float()
			code, err := currency.ParseISO(normalise.CurrencyCode(args[1].Text()))
			if err != nil {
				return event.Value{}
			}
			scale, _ := currency.Standard.Rounding(code)
			return formula.Computed(amount / math.Pow10(scale))
		},
	},
	"worth":         worth,
	"action_source": actionSource,
}

// clip keeps a value within a vendor's limit. Vendors count characters.
var clipped = &formula.Function{
	Usage: "clip(text, length)", Help: "the first characters of a text, up to a length", Example: `clip("abcdef", 3) → "abc"`,
	Params: []formula.Kind{formula.Text, formula.Number}, Result: formula.Text,
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		x, length := args[0], args[1]
		return c.Fold(formula.TextExpression(offset, "", func(m *formula.Machine) string {
			s, ok := x.TextFor(m, "clip")
			most, limited := length.Value(m).Float()
			if !ok || !limited {
				return s
			}
			return m.Clip(x.Called(), s, int(most))
		}), x, length)
	},
}

// worth is what an event's own value says, else what its items come to. The price of an item is what was paid for one of
// them, discounts taken off, and without a currency it says nothing: https://developers.google.com/analytics/devguides/collection/ga4/reference/events#item
var worth = &formula.Function{
	Usage: "worth(event)", Help: "what an event is worth: params.value, else price × quantity of its items, given a currency; nil where these are a list to choose from",
	Example: `worth(event) → 119`, Params: []formula.Kind{formula.AnEvent}, Result: formula.Number,
	Reads: []string{"name", "params.value", "params.currency", "items"},
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		e := args[0].Event
		if e == nil {
			return c.Mistake(args[0].Offset, "worth expects an event", "write worth(event)")
		}
		return formula.Expression{Kind: formula.Number, Offset: offset, Value: func(m *formula.Machine) event.Value { return worthOf(m, offset, e(m)) }}
	},
}

func worthOf(m *formula.Machine, offset int, e *event.Event) event.Value {
	switch said := e.Params.Get("value"); said.Kind() {
	case event.Numeric:
		return said
	case event.Text:
		if v := readNumber(said.Text()); !v.IsNull() {
			return v
		}
	}
	if choosing(e.Name) || normalise.CurrencyCode(e.Params.Text("currency")) == "" || !m.Spend(offset, len(e.Items)) {
		return event.Value{}
	}
	sum, priced := 0.0, false
	for i := range e.Items {
		price, quantity := e.Items[i].Price, e.Items[i].Quantity
		if !price.Known {
			continue
		}
		if !quantity.Known {
			quantity.Float = 1
		}
		sum, priced = sum+price.Float*quantity.Float, true
	}
	if !priced {
		return event.Value{}
	}
	m.Notef("the value is price × quantity of the items, since the event has none")
	return event.Float(math.Round(sum*1e6) / 1e6) // what adding up binary fractions leaves behind
}

// choosing reports whether the items of an event are what a visitor may choose from.
func choosing(name string) bool {
	switch name {
	case "view_item_list", "select_item", "view_promotion", "select_promotion", "search", "view_search_results", "page_view":
		return true
	}
	return strings.HasSuffix(name, "_list")
}

// pieces is a quantity in whole pieces.
func pieces(v event.Value) float64 {
	n, ok := v.Float()
	if !ok || n < 1.5 {
		return 1
	}
	return float64(int64(min(n, 1e15) + 0.5))
}
