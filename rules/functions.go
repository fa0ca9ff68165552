package rules

import "headgate/event"

// functions are all functions but those with a predicate, by name. The table is written once and only read.
var functions = func() map[string]*function {
	all := map[string]*function{}
	for _, some := range []map[string]*function{} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
}()

var _ = event.Value{}
