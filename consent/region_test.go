package consent

import (
	"fmt"
	"testing"

	"headgate/consent/iab/iabtest"
	"headgate/consent/region"
	"headgate/consent/signals"
	"headgate/event"
	"headgate/event/wording"
)

// optOutVisits are all the ways in which an opt-out arrives, each beside a yes to everything.
func optOutVisits() map[string]visit {
	yes := func(v visit) visit {
		for _, purpose := range builtIn {
			v.page.Add(purpose, event.Boolean(true))
		}
		return v
	}
	return map[string]visit{
		"the header Sec-GPC":         yes(visit{headers: gpcHeader}),
		"the GPC flag of gcd":        yes(visit{params: consentMode("gcd", "13r3r3r3r9l1")}),
		"us_privacy":                 yes(visit{query: "us_privacy=1YYN"}),
		"usprivacy":                  yes(visit{cookie: "usprivacy=1YYN"}),
		"GPP, the national section":  yes(visit{query: "gpp=" + iabtest.GPP(iabtest.Section(7, iabtest.National(1, 2, 2, 2)))}),
		"GPP, California":            yes(visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(1, 2)))}),
		"GPP, the GPC sub-section":   yes(visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)+".YA"))}),
		"GPP with US Privacy inside": yes(visit{query: "gpp=" + iabtest.GPP(iabtest.Section(6, "1YYN"))}),
	}
}

func TestAnOptOutBindsInEveryRegionUnderEveryModel(t *testing.T) {
	configs := []string{"", everywhereOptOut, "combine: first",
		`regions: {unknown: opt_out, rules: [{name: all, in: "*", model: opt_in}]}`,
		`regions: {unknown: none, rules: [{name: all, in: "*", model: none}]}`}
	for name, v := range optOutVisits() {
		for _, config := range configs {
			p := policy(t, config)
			for _, place := range places {
				v.place = place
				h, e := v.hit()
				r := p.Resolve(h, e)
				if got := signs(r.States); got != "+++---" {
					t.Errorf("%s, %q, from %q: %s\n%+v", name, config, place, got, r.States)
				}
			}
		}
	}
}

// The list of the facts: every other place asks first.
func TestTheDefaultRegions(t *testing.T) {
	p := policy(t, "")
	for _, state := range []string{"CA", "CO", "CT", "DE", "MD", "MN", "MT", "NE", "NH", "NJ", "OR", "TX",
		"VA", "UT", "IA", "IN", "TN", "KY", "RI", "FL"} {
		if rule := p.regions.Find("US", state); rule.Model != region.OptOut || rule.Name != "us_privacy_states" {
			t.Errorf("US-%s: %s, %s", state, rule.Name, rule.Model)
		}
	}
	letters := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, a := range letters {
		for _, b := range letters {
			code := fmt.Sprintf("%c%c", a, b)
			if rule := p.regions.Find(code, ""); rule.Model != region.OptIn {
				t.Errorf("%s: %s, %s", code, rule.Name, rule.Model)
			}
			if code != "US" {
				if rule := p.regions.Find(code, "CA"); rule.Model != region.OptIn {
					t.Errorf("%s-CA: %s, %s", code, rule.Name, rule.Model)
				}
			}
		}
	}
}

func TestACountryHasOneRuleHoweverItsCodeIsWritten(t *testing.T) {
	p := policy(t, `regions: {rules: [{name: europe, in: [UK, el, FX, us-ca], model: none}, {name: world, in: "*", model: opt_in}]}`)
	for place, rule := range map[string]string{"GB": "europe", "UK": "europe", "uk": "europe", "GR": "europe", "EL": "europe", "FR": "europe",
		"fx": "europe", "US-CA": "europe", "us-ca": "europe", "DE": "world", "EU": "unknown", "AP": "unknown", "XX": "unknown", "T1": "unknown"} {
		h, e := visit{place: place}.hit()
		if r := p.Resolve(h, e); r.Rule != rule {
			t.Errorf("%s is under %s, want %s", place, r.Rule, rule)
		}
	}
	// California's section goes before the national one, whichever way the country is written.
	h, e := visit{place: "us-ca", query: "gpp=" + iabtest.GPP(iabtest.Section(7, iabtest.National(1, 2, 2, 2)), iabtest.Section(8, iabtest.California(2, 2)))}.hit()
	if r := policy(t, "").Resolve(h, e); signs(r.States) != "++++++" || r.Country != "US" {
		t.Errorf("%s from %s", signs(r.States), r.Country)
	}
}

// Ads takes ad_storage and ad_user_data. Signals of one family may each say one of them.
func TestPartsOfAPurposeFromSeveralSignals(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"one part", "_c=ad_storage:1", "+-----"},
		{"both, of two signals", "_c=ad_storage:1&_c=ad_user_data:1", "+--+-+"},
		{"one of them is a preset", "_c=ad_storage:1&_c=preset:1,ad_user_data:1", "+-----"},
		{"one of them is refused", "_c=ad_storage:1,ad_user_data:1&_c=ad_user_data:0", "+-----"},
		{"another part is refused", "_c=ad_storage:1&_c=ad_user_data:1&_c=analytics_storage:0,ad_personalization:1", "+--+++"},
		{"of two families", "_c=ad_storage:1&gcs=G11-&gcu=1", "+-----"},
	} {
		h, e := visit{place: "DE", query: c.query}.hit()
		if r := policy(t, "").Resolve(h, e); signs(r.States) != c.want {
			t.Errorf("%s: %s, want %s\n%+v", c.name, signs(r.States), c.want, r)
		}
	}
	h, e := visit{place: "DE", query: "_c=ad_storage:1&_c=ad_user_data:1"}.hit()
	r := policy(t, "").Resolve(h, e)
	if got := wording.Source(&r, &r.States[signals.AtAds]); got != "_c (ad_storage) and _c (ad_user_data)" {
		t.Errorf("%s", got)
	}
}
