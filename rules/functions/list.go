package functions

import (
	"sort"
	"unicode/utf8"

	"headgate/event"
	"headgate/rules/formula"
)

// labelled looks for the labels in their order: the first that has a value counts.
func labelled(m *formula.Machine, offset int, args []event.Value) event.Value {
	for _, label := range args[3:] {
		if !m.Spend(offset, len(args[0].List())) {
			return event.Value{}
		}
		for _, one := range args[0].List() {
			if v := one.Object().Get(args[2].Text()); one.Object().Get(args[1].Text()).Text() == label.Text() && !v.IsEmpty() {
				return v
			}
		}
	}
	return event.Value{}
}

var listFunctions = map[string]*formula.Function{
	"len": {
		Usage: "len(value)", Help: "how many elements a list has, keys an object, characters a text; 0 for nil", Example: `len([1, 2]) → 2`,
		Params: []formula.Kind{formula.Anything}, Result: formula.Number, Build: buildLen,
	},
	"first": {
		Usage: "first(list)", Help: "its first element", Example: `first([3, 1]) → 3`, Params: []formula.Kind{formula.List}, Build: ends(0),
	},
	"last": {
		Usage: "last(list)", Help: "its last element", Example: `last([3, 1]) → 1`, Params: []formula.Kind{formula.List}, Build: ends(-1),
	},
	"keys": {
		Usage: "keys(object)", Help: "the names in an object", Example: `keys({a: 1, b: 2}) → ["a","b"]`, Params: []formula.Kind{formula.Object}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if !m.Spend(offset, len(args[0].Object())) {
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
		Usage: "values(object)", Help: "the values in an object", Example: `values({a: 1, b: 2}) → [1,2]`, Params: []formula.Kind{formula.Object}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if !m.Spend(offset, len(args[0].Object())) {
				return event.Value{}
			}
			vs := make([]event.Value, 0, len(args[0].Object()))
			for _, p := range args[0].Object() {
				vs = append(vs, p.Value)
			}
			return event.ListOf(vs...)
		},
	},
	"labelled": {
		Usage: "labelled(list, name, value, label, ...)", Help: "what a list of labelled values holds under a label, or under the first of several that has something; name and value are what its elements call the two",
		Example: `labelled([{key: "a", value: 1}], "key", "value", "b", "a") → 1`,
		Params:  []formula.Kind{formula.List, formula.Text, formula.Text, formula.Text}, Variadic: true,
		Run: labelled,
	},
	"unique": {
		Usage: "unique(list)", Help: "each different element once", Example: `unique([1, 2, 1]) → [1,2]`, Params: []formula.Kind{formula.List}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			var kept []event.Value
			for _, v := range args[0].List() {
				if !m.Spend(offset, 1+len(kept)/4*m.Weight(v)) {
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
		Usage: "sort(list)", Help: "numbers by size, texts by their letters", Example: `sort(["b", "a"]) → ["a","b"]`, Params: []formula.Kind{formula.List}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if !m.Spend(offset, 4*m.Weight(args[0])) {
				return event.Value{}
			}
			vs := append([]event.Value{}, args[0].List()...)
			sort.SliceStable(vs, func(i, j int) bool { return formula.Before(vs[i], vs[j]) })
			return event.ListOf(vs...)
		},
	},
	"reverse": {
		Usage: "reverse(list)", Help: "the elements in reverse order", Example: `reverse([1, 2]) → [2,1]`, Params: []formula.Kind{formula.List}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			all := args[0].List()
			if !m.Spend(offset, len(all)) {
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
		Usage: "flatten(list)", Help: "the elements of the lists in a list, as one list", Example: `flatten([[1, 2], 3]) → [1,2,3]`, Params: []formula.Kind{formula.List}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			var vs []event.Value
			for _, v := range args[0].List() {
				if !m.Spend(offset, 1+len(v.List())) {
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
func buildLen(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
	x := args[0]
	if x.Kind == formula.Number || x.Kind == formula.Truth {
		return c.Mistake(x.Offset, "len expects a list, an object or text, but "+x.Called()+" is "+x.Kind.String(), "")
	}
	return c.Fold(formula.Expression{Kind: formula.Number, Offset: offset, Value: func(m *formula.Machine) event.Value {
		n := 0
		switch {
		case x.Items != nil:
			n = len(x.Items(m))
		case x.Events != nil:
			n = len(x.Events(m))
		case x.Object != nil:
			n = len(x.Object(m))
		default:
			v := x.Value(m)
			switch v.Kind() {
			case event.List:
				n = len(v.List())
			case event.Object:
				n = len(v.Object())
			case event.Text:
				if m.Read(offset, v.Text()) {
					n = utf8.RuneCountInString(v.Text())
				}
			}
		}
		return event.Float(float64(n))
	}}, x)
}

// ends is the element at a fixed position, read in place where it is an item or an event.
func ends(position float64) func(*formula.Compiler, int, []formula.Expression) formula.Expression {
	return func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		x := c.Index(args[0], formula.Constant(offset, formula.Number, event.Float(position)), offset)
		x.Name = ""
		return c.Fold(x, args...)
	}
}
