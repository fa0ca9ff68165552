// Package functions holds what formulas can call. A function is one declaration: its usage, help and example, which a test
// runs and the reference shows, the kinds of its parameters, and its work. What it reads or builds is counted by the machine
// it runs on. A file has the functions of one kind: those of texts, of times, of one vendor.
package functions

import (
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// All returns all functions but those with a predicate, by name. Vendors' ways of writing an address or a name are variants of
// one function, not functions of their own.
func All(numbers *normalise.Phones) map[string]*formula.Function {
	all := map[string]*formula.Function{"phone": phone(numbers)}
	for _, some := range []map[string]*formula.Function{
		textFunctions, numberFunctions, timeFunctions, urlFunctions, digestFunctions, listFunctions, dataFunctions, contactFunctions, vendorFunctions, googleFunctions,
	} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
}
