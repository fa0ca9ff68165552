package table

import (
	"bytes"
	"strings"
	"testing"
)

// What the page must say, by hand: the purposes that are delivered, in their order, by what came and from where. Nothing but
// the states of the law of opting out may deliver on silence, and no opt-out may deliver ads anywhere.
func TestTheTableOfTheDefaultPolicy(t *testing.T) {
	const none, all, noAds = "no no no no no", "yes yes yes yes yes", "yes yes no no no"
	asked := map[string]string{ // where consent is asked first
		"nothing":                                                 none,
		"everything accepted":                                     all,
		"everything refused":                                      none,
		"analytics accepted, ads refused":                         "no yes no no no",
		"the consent tool's preset, not answered yet":             none,
		"an answer of 14 months ago that accepts everything":      none,
		"`ad_storage` granted, `ad_user_data` not mentioned":      none,
		"consent mode, granted by the visitor's answer":           "no yes yes yes yes",
		"consent mode, granted by default":                        none,
		"consent mode, denied by default":                         none,
		"TCF, all purposes consented to":                          all,
		"TCF, all purposes refused":                               none,
		"TCF, unreadable":                                         none,
		"Global Privacy Control":                                  none,
		"everything accepted, and Global Privacy Control":         noAds,
		"everything accepted, and `us_privacy=1YYN`":              noAds,
		"`us_privacy=1YNN`: not opted out":                        none,
		"everything accepted, and GPP: sale opted out of":         noAds,
		"everything accepted, and GPP: its GPC bit":               noAds,
		`everything accepted, and a consent tool's "do not sell"`: noAds,
		"everything accepted, and Do Not Track":                   all,
	}
	optOutLaw := map[string]string{ // what differs where the law is one of opting out
		"nothing":                         all,
		"analytics accepted, ads refused": noAds,
		"the consent tool's preset, not answered yet":        all,
		"an answer of 14 months ago that accepts everything": all,
		"`ad_storage` granted, `ad_user_data` not mentioned": all,
		"consent mode, granted by the visitor's answer":      all,
		"consent mode, granted by default":                   all,
		"consent mode, denied by default":                    "yes no no no no",
		"TCF, unreadable":                                    all,
		"Global Privacy Control":                             noAds,
		"`us_privacy=1YNN`: not opted out":                   all,
	}
	sections := bytes.Split(Page(), []byte("\n## "))[1:]
	if len(sections) != len(tablePlaces) {
		t.Fatalf("%d sections", len(sections))
	}
	models := map[string]int{}
	for _, section := range sections {
		title, rows, _ := strings.Cut(string(section), "\n")
		california := strings.HasPrefix(title, "California: us_privacy_states (opt_out)")
		if !california && !strings.HasSuffix(title, "(opt_in)") {
			t.Errorf("%s", title)
		}
		models[title[strings.LastIndexByte(title, '('):]]++
		seen := 0
		for row := range strings.Lines(rows) {
			cells := strings.Split(strings.TrimSpace(row), " | ")
			if len(cells) != 7 {
				continue
			}
			what := strings.TrimPrefix(cells[0], "| ")
			want, ok := asked[what]
			if !ok {
				continue // the head
			}
			seen++
			if other, differs := optOutLaw[what]; california && differs {
				want = other
			}
			if got := strings.ReplaceAll(strings.Join(cells[1:6], " "), "*", ""); got != want {
				t.Errorf("%s, %s: %s, want %s (%s)", title, what, got, want, cells[6])
			}
		}
		if seen != len(asked) || seen != len(sightings) {
			t.Errorf("%s has %d rows, want %d", title, seen, len(asked))
		}
	}
	if models["(opt_out)"] != 1 {
		t.Errorf("%v", models)
	}
}
