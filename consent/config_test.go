package consent

import (
	"testing"

	"headgate/document"
)

func TestMistakesInTheConsentSection(t *testing.T) {
	for yaml, want := range map[string]string{
		"mode: monitored":                                        `c.yaml:1:7: "mode" takes enforce or monitor, not "monitored"; did you mean "monitor"?`,
		"combine: strict":                                        `c.yaml:1:10: "combine" takes strictest or first, not "strict"`,
		"sources: [evnt]":                                        `c.yaml:1:11: no source of consent is called "evnt"; did you mean "event"?`,
		"sources: [tcf, tcf]":                                    `c.yaml:1:16: the source "tcf" is listed twice`,
		"surces: auto":                                           `c.yaml:1:1: unknown key "surces"; did you mean "sources"?`,
		"cmp: {onetrst: {}}":                                     `c.yaml:1:7: no consent tool is called "onetrst"; did you mean "onetrust"?`,
		"cmp: {onetrust: {map: {C0002: analytcs}}}":              `c.yaml:1:31: no purpose is called "analytcs"; did you mean "analytics"?`,
		"cmp: {onetrust: {map: {C0004: [ads, market]}}}":         `c.yaml:1:37: no purpose is called "market"; there is necessary, functional, analytics, ads, personalized_ads, sharing`,
		"regions: {unknown: optin}":                              `c.yaml:1:20: "unknown" takes opt_in, opt_out or none, not "optin"; did you mean "opt_in"?`,
		"regions: {rules: [{name: eu, in: EEA, model: opt_in}]}": `c.yaml:1:10: no region holds for the rest of the world; end the list with {name: world, in: ["*"], model: opt_in}`,
		"regions: {rules: [{name: a, in: [Germany, \"*\"], model: none}]}":                        `c.yaml:1:34: "Germany" is no place; write a country (DE), a part of one (US-CA), EEA, EU or *`,
		"regions: {rules: [{name: a, in: \"*\", model: none}, {name: b, in: DE, model: opt_in}]}": `c.yaml:1:52: the region "b" is never reached; move it above the one with in: ["*"]`,
		"regions: {rules: [{name: a, in: DE, model: none}, {name: a, in: \"*\", model: opt_in}]}": `c.yaml:1:51: two regions are called "a"; give each a name of its own`,
		"regions: {rules: [{name: a, in: \"*\", model: none, honor: [dnt]}]}":                     `c.yaml:1:59: no opt-out signal is called "dnt"; there is gpc, gpp, usp`,
		"regions: {rules: [{name: a, in: \"*\", model: none, opt_out_scope: targeted}]}":          `c.yaml:1:66: "opt_out_scope" takes all or targeted_only, not "targeted"`,
		"regions: {rules: [{name: unknown, in: \"*\", model: none}]}":                             `c.yaml:1:19: a region cannot be called "unknown"; that is what records say when no country is known`,
		"purposes: {ads: {}}":               `c.yaml:1:12: the purpose "ads" is there already; choose another name, or use it as it is`,
		"purposes: {Survey: {}}":            `c.yaml:1:12: "Survey" is no name for a purpose; use small letters, digits and _`,
		"purposes: {survey: {tcf: [25]}}":   `c.yaml:1:20: TCF has no purpose 25; they count from 1 to 24`,
		"purposes: {survey: {google: add}}": `c.yaml:1:29: Google has no consent type "add"`,
		"redact: {cookieless: {}}":          `c.yaml:1:10: the redaction profile "cookieless" is built in; choose another name`,
		"redact: {own: {id: delete}}":       `c.yaml:1:20: "id" takes keep, rotate or drop, not "delete"`,
		"redact: {own: {only: page.ulr}}":   `c.yaml:1:22: no field is called "page.ulr"; did you mean "page.url"?`,
		"p1_not_required: [Germany]":        `c.yaml:1:19: "Germany" is no country; write the two capital letters of ISO 3166: DE`,
		"scrub: [url]":                      `c.yaml:1:9: personal data is not looked for in "url"; did you mean "urls"?`,
	} {
		c := Defaults()
		n, ms := document.Parse("c.yaml", []byte(yaml))
		ms = append(ms, document.Decode(n, &c)...)
		_, more := New(c)
		if err := append(ms, more...).Err(); err == nil || err.Error() != want {
			t.Errorf("%s\n got: %v\nwant: %s", yaml, err, want)
		}
	}
}

