package functions

import (
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
)

var dataFunctions = map[string]*formula.Function{
	"default": {
		Usage: "default(value, fallback, ...)", Help: "the first value that is not nil, \"\", [] or {}", Example: `default(nil, "", 5) → 5`,
		Params: []formula.Kind{formula.Anything, formula.Anything}, Variadic: true, Nils: true, Build: buildDefault,
	},
	"get": {
		Usage: "get(value, path[, fallback])", Help: "the value at a path of names and positions", Example: `get({a: [{b: 5}]}, "a.0.b") → 5`,
		Params: []formula.Kind{formula.Anything, formula.Text, formula.Anything}, Optional: 1, Nils: true,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if v := walkPath(args[0], args[1].Text()); !v.IsNull() {
				return v
			}
			return optional(args, 2)
		},
	},
	"impersonal": {
		Usage: "impersonal(value, path)", Help: "the value at a path, as get() finds it; nil where it looks like contact data, by its name or by an e-mail address in it",
		Example: `impersonal({note: "a@shop.example", plan: "gold"}, "plan") → "gold"`, Params: []formula.Kind{formula.Anything, formula.Text}, Nils: true,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			path := args[1].Text()
			v := walkPath(args[0], path)
			if Personal(path, v) || personalName(path[strings.LastIndexByte(path, '.')+1:]) {
				return event.Value{}
			}
			return v
		},
	},
	"json": {
		Usage: "json(value)", Help: "the value as JSON", Example: `json({a: [1, "b"]}) → "{\"a\":[1,\"b\"]}"`, Params: []formula.Kind{formula.Anything}, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			return jsonText(m, offset, args[0])
		},
	},
	"from_json": {
		Usage: "from_json(text)", Help: "the value that JSON stands for; nil if it is not JSON", Example: `from_json("[1, {\"a\": 2}]")[1].a → 2`, Params: []formula.Kind{formula.Text},
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			s := args[0].Text()
			if !m.Room(offset, len(s)) {
				return event.Value{}
			}
			v, err := event.ParseJSON([]byte(s))
			if err != nil {
				return event.Value{}
			}
			return v
		},
	},
	"lookup": {
		Usage: "lookup(\"table\", key[, fallback])", Help: "the value of a key in a table of the configuration", Example: `lookup("tiers", "gold", 0) → 3`,
		Params: []formula.Kind{formula.Text, formula.Text, formula.Anything}, Optional: 1, Build: buildLookup,
	},
}

func buildDefault(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
	k := args[0].Kind
	for _, x := range args[1:] {
		k = formula.Common(k, x.Kind)
	}
	return c.Fold(formula.Expression{Kind: k, Offset: offset, Value: func(m *formula.Machine) event.Value {
		for i := range args {
			if v := args[i].Value(m); !v.IsEmpty() || m.Stopped() {
				return v
			}
		}
		return event.Value{}
	}}, args...)
}

// buildLookup finds the table once.
func buildLookup(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
	if !args[0].Constant {
		return c.Mistake(args[0].Offset, "the table of lookup has to be a text in quotes", "")
	}
	name := args[0].Fixed.Text()
	t, ok := c.Language.Table(name)
	if !ok {
		names := c.Language.TableNames()
		cure := document.DidYouMean(name, names)
		if len(names) == 0 {
			cure = "write it under tables:"
		}
		return c.Mistake(args[0].Offset, "no table "+advice.Quote(name), cure)
	}
	key, fallback := args[1], formula.Constant(offset, formula.Nothing, event.Value{})
	if len(args) == 3 {
		fallback = args[2]
	}
	return formula.Expression{Offset: offset, Value: func(m *formula.Machine) event.Value {
		s, _ := key.AsText(m)
		if v, ok := t[s]; ok {
			return v
		}
		return fallback.Value(m)
	}}
}

// walkPath follows names and positions, parted by dots.
func walkPath(v event.Value, path string) event.Value {
	for path != "" && !v.IsNull() {
		if whole, ok := v.Object().Find(path); ok {
			return whole
		}
		var step string
		step, path, _ = strings.Cut(path, ".")
		if v.Kind() == event.Object {
			v = v.Object().Get(step)
			continue
		}
		i, err := strconv.Atoi(step)
		all := v.List()
		if err == nil && i < 0 {
			i += len(all)
		}
		if err != nil || i < 0 || i >= len(all) {
			return event.Value{}
		}
		v = all[i]
	}
	return v
}
