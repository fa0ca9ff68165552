// Package region says which rule of consent holds where: by law, as far as defaults can say it, or as a site has written it.
package region

import (
	"slices"
	"strings"

	"headgate/event/wire"
)

// The models of a region.
const (
	OptIn  = "opt_in"
	OptOut = "opt_out"
	NoRule = "none"
)

// Rules are the regions of a configuration.
type Rules struct {
	Unknown Rule // for visitors whose country is not known
	list    []Rule
}

// Rule is what holds in one region.
type Rule struct {
	Name     string
	Model    string // OptIn, OptOut or NoRule
	Targeted bool   // an objection leaves alone what is not targeted
	honor    map[string]bool
	all      bool // holds everywhere
	in       map[string]bool
	parts    map[string]bool // countries of which only parts are named
}

// Find returns the rule for a visitor. Where a country is known but not which part of it, and a rule names a part of it,
// the strictest of the rules that may hold does.
func (r *Rules) Find(country, part string) *Rule {
	country, part = wire.Country(country), strings.ToUpper(part)
	if country == "" {
		return &r.Unknown
	}
	place := country + "-" + part
	var best *Rule
	for i := range r.list {
		rule := &r.list[i]
		switch {
		case rule.all || rule.in[country] || part != "" && rule.in[place]:
			if best == nil || rule.Stricter(best) {
				best = rule
			}
			return best
		case part == "" && rule.parts[country]:
			if best == nil || rule.Stricter(best) {
				best = rule
			}
		}
	}
	return &r.Unknown
}

// AsksFirst reports whether consent is asked for first anywhere.
func (r *Rules) AsksFirst() bool {
	return r.Unknown.Model == OptIn || slices.ContainsFunc(r.list, func(one Rule) bool { return one.Model == OptIn })
}

// Honors reports whether opt-outs of a family of signals bind in the region.
func (r *Rule) Honors(family string) bool { return r.honor[family] }

// Stricter reports whether r asks more than other does.
func (r *Rule) Stricter(other *Rule) bool {
	rank := map[string]int{OptIn: 2, OptOut: 1, NoRule: 0}
	if rank[r.Model] != rank[other.Model] {
		return rank[r.Model] > rank[other.Model]
	}
	return len(r.honor) > len(other.honor)
}
