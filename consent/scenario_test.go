package consent

import (
	"strings"
	"testing"
	"time"

	"headgate/consent/iab/iabtest"
	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wording"
)

// A day on which the answers of the cases are fresh.
var today = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// policy returns the policy of a `consent:` section.
func policy(t testing.TB, yaml string, needs ...Need) *Policy {
	t.Helper()
	c := Defaults()
	n, ms := document.Parse("consent.yaml", []byte(yaml))
	ms = append(ms, document.Decode(n, &c)...)
	p, more := New(c, needs...)
	if err := append(ms, more...).Err(); err != nil {
		t.Fatal(err)
	}
	p.Personal.Blocks = blocks
	return p
}

// blocks are declared as sources declare them.
var blocks = []event.Block{
	{Param: "ga4", Query: true},
	{Param: "segment", Categories: "consent.categoryPreferences", Allowed: "consentManagement.allowedConsentIds", Denied: "consentManagement.deniedConsentIds"},
}

// visit is a hit and its event.
type visit struct {
	place   string // DE, US-CA
	cookie  string
	query   string
	headers event.Headers
	page    event.Map
	params  event.Map
}

func (v visit) hit() (*event.Hit, *event.Event) {
	e := &event.Event{ID: "1", Name: "page_view", Received: today, Consent: v.page, Params: v.params}
	e.Geo.Country, e.Geo.Region, _ = strings.Cut(v.place, "-")
	return &event.Hit{Cookie: v.cookie, Query: v.query, Headers: v.headers, Received: today}, e
}

func pairs(kv ...any) (m event.Map) {
	for i := 0; i < len(kv); i += 2 {
		v, _ := event.ValueOf(kv[i+1])
		m.Add(kv[i].(string), v)
	}
	return m
}

var gpcHeader = event.Headers{{Name: "sec-gpc", Value: "1"}}

const (
	oneTrustYes = "OptanonConsent=interactionCount=1&groups=C0001%3A1%2CC0002%3A1%2CC0003%3A1%2CC0004%3A1; OptanonAlertBoxClosed=2026-11-02T08:00:00.000Z"
	oneTrustNo  = "OptanonConsent=interactionCount=1&groups=C0001%3A1%2CC0002%3A1%2CC0003%3A0%2CC0004%3A0; OptanonAlertBoxClosed=2026-11-02T08:00:00.000Z"
	oneTrustNew = "OptanonConsent=interactionCount=0&groups=C0001%3A1%2CC0002%3A1%2CC0003%3A1%2CC0004%3A1"
)

// everywhereOptOut is a policy under which silence grants.
const everywhereOptOut = `regions: {rules: [{name: all, in: "*", model: opt_out}]}`

// impliedInCanada is a Canadian TCF section in which all purposes rest on implied consent.
var impliedInCanada = iabtest.GPP(iabtest.Section(5, iabtest.Canada(today, 0, 0xffffff)))

