package rules

import (
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
)

var dataFunctions = map[string]*function{
	"default": {
		usage: "default(value, fallback, ...)", help: "the first value that is not nil, \"\", [] or {}", example: `default(nil, "", 5) → 5`,
		params: []kind{anything, anything}, variadic: true, nils: true, build: buildDefault,
	},
	"get": {
		usage: "get(value, path[, fallback])", help: "what stands at a path of names and positions", example: `get({a: [{b: 5}]}, "a.0.b") → 5`,
		params: []kind{anything, text, anything}, optional: 1, nils: true,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			if v := walkPath(args[0], args[1].Text()); !v.IsNull() {
				return v
			}
			return optional(args, 2)
		},
	},
	"impersonal": {
		usage: "impersonal(value, path)", help: "what stands at a path, as get() finds it; nil where it looks like contact data, by its name or by an e-mail address in it",
		example: `impersonal({note: "a@shop.example", plan: "gold"}, "plan") → "gold"`, params: []kind{anything, text}, nils: true,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			path := args[1].Text()
			v := walkPath(args[0], path)
			if Personal(path, v) || personalName(path[strings.LastIndexByte(path, '.')+1:]) {
				return event.Value{}
			}
			return v
		},
	},
	"json": {
		usage: "json(value)", help: "the value as JSON", example: `json({a: [1, "b"]}) → "{\"a\":[1,\"b\"]}"`, params: []kind{anything}, result: text,
		run: func(m *Machine, offset int, args []event.Value) event.Value { return jsonText(m, offset, args[0]) },
	},
	"from_json": {
		usage: "from_json(text)", help: "the value behind JSON; nil if it is none", example: `from_json("[1, {\"a\": 2}]")[1].a → 2`, params: []kind{text},
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			s := args[0].Text()
			if !m.room(offset, len(s)) {
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
		usage: "lookup(\"table\", key[, fallback])", help: "what a table of the configuration has for a key", example: `lookup("tiers", "gold", 0) → 3`,
		params: []kind{text, text, anything}, optional: 1, build: buildLookup,
	},
}

func buildDefault(c *compiler, offset int, args []expression) expression {
	k := args[0].kind
	for _, x := range args[1:] {
		k = common(k, x.kind)
	}
	return c.fold(expression{kind: k, offset: offset, value: func(m *Machine) event.Value {
		for i := range args {
			if v := args[i].value(m); !v.IsEmpty() || m.failure != nil {
				return v
			}
		}
		return event.Value{}
	}}, args...)
}

// buildLookup finds the table once.
func buildLookup(c *compiler, offset int, args []expression) expression {
	if !args[0].constant {
		return c.mistake(args[0].offset, "the table of lookup has to be written out, as a text in quotes", "")
	}
	name := args[0].fixed.Text()
	t, ok := c.language.tables[name]
	if !ok {
		var names []string
		for name := range c.language.tables {
			names = append(names, name)
		}
		cure := document.DidYouMean(name, names)
		if len(names) == 0 {
			cure = "write it under tables:"
		}
		return c.mistake(args[0].offset, "no table "+quote(name), cure)
	}
	key, fallback := args[1], constant(offset, nothing, event.Value{})
	if len(args) == 3 {
		fallback = args[2]
	}
	return expression{offset: offset, value: func(m *Machine) event.Value {
		s, _ := key.asText(m)
		if v, ok := t[s]; ok {
			return v
		}
		return fallback.value(m)
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

func jsonText(m *Machine, offset int, v event.Value) event.Value {
	if !m.spend(offset, weight(v, m.steps)) {
		return event.Value{}
	}
	b := v.AppendJSON(nil)
	if !m.room(offset, len(b)) {
		return event.Value{}
	}
	return event.String(string(b))
}