func TestMistakesInANeed(t *testing.T) {
	for _, c := range []struct{ config, need, want string }{
		{"", "{reason: x}", "d.yaml:1:1: it does not say what consent it needs; write needs: [analytics], needs: [ads], or needs: none with a reason:"},
		{"", "{needs: none}", `d.yaml:1:1: needs: none without a reason; say why no consent is needed: reason: "..."`},
		{"", "{needs: none, any_of: [ads], reason: x}", "d.yaml:1:1: it needs purposes and none at once; write the purposes, or needs: none with a reason:"},
		{"", "{needs: [ad]}", `d.yaml:1:1: no purpose is called "ad"; did you mean "ads"?`},
		{"", "{needs: [ads], redact: cookiless}", `d.yaml:1:24: no redaction profile is called "cookiless"; did you mean "cookieless"?`},
		{"", "{needs: [ads], redact: own}", `d.yaml:1:24: no redaction profile is called "own"; there is aggregate, cnil_proxy, cookieless`},
		{"", "{needs: [ads], vendor: {li: [1]}}", `d.yaml:1:1: TCF purpose 1 can never rest on legitimate interest; name it under consent:`},
		{"", "{needs: [ads], vendor: {tcf: 7, consent: [1, 25]}}", `d.yaml:1:1: TCF has no purpose 25; they count from 1 to 24`},
		{"", "{needs: [ads], vendor: {tcf: 7, consent: [7], li: [7]}}", `d.yaml:1:1: TCF purpose 7 rests on consent and on legitimate interest at once; name it in one list, and under flexible: if the publisher may choose`},
		{"", "{needs: [ads], vendor: {tcf: 7, consent: [1], flexible: [7]}}", `d.yaml:1:1: TCF purpose 7 is flexible, but in neither list; name what it rests on: consent: or li:`},
		{"{sources: [gpc], regions: {rules: [{name: eu, in: '*', model: opt_in}]}}", "{needs: [ads]}",
			`d.yaml:1:1: nothing can grant "ads" where consent is asked first; list a source that can grant it under consent: sources, or map a category of your consent tool to it`},
		{"{sources: [tcf], purposes: {surveys: {}}}", "{needs: [surveys]}",
			`d.yaml:1:1: nothing can grant "surveys" where consent is asked first; list a source that can grant it under consent: sources, or map a category of your consent tool to it`},
		{"{sources: [cmp], purposes: {surveys: {}}, cmp: {klaro: {map: {poll: surveys}}}}", "{needs: [surveys]}", ""},
		{"{sources: [tcf]}", "{needs: [sharing]}", ""},
		{"{sources: [gpc], regions: {unknown: none, rules: [{name: all, in: '*', model: opt_out}]}}", "{needs: [ads]}", ""},
		{"", "{needs: [ads, sharing], vendor: {tcf: 755, consent: [1], li: [7]}}", ""},
	} {
		p := policy(t, c.config)
		got := ""
		if err := p.Check(needing(t, c.need), document.Place{}).Err(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n got: %s\nwant: %s", c.need, got, c.want)
		}
	}
}

func TestAnAdsDestinationThatNeedsOnlyAnalyticsIsWarnedOf(t *testing.T) {
	p := policy(t, "")
	if ms := p.Warn(needing(t, "{needs: [analytics]}"), true, document.Place{}); len(ms) != 1 {
		t.Errorf("%v", ms)
	}
	for _, need := range []string{"{needs: [ads]}", "{needs: none, reason: x}"} {
		if ms := p.Warn(needing(t, need), true, document.Place{}); len(ms) != 0 {
			t.Errorf("%s: %v", need, ms)
		}
	}
	if ms := p.Warn(needing(t, "{needs: [analytics]}"), false, document.Place{}); len(ms) != 0 {
		t.Errorf("no ads destination: %v", ms)
	}
}