// The states of the six purposes are written + for granted and - for denied, in their order.
func TestSignalsBecomeStates(t *testing.T) {
	for _, c := range []struct {
		name   string
		config string
		visit  visit
		want   string
		rule   string
	}{
		{"silence in Europe is a no", "", visit{place: "DE"}, "+-----", "europe"},
		{"silence in the rest of the world is a no", "", visit{place: "AU"}, "+-----", "world"},
		{"silence in Brazil is a no", "", visit{place: "BR"}, "+-----", "world"},
		{"silence in a US state without a law is a no", "", visit{place: "US-NY"}, "+-----", "world"},
		{"silence under opt-out is no objection", everywhereOptOut, visit{place: "AU"}, "++++++", "all"},
		{"silence from an unknown place is a no", "", visit{}, "+-----", "unknown"},
		{"an unknown place can be let pass", "regions: {unknown: none}", visit{}, "++++++", "unknown"},
		{"a California visitor is under its own rule", "", visit{place: "US-CA"}, "++++++", "us_privacy_states"},
		{"a visitor from somewhere in the US is treated as from the strictest part", "", visit{place: "US"}, "+-----", "world"},
		{"Tor is nowhere", "", visit{place: "T1"}, "+-----", "unknown"},
		{"the page's own yes is a choice", "", visit{place: "DE", page: pairs("analytics", true, "ads", false)}, "+-+---", "europe"},
		{"the page's preset is no choice", "", visit{place: "DE", page: pairs("analytics", true, "basis", "default")}, "+-----", "europe"},
		{"a yes that nobody understands is a no", "", visit{place: "US-CA", page: pairs("ads", "maybe")}, "+++---", "us_privacy_states"},
		{"words of the page's own, mapped", "cmp: {event: {map: {C0002: analytics}}}",
			visit{place: "DE", params: pairs("consent", pairs("C0002", true, "marketing", false))}, "+-+---", "europe"},
		{"categories of Segment", "", visit{place: "DE", params: pairs("segment",
			pairs("consent", pairs("categoryPreferences", pairs("Analytics", true, "Advertising", false))))}, "+-+---", "europe"},
		{"consent ids of RudderStack", "cmp: {event: {map: {one: analytics, two: ads}}}", visit{place: "DE", params: pairs("segment",
			pairs("consentManagement", pairs("allowedConsentIds", []any{"one"}, "deniedConsentIds", []any{"two"})))}, "+-+---", "europe"},
		{"a parameter of the site's own beside Google's", "", visit{place: "US-CA", params: append(consentMode("gcs", "G1--"), pairs("us_privacy", "1YYN")...)}, "+++---", "us_privacy_states"},
		{"OneTrust accepted", "", visit{place: "DE", cookie: oneTrustYes}, "++++++", "europe"},
		{"OneTrust accepted in part", "", visit{place: "DE", cookie: oneTrustNo}, "+-+---", "europe"},
		{"OneTrust not answered", "", visit{place: "DE", cookie: oneTrustNew}, "+-----", "europe"},
		{"OneTrust not answered where nobody asks", "", visit{place: "US-CA", cookie: oneTrustNew}, "++++++", "us_privacy_states"},
		{"a site's own map", "cmp: {onetrust: {map: {C0002: ads, C0004: analytics}}}", visit{place: "DE", cookie: oneTrustNo}, "+--+-+", "europe"},
		{"consent mode accepted", "", visit{place: "DE", params: consentMode("gcs", "G111", "gcd", "13r3r3r2r5l1")}, "+-++++", "europe"},
		{"consent mode refused", "", visit{place: "US-CA", params: consentMode("gcs", "G100", "gcd", "13q3q3q3q5l1")}, "++----", "us_privacy_states"},
		{"consent mode granted by default is no choice", "", visit{place: "DE", params: consentMode("gcs", "G111", "gcd", "13t3t3t3t5l1")}, "+-----", "europe"},
		{"consent mode denied by default denies where nobody asks", "", visit{place: "US-CA", params: consentMode("gcd", "13p3p3p3p5l1")}, "++----", "us_privacy_states"},
		{"consent mode not in use says nothing", "", visit{place: "US-CA", params: consentMode("gcd", "13l3l3l3l1l1")}, "++++++", "us_privacy_states"},
		{"gcs alone cannot tell an answer from a default", "", visit{place: "DE", params: consentMode("gcs", "G111")}, "+-----", "europe"},
		{"gcs after an update is an answer", "", visit{place: "DE", params: consentMode("gcs", "G111", "gcu", "1")}, "+-+---", "europe"},
		{"non-personalised ads", "", visit{place: "US-CA", params: consentMode("npa", "1")}, "++++-+", "us_privacy_states"},
		{"any refusal beats any grant", "", visit{place: "DE", cookie: oneTrustYes, params: consentMode("gcd", "13r3q3r3r5l1")}, "++-+++", "europe"},
		{"first takes the first that knows", "{combine: first, sources: [cmp, google]}",
			visit{place: "DE", cookie: oneTrustYes, params: consentMode("gcd", "13r3q3r3r5l1")}, "++++++", "europe"},
		{"GPC objects in Europe too", "", visit{place: "DE", cookie: oneTrustYes, headers: gpcHeader}, "+++---", "europe"},
		{"GPC binds in California", "", visit{place: "US-CA", headers: gpcHeader}, "+++---", "us_privacy_states"},
		{"an opt-out of targeted advertising only", `regions: {rules: [{name: all, in: "*", model: opt_out, opt_out_scope: targeted_only}]}`,
			visit{place: "US-CA", headers: gpcHeader}, "++++--", "all"},
		{"a rule that does not honour GPC", `regions: {rules: [{name: all, in: "*", model: opt_out, honor: []}]}`,
			visit{place: "US-CA", headers: gpcHeader}, "++++++", "all"},
		{"GPC objects wherever consent is asked first", `regions: {rules: [{name: all, in: "*", model: opt_in, honor: []}]}`,
			visit{place: "DE", cookie: oneTrustYes, headers: gpcHeader}, "+++---", "all"},
		{"a database that does not know", "", visit{place: "ZZ"}, "+-----", "unknown"},
		{"US Privacy opted out", "", visit{place: "US-CA", cookie: "usprivacy=1YYN"}, "+++---", "us_privacy_states"},
		{"US Privacy objects in Australia too", "", visit{place: "AU", cookie: "usprivacy=1YYN; " + oneTrustYes}, "+++---", "world"},
		{"a rule that does not honour US Privacy", `regions: {rules: [{name: all, in: "*", model: opt_out, honor: [gpc, gpp]}]}`,
			visit{place: "US-CA", cookie: "usprivacy=1YYN"}, "++++++", "all"},
		{"implied consent in Canada is no choice", "", visit{place: "CA-ON", query: "gpp=" + impliedInCanada + "&gpp_sid=5"}, "+-----", "world"},
		{"implied consent in Canada is enough under opt-out", everywhereOptOut, visit{place: "CA-ON", query: "gpp=" + impliedInCanada + "&gpp_sid=5"}, "++++++", "all"},
		{"US Privacy twice, the refusal counts", "", visit{place: "US-CA", query: "us_privacy=1YNN&us_privacy=1YYN"}, "+++---", "us_privacy_states"},
		{"a parameter that the source kept too counts once", "", visit{place: "US-CA", query: "us_privacy=1YNN", params: pairs("us_privacy", "1YNN")}, "++++++", "us_privacy_states"},
		{"US Privacy not opted out", "", visit{place: "US-CA", query: "us_privacy=1YNN"}, "++++++", "us_privacy_states"},
		{"only the value 1 of Sec-GPC is defined", "", visit{place: "US-CA", headers: event.Headers{{Name: "sec-gpc", Value: "true"}}}, "++++++", "us_privacy_states"},
		{"DNT binds nobody", "", visit{place: "US-CA", headers: event.Headers{{Name: "dnt", Value: "1"}}}, "++++++", "us_privacy_states"},
		{"a source that is not listed counts for nothing", "sources: [tcf]", visit{place: "DE", cookie: oneTrustYes}, "+-----", "europe"},
		{"an answer that is too old", "max_age: 10d", visit{place: "DE", cookie: oneTrustYes}, "+-----", "europe"},
		{"the compact value", "", visit{place: "DE", query: "_c=by:termly,t:1795000000,analytics:1,advertising:0"}, "+-+---", "europe"},
		{"the compact value as a preset", "", visit{place: "DE", query: "_c=preset:1,analytics:1"}, "+-----", "europe"},
		{"a purpose of one's own", "purposes: {surveys: {}}", visit{place: "DE", page: pairs("surveys", true)}, "+-----+", "europe"},
		{"where the tool saw the visitor only tightens", "", visit{place: "US-CA", cookie: "CookieConsent={stamp:%27x%27%2Cmethod:%27explicit%27%2Cstatistics:true%2Cregion:%27de%27}"}, "+-+---", "europe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policy(t, c.config)
			h, e := c.visit.hit()
			r := p.Resolve(h, e)
			if got := signs(r.States); got != c.want || r.Rule != c.rule {
				t.Errorf("%s under %s, want %s under %s\n%+v", got, r.Rule, c.want, c.rule, r)
			}
			seen := map[event.Signal]bool{}
			for _, s := range r.Signals {
				if seen[s] {
					t.Errorf("twice: %+v", s)
				}
				seen[s] = true
			}
			for _, s := range r.States {
				if yes, ok := e.Consent.Get(s.Purpose).Bool(); !ok || yes != (s.State == granted) {
					t.Errorf("the event says %v of %s, the record %s", yes, s.Purpose, s.State)
				}
			}
		})
	}
}

