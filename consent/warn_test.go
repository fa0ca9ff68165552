package consent

import (
	"strings"
	"testing"

	"headgate/document"
)

func TestWhatLetsPassMoreThanTheDefaultsIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		want       []string
	}{
		{"the defaults", "", nil},
		{"the defaults, written out", "{mode: enforce, combine: strictest, sources: auto, max_age: 395d, regions: {unknown: opt_in, rules: [" +
			`{name: europe, in: [EEA, GB, GG, JE, IM, GI, CH], model: opt_in}, {name: us, in: [US-CA], model: opt_out, honor: [gpc, gpp, usp], opt_out_scope: targeted_only}, {name: world, in: "*", model: opt_in}]}}`, nil},
		{"opt_out outside of Europe is the law's", `regions: {rules: [{name: us, in: US, model: opt_out}, {name: world, in: "*", model: opt_in}]}`, nil},
		{"monitor", "mode: monitor", []string{"c.yaml:1:7: consent is only monitored: events are delivered whatever was refused"}},
		{"first", "combine: first", []string{"c.yaml:1:10: combine is first: a refusal is ignored where a source listed before it grants; write combine: strictest, unless the later sources are known to be wrong"}},
		{"no opt-outs among the sources", "sources: [tcf, cmp, gpc]", []string{"c.yaml:1:11: sources leaves out gpp and usp: such an opt-out is ignored everywhere; add it to the list, or write auto"}},
		{"no sources", "sources: []", []string{"c.yaml:1:1: sources leaves out gpc, gpp and usp: such an opt-out is ignored everywhere; add it to the list, or write auto"}},
		{"answers that never expire", "max_age: 0s", []string{"c.yaml:1:1: max_age is 0: an answer counts for ever; write max_age: 395d, after which TCF asks again"}},
		{"answers of long ago", "max_age: 3y", []string{"c.yaml:1:1: max_age is 1095 days: TCF asks again after 13 months; write max_age: 395d or less"}},
		{"unknown places are let pass", "regions: {unknown: none}", []string{"c.yaml:1:20: visitors whose country is not known are under none, and some of them are in Europe: they get no say first; write unknown: opt_in"}},
		{"opt_out for everybody", `regions: {rules: [{name: all, in: "*", model: opt_out}]}`, []string{
			`c.yaml:1:47: the region "all" is opt_out for AT, BE, BG and 40 more, where the law asks first; put {name: europe, in: [EEA, GB, GG, JE, IM, GI, CH], model: opt_in} above it`}},
		{"no rule for one country", `regions: {rules: [{name: uk, in: UK, model: none}, {name: world, in: "*", model: opt_in}]}`, []string{
			`c.yaml:1:45: the region "uk" is none for GB, where the law asks first; put {name: europe, in: [EEA, GB, GG, JE, IM, GI, CH], model: opt_in} above it`}},
		{"no rule for a part of one", `regions: {rules: [{name: bavaria, in: DE-BY, model: none}, {name: world, in: "*", model: opt_in}]}`, []string{
			`c.yaml:1:53: the region "bavaria" is none for DE-BY, where the law asks first; put {name: europe, in: [EEA, GB, GG, JE, IM, GI, CH], model: opt_in} above it`}},
		{"an opt-out that binds nobody", `regions: {rules: [{name: us, in: US, model: opt_out, honor: []}, {name: world, in: "*", model: opt_in, honor: [usp]}]}`, []string{
			`c.yaml:1:19: the region "us" ignores an opt-out by gpc, gpp or usp; leave honor out: an opt-out binds everywhere`,
			`c.yaml:1:66: the region "world" ignores an opt-out by gpp; leave honor out: an opt-out binds everywhere`}},
		{"an objection that leaves ads alone in Europe", `regions: {rules: [{name: all, in: "*", model: opt_in, opt_out_scope: targeted_only}]}`, []string{
			`c.yaml:1:70: in the region "all" an objection from AT, BE, BG and 40 more leaves ads alone; keep opt_out_scope: targeted_only to the US states`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Defaults()
			n, ms := document.Parse("c.yaml", []byte(c.yaml))
			if err := append(ms, document.Decode(n, &config)...).Err(); err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := config.Warnings().Err(); err != nil {
				got = err.Error()
			}
			if want := strings.Join(c.want, "\n"); got != want {
				t.Errorf("\n got: %s\nwant: %s", got, want)
			}
		})
	}
}
