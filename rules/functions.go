package rules

import "headgate/event"

// functions are all functions but those with a predicate, by name. The table is made once and only read. Vendors' ways of
// writing an address or a name are variants of one function, not functions of their own.
var functions = func() map[string]*function {
	all := map[string]*function{}
	for _, some := range []map[string]*function{
		textFunctions, numberFunctions, timeFunctions, urlFunctions, digestFunctions, listFunctions, dataFunctions, contactFunctions,
	} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
}()

// optional returns an argument that may have been left out.
func optional(args []event.Value, i int) event.Value {
	if i < len(args) {
		return args[i]
	}
	return event.Value{}
}

// textTo makes a function of one text. "" is what it returns when there is nothing to return.
func textTo(usage, help, example string, f func(string) string) *function {
	return &function{usage: usage, help: help, example: example, params: []kind{text}, result: text,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			s := f(args[0].Text())
			if s == "" || !m.room(offset, len(s)) {
				return event.Value{}
			}
			return event.String(s)
		}}
}
