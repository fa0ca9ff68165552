package rules

import (
	"sort"
	"unicode/utf8"

	"headgate/event"
)

var listFunctions = map[string]*function{
	"len": {
		usage: "len(value)", help: "how many elements a list has, keys an object, characters a text; 0 for nil", example: `len([1, 2]) → 2`,
		params: []kind{anything}, result: number, build: buildLen,
	},
	"first": {
		usage: "first(list)", help: "its first element", example: `first([3, 1]) → 3`, params: []kind{list}, build: ends(0),
	},
	"last": {
		usage: "last(list)", help: "its last element", example: `last([3, 1]) → 1`, params: []kind{list}, build: ends(-1),
	},
	"keys": {
		usage: "keys(object)", help: "the names in an object", example: `keys({a: 1, b: 2}) → ["a","b"]`, params: []kind{object}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			if !m.spend(offset, len(args[0].Object())) {
				return event.Value{}
			}
			vs := make([]event.Value, 0, len(args[0].Object()))
			for _, p := range args[0].Object() {
				vs = append(vs, event.String(p.Key))
			}
			return event.ListOf(vs...)
		},
	},
	"values": {
		usage: "values(object)", help: "the values in an object", example: `values({a: 1, b: 2}) → [1,2]`, params: []kind{object}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			if !m.spend(offset, len(args[0].Object())) {
				return event.Value{}
			}
			vs := make([]event.Value, 0, len(args[0].Object()))
			for _, p := range args[0].Object() {
				vs = append(vs, p.Value)
			}
			return event.ListOf(vs...)
		},
	},
	"unique": {
		usage: "unique(list)", help: "without repetitions", example: `unique([1, 2, 1]) → [1,2]`, params: []kind{list}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			var kept []event.Value
			for _, v := range args[0].List() {
				if !m.spend(offset, 1+len(kept)/4*weight(v, m.steps)) {
					return event.Value{}
				}
				if !contains(kept, v) {
					kept = append(kept, v)
				}
			}
			return event.ListOf(kept...)
		},
	},
	"sort": {
		usage: "sort(list)", help: "numbers by size, texts by their letters", example: `sort(["b", "a"]) → ["a","b"]`, params: []kind{list}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			if !m.spend(offset, 4*weight(args[0], m.steps)) {
				return event.Value{}
			}
			vs := append([]event.Value{}, args[0].List()...)
			sort.SliceStable(vs, func(i, j int) bool { return before(vs[i], vs[j]) })
			return event.ListOf(vs...)
		},
	},
	"reverse": {
		usage: "reverse(list)", help: "the last element first", example: `reverse([1, 2]) → [2,1]`, params: []kind{list}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			all := args[0].List()
			if !m.spend(offset, len(all)) {
				return event.Value{}
			}
			vs := make([]event.Value, len(all))
			for i := range all {
				vs[len(all)-1-i] = all[i]
			}
			return event.ListOf(vs...)
		},
	},
	"flatten": {
		usage: "flatten(list)", help: "the elements of the lists in a list, as one list", example: `flatten([[1, 2], 3]) → [1,2,3]`, params: []kind{list}, result: list,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			var vs []event.Value
			for _, v := range args[0].List() {
				if !m.spend(offset, 1+len(v.List())) {
					return event.Value{}
				}
				if v.Kind() == event.List {
					vs = append(vs, v.List()...)
				} else {
					vs = append(vs, v)
				}
			}
			return event.ListOf(vs...)
		},
	},
}

func contains(vs []event.Value, v event.Value) bool {
	for i := range vs {
		if vs[i].Equal(v) {
			return true
		}
	}
	return false
}

// buildLen counts items and events in place.
func buildLen(c *compiler, offset int, args []expression) expression {
	x := args[0]
	if x.kind == number || x.kind == truth {
		return c.mistake(x.offset, "len wants a list, an object or text, and "+x.called()+" is "+x.kind.String(), "")
	}
	return c.fold(expression{kind: number, offset: offset, value: func(m *Machine) event.Value {
		n := 0
		switch {
		case x.items != nil:
			n = len(x.items(m))
		case x.events != nil:
			n = len(x.events(m))
		case x.object != nil:
			n = len(x.object(m))
		default:
			v := x.value(m)
			switch v.Kind() {
			case event.List:
				n = len(v.List())
			case event.Object:
				n = len(v.Object())
			case event.Text:
				if m.read(offset, v.Text()) {
					n = utf8.RuneCountInString(v.Text())
				}
			}
		}
		return event.Float(float64(n))
	}}, x)
}

// ends is the element at a fixed position, read in place where it is an item or an event.
func ends(position float64) func(*compiler, int, []expression) expression {
	return func(c *compiler, offset int, args []expression) expression {
		x := c.index(args[0], constant(offset, number, event.Float(position)), offset)
		x.name = ""
		return c.fold(x, args...)
	}
}
