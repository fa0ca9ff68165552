package region

import (
	"fmt"
	"slices"
	"strings"

	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
)

// Config says which rule holds where.
type Config struct {
	At      document.Place `yaml:"-"`
	Unknown document.Words `yaml:"unknown" choices:"opt_in,opt_out,none" help:"the model for visitors whose country is not known" example:"opt_in"`
	Rules   []RuleConfig   `yaml:"rules" help:"the first that fits counts"`
}

// RuleConfig is one region's law as far as it matters here.
type RuleConfig struct {
	At          document.Place     `yaml:"-"`
	Name        string             `yaml:"name,required" help:"how it is called in records" example:"europe"`
	In          document.WordList  `yaml:"in,required" help:"countries (DE), subdivisions (US-CA), EEA, EU, or * for everywhere" example:"[EEA, GB, CH]"`
	Model       document.Words     `yaml:"model,required" choices:"opt_in,opt_out,none" help:"opt_in: ask first; opt_out: until refused; none" example:"opt_in"`
	Honor       *document.WordList `yaml:"honor" help:"which opt-out signals bind here; all when left out" example:"[gpc, gpp, usp]"`
	OptOutScope document.Words     `yaml:"opt_out_scope" choices:"all,targeted_only" help:"targeted_only: an opt-out leaves conversions (ads) alone" example:"targeted_only"`
}

// europe is where the law asks first, as countries and groups of them.
const europe = "EEA GB GG JE IM GI CH"

// Country groups, of 2026-08: ISO 3166-1.
var countryGroups = map[string][]string{
	"EU": strings.Fields("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE " +
		"GP GF MQ YT RE MF AX"), // with the outermost regions that have codes of their own
	"EEA": strings.Fields("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE " +
		"GP GF MQ YT RE MF AX IS LI NO"),
}

// Defaults are defaults that an operator can change, not legal advice. Consent is asked for first everywhere but in
// the US states with a comprehensive privacy law, which is one of opting out. Every opt-out signal binds everywhere.
func Defaults() Config {
	rule := func(name, in, model string) RuleConfig {
		return RuleConfig{Name: name, In: document.ListOfWords(strings.Fields(in)...), Model: document.Words{Value: model}}
	}
	return Config{
		Unknown: document.Words{Value: OptIn},
		Rules: []RuleConfig{
			rule("europe", europe, OptIn),
			rule("us_privacy_states", "US-CA US-CO US-CT US-DE US-MD US-MN US-MT US-NE US-NH US-NJ US-OR US-TX "+
				"US-VA US-UT US-IA US-IN US-TN US-KY US-RI US-FL", OptOut),
			rule("world", "*", OptIn),
		},
	}
}

// Compile checks the regions and makes them ready to be asked.
func (c *Config) Compile(ms *document.Mistakes) Rules {
	models := []string{OptIn, OptOut, NoRule}
	out := Rules{Unknown: Rule{Name: event.UnknownRegion, Model: c.Unknown.Value, honor: honored(c.Unknown.Value, nil)}}
	c.Unknown.CheckOneOf(ms, "unknown", models...)
	var catchAll bool
	seen := map[string]bool{}
	for i := range c.Rules {
		rule := &c.Rules[i]
		rule.Model.CheckOneOf(ms, "model", models...)
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
		one := rule.compile(ms)
		catchAll = catchAll || one.all
		out.list = append(out.list, one)
	}
	if !catchAll {
		ms.Add(c.At, "no region holds for the rest of the world", `end the list with {name: world, in: ["*"], model: opt_in}`)
	}
	return out
}

func (r *RuleConfig) compile(ms *document.Mistakes) Rule {
	out := Rule{Name: r.Name, Model: r.Model.Value, in: map[string]bool{}, parts: map[string]bool{}}
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
			if !slices.Contains(OptOutFamilies, w.Value) {
				ms.Add(w.At, fmt.Sprintf("no opt-out signal is called %q", w.Value), document.DidYouMean(w.Value, OptOutFamilies))
			}
		}
	}
	out.honor = honored(out.Model, r.Honor)
	if r.OptOutScope.Value != "" {
		r.OptOutScope.CheckOneOf(ms, "opt_out_scope", "all", "targeted_only")
		out.Targeted = r.OptOutScope.Value == "targeted_only"
	}
	return out
}

// OptOutFamilies are the signals by which a visitor opts out.
var OptOutFamilies = []string{signals.FamilyGPC, signals.FamilyGPP, signals.FamilyUSP}

// honored returns which opt-out signals bind: all unless the rule lists them; under opt-in GPC is an objection anyway.
func honored(model string, listed *document.WordList) map[string]bool {
	out := map[string]bool{}
	if listed == nil {
		for _, f := range OptOutFamilies {
			out[f] = true
		}
	} else {
		for _, w := range *listed {
			out[w.Value] = true
		}
	}
	if model == OptIn {
		out[signals.FamilyGPC] = true
	}
	// What a person said to the site itself binds everywhere.
	out[signals.FamilyCMP], out[signals.FamilyEvent] = true, true
	return out
}
