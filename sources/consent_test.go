package sources_test

import (
	"slices"
	"strings"
	"testing"

	"headgate/sources"
)

// Google's types are parts of purposes: to read one as the whole purpose would grant ads by ad_storage alone.
func TestGooglesConsentTypesAreKeptAsTheyWereSaid(t *testing.T) {
	for name, h := range map[string]struct{ method, target, body string }{
		"events":  {"POST", "/e", `{"name":"a","consent":{"ad_storage":"granted","analytics_storage":false}}`},
		"path":    {"POST", "/e", `{"name":"a","consent.ad_storage":true,"consent.Analytics_Storage":"denied"}`},
		"pixel":   {"GET", "/p.gif?name=a&consent.ad_storage=granted&consent.analytics_storage=0", ""},
		"segment": {"POST", "/v1/track", `{"event":"a","anonymousId":"1","context":{"consent":{"categoryPreferences":{"ad_storage":true,"analytics_storage":false}}}}`},
	} {
		hit := newHit(h.method, h.target, h.body)
		r, err := claimant(t, open(t, "", sources.Limits{}), hit).Read(hit)
		if err != nil || len(r.Events) != 1 {
			t.Errorf("%s: %v, %d events", name, err, len(r.Events))
			continue
		}
		var said []string
		for _, p := range r.Events[0].Consent {
			said = append(said, p.Key+"="+p.Value.Text())
		}
		slices.Sort(said)
		if got := strings.Join(said, " "); got != "ad_storage=true analytics_storage=false" {
			t.Errorf("%s: %s", name, got)
		}
	}
}