func consentMode(kv ...any) event.Map { return pairs("ga4", pairs(kv...)) }

func signs(states []event.State) (s string) {
	for _, one := range states {
		if one.State == granted {
			s += "+"
		} else {
			s += "-"
		}
	}
	return s
}

func TestWhatIsRememberedIsOnlyForItsInputs(t *testing.T) {
	base := func() *signals.Inputs {
		in := &signals.Inputs{Country: "US", Region: "CA"}
		in.Add(signals.Parameter("npa"), "npa", "1")
		return in
	}
	p := policy(t, "")
	r := p.resolve(base(), today)
	if !r.of(base()) {
		t.Fatal("the same inputs are not known again")
	}
	for name, change := range map[string]func(in *signals.Inputs){
		"country": func(in *signals.Inputs) { in.Country = "DE" },
		"region":  func(in *signals.Inputs) { in.Region = "NY" },
		"crowd":   func(in *signals.Inputs) { in.Crowded = true },
		"sender":  func(in *signals.Inputs) { in.Foreign = true },
		"value":   func(in *signals.Inputs) { in.All()[0].Value = "0" },
		"name":    func(in *signals.Inputs) { in.All()[0].Name = "x" },
		"format":  func(in *signals.Inputs) { in.All()[0].Format = signals.Parameter("gcs") },
		"number":  func(in *signals.Inputs) { in.Add(signals.Parameter("gcs"), "gcs", "G111") },
	} {
		in := base()
		if change(in); r.of(in) {
			t.Errorf("another %s is taken for the same", name)
		}
	}
}

