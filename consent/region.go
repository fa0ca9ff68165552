package consent

import (
	"fmt"
	"slices"
	"strings"

	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
)

// Regions says which rule holds where.
type Regions struct {
	At      document.Place `yaml:"-"`
	Unknown document.Words `yaml:"unknown" choices:"opt_in,opt_out,none" help:"the model for visitors whose country is not known" example:"opt_in"`
	Rules   []RegionRule   `yaml:"rules" help:"the first that fits counts"`
}

// RegionRule is one region's law as far as it matters here.
type RegionRule struct {
	At          document.Place `yaml:"-"`
	Name        string         `yaml:"name,required" help:"how it is called in records" example:"europe"`
	In          Names          `yaml:"in,required" help:"countries (DE), subdivisions (US-CA), EEA, EU, or * for everywhere" example:"[EEA, GB, CH]"`
	Model       document.Words `yaml:"model,required" choices:"opt_in,opt_out,none" help:"opt_in: ask first; opt_out: until refused; none" example:"opt_in"`
	Honor       *Names         `yaml:"honor" help:"which opt-out signals bind here; all when left out" example:"[gpc, gpp, usp]"`
	OptOutScope document.Words `yaml:"opt_out_scope" choices:"all,targeted_only" help:"targeted_only: an opt-out leaves conversions (ads) alone" example:"targeted_only"`
}

// The models of a region.
const (
	optIn  = "opt_in"
	optOut = "opt_out"
	noRule = "none"
)

// europe is where the law asks first, as countries and groups of them.
const europe = "EEA GB GG JE IM GI CH"

// Country groups, of 2026-08: ISO 3166-1.
var countryGroups = map[string][]string{
	"EU": strings.Fields("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE " +
		"GP GF MQ YT RE MF AX"), // with the outermost regions that have codes of their own
	"EEA": strings.Fields("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE " +
		"GP GF MQ YT RE MF AX IS LI NO"),
}

// defaultRegions are defaults that an operator can change, not legal advice. Consent is asked for first everywhere but in
// the US states with a comprehensive privacy law, which is one of opting out. Every opt-out signal binds everywhere.
func defaultRegions() Regions {
	rule := func(name, in, model string) RegionRule {
		return RegionRule{Name: name, In: words(strings.Fields(in)...), Model: document.Words{Value: model}}
	}
	return Regions{
		Unknown: document.Words{Value: optIn},
		Rules: []RegionRule{
			rule("europe", europe, optIn),
			rule("us_privacy_states", "US-CA US-CO US-CT US-DE US-MD US-MN US-MT US-NE US-NH US-NJ US-OR US-TX "+
				"US-VA US-UT US-IA US-IN US-TN US-KY US-RI US-FL", optOut),
			rule("world", "*", optIn),
		},
	}
}

// regions is the compiled list.
type regions struct {
	unknown regionRule
	rules   []regionRule
}

type regionRule struct {
	name     string
	model    string
	honor    map[string]bool
	targeted bool // opt_out_scope: targeted_only
	all      bool // holds everywhere
	in       map[string]bool
	parts    map[string]bool // countries of which only parts are named
}

func (r *Regions) compile(ms *document.Mistakes) regions {
	models := []string{optIn, optOut, noRule}
	out := regions{unknown: regionRule{name: event.UnknownRegion, model: r.Unknown.Value, honor: honored(r.Unknown.Value, nil)}}
	oneOf(ms, "unknown", r.Unknown, models...)
	var catchAll bool
	seen := map[string]bool{}
	for i := range r.Rules {
		rule := &r.Rules[i]
		oneOf(ms, "model", rule.Model, models...)
		if rule.Name == event.UnknownRegion {
			ms.Add(rule.At, `a region cannot be called "unknown"`, "that is what records say when no country is known")
		}
		if seen[rule.Name] {
			ms.Add(rule.At, fmt.Sprintf("two regions are called %q", rule.Name), "give each a name of its own")
		}
		seen[rule.Name] = true
		if catchAll {
			ms.Add(rule.At, fmt.Sprintf("the region %q is never reached", rule.Name), `move it above the one with in: ["*"]`)
		}
		c := rule.compile(ms)
		catchAll = catchAll || c.all
		out.rules = append(out.rules, c)
	}
	if !catchAll {
		ms.Add(r.At, "no region holds for the rest of the world", `end the list with {name: world, in: ["*"], model: opt_in}`)
	}
	return out
}

