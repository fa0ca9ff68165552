package consent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headgate/document"
)

// Warnings lists where the section allows what the defaults would stop. All of it is valid, and some of it is right for a site,
// but those responsible for privacy should know.
func (c *Config) Warnings() document.Mistakes {
	var ms document.Mistakes
	if c.Mode.Value == "monitor" {
		ms.Add(c.Mode.At, "consent is only monitored: events are delivered whatever was refused", "")
	}
	if c.Combine.Value == "first" {
		ms.Add(c.Combine.At, "combine is first: a refusal is ignored where a source listed before it grants", "write combine: strictest, unless the later sources are known to be wrong")
	}
	c.warnOfSources(&ms)
	c.warnOfAge(&ms)
	c.Regions.warn(&ms)
	return ms
}

// warnOfSources names the opt-outs that are ignored.
func (c *Config) warnOfSources(ms *document.Mistakes) {
	var ignored document.Mistakes // the mistakes in the list are reported by New
	listed := c.compileSources(&ignored)
	var missing []string
	for _, f := range optOutFamilies {
		if _, ok := listed[f]; !ok {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return
	}
	at := c.At
	if len(c.Sources) > 0 {
		at = c.Sources[0].At
	}
	ms.Add(at, fmt.Sprintf("sources leaves out %s: such an opt-out is ignored everywhere", document.Enumerate(missing, "and")), "add it to the list, or write auto")
}

// longestAge is what TCF sets as the longest time after which to ask again: 13 months.
const longestAge = 400 * 24 * time.Hour

func (c *Config) warnOfAge(ms *document.Mistakes) {
	switch age := c.MaxAge.Std(); {
	case age == 0:
		ms.Add(c.At, "max_age is 0: an answer counts for ever", "write max_age: 395d, after which TCF asks again")
	case age > longestAge:
		ms.Add(c.At, fmt.Sprintf("max_age is %s: TCF asks again after 13 months", days(age)), "write max_age: 395d or less")
	}
}

// warn names the rules that allow what European law forbids, and the opt-outs that a rule does not honour.
func (r *Regions) warn(ms *document.Mistakes) {
	var ignored document.Mistakes // the mistakes in the rules are reported by New
	compiled := r.compile(&ignored)
	if m := r.Unknown.Value; m != optIn {
		ms.Add(r.Unknown.At, fmt.Sprintf("visitors whose country is not known are under %s, and some of them are in Europe: they get no say first", m), "write unknown: opt_in")
	}
	held := compiled.inEurope()
	for i := range r.Rules {
		rule, written := &compiled.rules[i], &r.Rules[i]
		places := held[rule]
		if len(places) > 0 && rule.model != optIn {
			ms.Add(written.Model.At, fmt.Sprintf("the region %q is %s for %s, where the law asks first", rule.name, rule.model, some(places)),
				fmt.Sprintf("put {name: europe, in: [%s], model: opt_in} above it", strings.Join(strings.Fields(europe), ", ")))
		}
		if len(places) > 0 && rule.targeted {
			ms.Add(written.OptOutScope.At, fmt.Sprintf("in the region %q an objection from %s leaves ads alone", rule.name, some(places)), "keep opt_out_scope: targeted_only to the US states")
		}
		var deaf []string
		for _, f := range optOutFamilies {
			if !rule.honor[f] {
				deaf = append(deaf, f)
			}
		}
		if len(deaf) > 0 {
			ms.Add(written.At, fmt.Sprintf("the region %q ignores an opt-out by %s", rule.name, document.Enumerate(deaf, "or")), "leave honor out: an opt-out binds everywhere")
		}
	}
}

// inEurope returns, for each rule, the places in Europe that it holds for.
func (r *regions) inEurope() map[*regionRule][]string {
	var places []string
	for _, place := range strings.Fields(europe) {
		if group := countryGroups[place]; group != nil {
			places = append(places, group...)
		} else {
			places = append(places, place)
		}
	}
	countries := len(places)
	for i := range r.rules {
		for _, place := range slices.Sorted(maps.Keys(r.rules[i].in)) {
			if country, _, divided := strings.Cut(place, "-"); divided && slices.Contains(places[:countries], country) {
				places = append(places, place)
			}
		}
	}
	held := map[*regionRule][]string{}
	for _, place := range places {
		country, part, _ := strings.Cut(place, "-")
		rule := r.find(country, part)
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
