package rules

import (
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"headgate/event"
)

// vendorFunctions answer questions that many vendors ask, once for all of them.
var vendorFunctions = map[string]*function{
	"valid_name": validName,
	"clip":       clipped,
	"pieces": {
		usage: "pieces(quantity)", help: "a quantity for vendors that count in whole pieces: rounded, at least 1; 1 for nil", example: `pieces(0.4) → 1`,
		params: []kind{number}, result: number, nils: true,
		run: func(_ *Machine, _ int, args []event.Value) event.Value { return event.Float(pieces(args[0])) },
	},
	"minor_units": {
		usage: "minor_units(amount, currency)", help: "an amount in the smallest unit of its currency: cents, whole yen; nil without a currency", example: `minor_units(12.5, "EUR") → 1250`,
		params: []kind{number, text}, result: number,
		run: func(_ *Machine, _ int, args []event.Value) event.Value {
			amount, _ := args[0].Float()
			code, err := currency.ParseISO(currencyCode(args[1].Text()))
			if err != nil {
				return event.Value{}
			}
			scale, _ := currency.Standard.Rounding(code)
			return computed(math.Round(amount * math.Pow10(scale)))
		},
	},
	"worth":         worth,
	"action_source": actionSource,
}

// clip keeps a value within a vendor's limit. Vendors count characters.
var clipped = &function{
	usage: "clip(text, length)", help: "the first so many characters", example: `clip("abcdef", 3) → "abc"`,
	params: []kind{text, number}, result: text,
	build: func(c *compiler, offset int, args []expression) expression {
		x, length := args[0], args[1]
		return c.fold(textExpression(offset, "", func(m *Machine) string {
			s, ok := x.textFor(m, "clip")
			most, limited := length.value(m).Float()
			if !ok || !limited {
				return s
			}
			return m.Clip(x.called(), s, int(most))
		}), x, length)
	},
}

// Clip returns the first most characters of a text and notes when that is not all of it.
func (m *Machine) Clip(name, s string, most int) string {
	if len(s) <= most || most < 0 || utf8.RuneCountInString(s) <= most {
		return s
	}
	m.note("%s is cut to %d characters, the most that the vendor takes", name, most)
	at := 0
	for i := range s {
		if at == most {
			return s[:i]
		}
		at++
	}
	return s
}

// worth is what an event's own value says, else what its items come to. The price of an item is what was paid for one of
// them, discounts taken off, and without a currency it says nothing: https://developers.google.com/analytics/devguides/collection/ga4/reference/events#item
var worth = &function{
	usage: "worth(event)", help: "what an event is worth: params.value, else price × quantity of its items, given a currency; nil where these are a list to choose from",
	example: `worth(event) → 119`, params: []kind{anEvent}, result: number,
	reads: []string{"name", "params.value", "params.currency", "items"},
	build: func(c *compiler, offset int, args []expression) expression {
		e := args[0].event
		if e == nil {
			return c.mistake(args[0].offset, "worth wants an event", "write worth(event)")
		}
		return expression{kind: number, offset: offset, value: func(m *Machine) event.Value { return worthOf(m, offset, e(m)) }}
	},
}

func worthOf(m *Machine, offset int, e *event.Event) event.Value {
	switch said := e.Params.Get("value"); said.Kind() {
	case event.Numeric:
		return said
	case event.Text:
		if v := readNumber(said.Text()); !v.IsNull() {
			return v
		}
	}
	if choosing(e.Name) || currencyCode(e.Params.Text("currency")) == "" || !m.spend(offset, len(e.Items)) {
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
	m.note("the value is price × quantity of the items, since the event has none")
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