func (r *RegionRule) compile(ms *document.Mistakes) regionRule {
	out := regionRule{name: r.Name, model: r.Model.Value, in: map[string]bool{}, parts: map[string]bool{}}
	for _, w := range r.In {
		country, part, divided := strings.Cut(w.Value, "-")
		country, part = wire.Country(country), strings.ToUpper(part)
		switch {
		case w.Value == "*":
			out.all = true
		case countryGroups[w.Value] != nil:
			for _, c := range countryGroups[w.Value] {
				out.in[c] = true
			}
		case country == "" || divided && (part == "" || len(part) > 3):
			ms.Add(w.At, fmt.Sprintf("%q is no place", w.Value), "write a country (DE), a part of one (US-CA), EEA, EU or *")
		case divided:
			out.in[country+"-"+part] = true
			out.parts[country] = true
		default:
			out.in[country] = true
		}
	}
	if len(r.In) == 0 {
		ms.Add(r.At, fmt.Sprintf("the region %q holds nowhere", r.Name), `write where, or in: ["*"]`)
	}
	if r.Honor != nil {
		for _, w := range *r.Honor {
			if !slices.Contains(optOutFamilies, w.Value) {
				ms.Add(w.At, fmt.Sprintf("no opt-out signal is called %q", w.Value), document.DidYouMean(w.Value, optOutFamilies))
			}
		}
	}
	out.honor = honored(out.model, r.Honor)
	if r.OptOutScope.Value != "" {
		oneOf(ms, "opt_out_scope", r.OptOutScope, "all", "targeted_only")
		out.targeted = r.OptOutScope.Value == "targeted_only"
	}
	return out
}

var optOutFamilies = []string{signals.FamilyGPC, signals.FamilyGPP, signals.FamilyUSP}

// honored returns which opt-out signals bind: all unless the rule lists them; under opt-in GPC is an objection anyway.
func honored(model string, listed *Names) map[string]bool {
	out := map[string]bool{}
	if listed == nil {
		for _, f := range optOutFamilies {
			out[f] = true
		}
	} else {
		for _, w := range *listed {
			out[w.Value] = true
		}
	}
	if model == optIn {
		out[signals.FamilyGPC] = true
	}
	// What a person said to the site itself binds everywhere.
	out[signals.FamilyCMP], out[signals.FamilyEvent] = true, true
	return out
}

// find returns the rule for a visitor. Where a country is known but not which part of it, and a rule names a part of it,
// the strictest of the rules that may hold does.
func (r *regions) find(country, part string) *regionRule {
	country, part = wire.Country(country), strings.ToUpper(part)
	if country == "" {
		return &r.unknown
	}
	place := country + "-" + part
	var best *regionRule
	for i := range r.rules {
		rule := &r.rules[i]
		switch {
		case rule.all || rule.in[country] || part != "" && rule.in[place]:
			if best == nil || rule.stricter(best) {
				best = rule
			}
			return best
		case part == "" && rule.parts[country]:
			if best == nil || rule.stricter(best) {
				best = rule
			}
		}
	}
	return &r.unknown
}

// stricter reports whether r asks more than other does.
func (r *regionRule) stricter(other *regionRule) bool {
	rank := map[string]int{optIn: 2, optOut: 1, noRule: 0}
	if rank[r.model] != rank[other.model] {
		return rank[r.model] > rank[other.model]
	}
	return len(r.honor) > len(other.honor)
}