func TestWhatASignalSaysIsRecorded(t *testing.T) {
	for _, c := range []struct {
		visit visit
		says  string
	}{
		{visit{place: "US-CA", cookie: "usprivacy=1---"}, "the law does not apply"},
		{visit{place: "US-CA", cookie: "usprivacy=1YN-"}, "not opted out"},
		{visit{place: "US-CA", cookie: "usprivacy=1YY-"}, "ads and personalized_ads and sharing denied"},
		{visit{place: "AU", params: consentMode("gcd", "13l3l3l3l1l1")}, "not set; consent mode is not in use"},
		{visit{place: "AU", params: consentMode("gcd", "13r3p3r3r5l1")}, "analytics denied by default, ads and personalized_ads granted"},
		{visit{place: "AU", params: consentMode("gcs", "G1--")}, "not set"},
		{visit{place: "AU", params: consentMode("npa", "0")}, "denies nothing"},
		{visit{place: "AU", cookie: "consentUUID=1"}, ""},
		{visit{place: "AU", cookie: oneTrustNew}, "functional and analytics and ads and personalized_ads granted by default (not answered yet)"},
		{visit{place: "AU", cookie: "OptanonConsent=groups=C0002%3A1%2CC0009%3A1"}, "analytics granted (no purpose is mapped to C0009)"},
		{visit{place: "AU", page: pairs("ads", true, "newsletter", true)}, "ads granted (newsletter is no purpose of this site)"},
		{visit{place: "AU", headers: event.Headers{{Name: "dnt", Value: "1"}}}, "asks not to be tracked"},
		{visit{place: "AU", page: pairs("ad_storage", "granted", "analytics", true)}, "analytics granted, ad_storage granted, a part only"},
	} {
		h, e := c.visit.hit()
		r := policy(t, "").Resolve(h, e)
		if len(r.Signals) != 1 || strings.ReplaceAll(wording.Says(&r, &r.Signals[0]), "necessary and ", "") != c.says {
			t.Errorf("%+v, want %q", r.Signals, c.says)
		}
	}
}

func TestSignalsThatDisagreeAreAConflict(t *testing.T) {
	h, e := visit{place: "DE", cookie: oneTrustYes, params: consentMode("gcd", "13r3q3r3r5l1")}.hit()
	if r := policy(t, "").Resolve(h, e); wording.Conflict(&r) != "analytics: granted by OptanonConsent, denied by gcd" {
		t.Errorf("%q", wording.Conflict(&r))
	}
	h, e = visit{place: "AU", cookie: oneTrustYes + "; usprivacy=1YYN"}.hit()
	if r := policy(t, "").Resolve(h, e); wording.Conflict(&r) != "ads: granted by OptanonConsent, denied by usprivacy" {
		t.Errorf("%q", wording.Conflict(&r))
	}
	h, e = visit{place: "AU", cookie: oneTrustYes + "; usprivacy=1YYN"}.hit()
	if r := policy(t, `regions: {rules: [{name: all, in: "*", model: opt_in, honor: [gpc]}]}`).Resolve(h, e); wording.Conflict(&r) != "" {
		t.Errorf("an opt-out without force: %q", wording.Conflict(&r))
	}
}

func TestALongValueIsRecordedByItsHash(t *testing.T) {
	h, e := visit{place: "DE", cookie: "euconsent-v2=" + freshTC}.hit()
	s := policy(t, "").Resolve(h, e).Signals[0]
	if len(s.Value) != len("sha256:")+64 || s.Name != "euconsent-v2" || s.Source != "tcf" || s.When.Format(time.DateOnly) != "2026-11-02" {
		t.Errorf("%+v", s)
	}
}

func TestAnAnswerGrowsOldWhileItIsRemembered(t *testing.T) {
	p := policy(t, "max_age: 30d")
	state := func(at time.Time) string {
		h, e := visit{place: "DE", cookie: oneTrustYes}.hit()
		h.Received = at
		return p.Resolve(h, e).States[signals.AtAnalytics].State
	}
	answered := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for _, days := range []int{1, 29, 31, 29, 40, 30} {
		want := granted
		if days > 30 {
			want = denied
		}
		if got := state(answered.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days it is %s", days, got)
		}
	}
}
