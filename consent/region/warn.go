package region

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"headgate/document"
)

// Warn names the rules that allow what European law forbids, and the opt-outs that a rule does not honour.
func (c *Config) Warn(ms *document.Mistakes) {
	var ignored document.Mistakes // the mistakes in the rules are reported by Compile
	compiled := c.Compile(&ignored)
	if m := c.Unknown.Value; m != OptIn {
		ms.Add(c.Unknown.At, fmt.Sprintf("visitors whose country is not known are under %s, and some of them are in Europe: they get no say first", m), "write unknown: opt_in")
	}
	held := compiled.inEurope()
	for i := range c.Rules {
		rule, written := &compiled.list[i], &c.Rules[i]
		places := held[rule]
		if len(places) > 0 && rule.Model != OptIn {
			ms.Add(written.Model.At, fmt.Sprintf("the region %q is %s for %s, where the law asks first", rule.Name, rule.Model, some(places)),
				fmt.Sprintf("put {name: europe, in: [%s], model: opt_in} above it", strings.Join(strings.Fields(europe), ", ")))
		}
		if len(places) > 0 && rule.Targeted {
			ms.Add(written.OptOutScope.At, fmt.Sprintf("in the region %q an objection from %s leaves ads alone", rule.Name, some(places)), "keep opt_out_scope: targeted_only to the US states")
		}
		var deaf []string
		for _, f := range OptOutFamilies {
			if !rule.Honors(f) {
				deaf = append(deaf, f)
			}
		}
		if len(deaf) > 0 {
			ms.Add(written.At, fmt.Sprintf("the region %q ignores an opt-out by %s", rule.Name, document.Enumerate(deaf, "or")), "leave honor out: an opt-out binds everywhere")
		}
	}
}

// inEurope returns, for each rule, the places in Europe that it holds for.
func (r *Rules) inEurope() map[*Rule][]string {
	var places []string
	for _, place := range strings.Fields(europe) {
		if group := countryGroups[place]; group != nil {
			places = append(places, group...)
		} else {
			places = append(places, place)
		}
	}
	countries := len(places)
	for i := range r.list {
		for _, place := range slices.Sorted(maps.Keys(r.list[i].in)) {
			if country, _, divided := strings.Cut(place, "-"); divided && slices.Contains(places[:countries], country) {
				places = append(places, place)
			}
		}
	}
	held := map[*Rule][]string{}
	for _, place := range places {
		country, part, _ := strings.Cut(place, "-")
		rule := r.Find(country, part)
		held[rule] = append(held[rule], place)
	}
	return held
}

// some names the first of many places.
func some(places []string) string {
	const most = 4
	if len(places) > most {
		places = append(slices.Clone(places[:most-1]), fmt.Sprintf("%d more", len(places)-most+1))
	}
	return document.Enumerate(places, "and")
}
