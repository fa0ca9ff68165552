package consent

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"
	"headgate/consent/people"
	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wording"
)

// needing makes a need of a few words of YAML.
func needing(t testing.TB, yaml string) Need {
	t.Helper()
	var written struct {
		Needs  *document.Node `yaml:"needs"`
		AnyOf  []string       `yaml:"any_of"`
		Reason string         `yaml:"reason"`
		Redact document.Words `yaml:"redact"`
		Vendor struct {
			TCF       int   `yaml:"tcf"`
			AC        int   `yaml:"ac"`
			Consent   []int `yaml:"consent"`
			LI        []int `yaml:"li"`
			Flexible  []int `yaml:"flexible"`
			Publisher bool  `yaml:"publisher"`
		} `yaml:"vendor"`
	}
	n, ms := document.Parse("d.yaml", []byte(yaml))
	ms = append(ms, document.Decode(n, &written)...)
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	v := written.Vendor
	need := Need{At: n.At, AnyOf: written.AnyOf, Reason: written.Reason, Refused: Refusal{Redact: written.Redact.Value, At: written.Redact.At},
		Vendor: Vendor{TCF: v.TCF, AC: v.AC, Consent: v.Consent, LI: v.LI, Flexible: v.Flexible, Publisher: v.Publisher}}
	switch {
	case written.Needs == nil:
	case written.Needs.Text == "none":
		need.None = true
	default:
		for _, purpose := range written.Needs.Items {
			need.Purposes = append(need.Purposes, purpose.Text)
		}
	}
	return need
}

func TestEveryReasonHasItsSentence(t *testing.T) {
	const adsDropped = "{needs: [ads]}"
	old := "OptanonConsent=interactionCount=1&groups=C0004%3A1; OptanonAlertBoxClosed=2025-01-02T08:00:00.000Z"
	for _, c := range []struct {
		name    string
		config  string
		visit   visit
		stops   []people.Stop
		need    string
		action  event.Action
		reason  event.Reason
		because string
	}{
		{name: "granted by a choice", visit: visit{place: "DE", cookie: oneTrustYes}, need: adsDropped,
			reason: event.Delivered, because: "ads: granted by OptanonConsent (C0004=1), answered 2026-11-02"},
		{name: "two purposes with one cause", visit: visit{place: "DE", cookie: oneTrustYes}, need: "{needs: [ads, sharing]}",
			reason: event.Delivered, because: "ads and sharing: granted by OptanonConsent (C0004=1), answered 2026-11-02"},
		{name: "two purposes with two causes", visit: visit{place: "DE", cookie: oneTrustNo, page: pairs("ads", true)}, need: "{needs: [analytics, functional]}",
			action: event.Deny, reason: event.PurposeDenied, because: "functional: denied by OptanonConsent (C0003=0), answered 2026-11-02"},
		{name: "nobody asked where silence is enough", visit: visit{place: "US-CA"}, need: adsDropped,
			reason: event.Delivered, because: "ads: nobody has refused, and us_privacy_states (opt_out) lets it pass until somebody does"},
		{name: "nobody asked in the rest of the world", visit: visit{place: "AU"}, need: adsDropped,
			action: event.Deny, reason: event.NoChoice, because: "ads: nobody has answered, and world (opt_in) asks first"},
		{name: "granted by default where that is enough", visit: visit{place: "US-CA", cookie: oneTrustNew}, need: "{needs: [analytics]}",
			reason: event.Delivered, because: "analytics: granted by default in OptanonConsent (C0002=1), and nobody has refused"},
		{name: "necessary", visit: visit{place: "DE"}, need: "{needs: [necessary]}",
			reason: event.Delivered, because: "necessary: needs no choice"},
		{name: "needs none", visit: visit{place: "DE"}, need: "{needs: none, reason: the site's own log}",
			reason: event.Delivered, because: "needs no consent: the site's own log"},
		{name: "any of several", visit: visit{place: "DE", cookie: oneTrustNo}, need: "{any_of: [ads, analytics]}",
			reason: event.Delivered, because: "analytics: granted by OptanonConsent (C0002=1), answered 2026-11-02"},
		{name: "none of several", visit: visit{place: "DE", page: pairs("ads", false, "analytics", false)}, need: "{any_of: [ads, analytics]}",
			action: event.Deny, reason: event.PurposeDenied,
			because: "ads: denied by consent of the event (ads=false); analytics: denied by consent of the event (analytics=false)"},
		{name: "denied by a choice", visit: visit{place: "DE", cookie: oneTrustNo}, need: adsDropped,
			action: event.Deny, reason: event.PurposeDenied, because: "ads: denied by OptanonConsent (C0004=0), answered 2026-11-02"},
		{name: "denied by what nobody understands", visit: visit{place: "AU", page: pairs("ads", "maybe")}, need: adsDropped,
			action: event.Deny, reason: event.PurposeDenied, because: "ads: denied by consent of the event (ads=maybe, which is neither true nor false)"},
		{name: "denied by consent mode", visit: visit{place: "AU", params: consentMode("gcd", "13r3q3q3q5l1")}, need: "{needs: [analytics]}",
			action: event.Deny, reason: event.PurposeDenied, because: "analytics: denied by gcd (analytics_storage denied by the visitor's answer)"},
		{name: "redacted", visit: visit{place: "DE", cookie: oneTrustNo}, need: "{needs: [ads], redact: cookieless}",
			action: event.Redact, reason: event.Redacted, because: "ads: denied by OptanonConsent (C0004=0), answered 2026-11-02; sent cookieless"},
		{name: "nobody has answered", visit: visit{place: "DE"}, need: adsDropped,
			action: event.Deny, reason: event.NoChoice, because: "ads: nobody has answered, and europe (opt_in) asks first"},
		{name: "a macro that nobody filled in is no answer", visit: visit{place: "DE", query: "gdpr_consent=${GDPR_CONSENT_755}"}, need: adsDropped,
			action: event.Deny, reason: event.NoChoice, because: "ads: nobody has answered, and europe (opt_in) asks first"},
		{name: "a default is no answer", visit: visit{place: "DE", cookie: oneTrustNew}, need: adsDropped,
			action: event.Deny, reason: event.NoChoice,
			because: "ads: nobody has answered, and europe (opt_in) asks first (OptanonConsent (C0004=1) grants it by default only)"},
		{name: "denied by default", visit: visit{place: "AU", params: consentMode("gcd", "13p3p3p3p5l1")}, need: "{needs: [analytics]}",
			action: event.Deny, reason: event.NoChoice,
			because: "analytics: nobody has answered, and gcd (analytics_storage denied by default) denies it by default"},
		{name: "opted out by GPC", visit: visit{place: "US-CA", headers: gpcHeader}, need: "{needs: [sharing]}",
			action: event.Deny, reason: event.OptedOutGPC, because: "sharing: opted out by Sec-GPC (1)"},
		{name: "opted out by GPC as consent mode tells it", visit: visit{place: "US-CO", params: consentMode("gcd", "13l3l3l3l9")}, need: adsDropped,
			action: event.Deny, reason: event.OptedOutGPC, because: "ads: opted out by gcd (Global Privacy Control)"},
		{name: "opted out by US Privacy", visit: visit{place: "US-CA", cookie: "usprivacy=1YYN"}, need: adsDropped,
			action: event.Deny, reason: event.OptedOutUSP, because: "ads: opted out by usprivacy (1YYN)"},
		{name: "opted out by GPP", visit: visit{place: "US-CA", query: "gpp=" + californiaOptOut + "&gpp_sid=8"}, need: adsDropped,
			action: event.Deny, reason: event.OptedOutGPP, because: "ads: opted out by gpp (usca SaleOptOut=1)"},
		{name: "TCF refused", visit: visit{place: "DE", cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: iab.Purposes(1, 7), Vendors: 800})}, need: adsDropped,
			action: event.Deny, reason: event.PurposeDenied, because: "ads: denied by euconsent-v2 (TCF purpose 2 selecting ads: refused), answered 2026-11-02"},
		{name: "the vendor was not consented to",
			visit: visit{place: "DE", cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Vendors: 700})},
			need:  "{needs: [ads], vendor: {tcf: 755, consent: [1, 3, 4]}}", action: event.Deny, reason: event.VendorDenied,
			because: "euconsent-v2 gives vendor 755 no basis for TCF purpose 1 storage on the device: the vendor was not consented to"},
		{name: "suppressed", visit: visit{place: "AU"}, stops: []people.Stop{{Subject: people.ClientSubject("c1")}}, need: adsDropped,
			action: event.Deny, reason: event.Suppressed, because: "ads: stopped by the suppression list (client id)"},
		{name: "suppressed, but necessary", visit: visit{place: "AU"}, stops: []people.Stop{{Subject: people.ClientSubject("c1")}}, need: "{needs: [necessary]}",
			reason: event.Delivered, because: "necessary: needs no choice"},
		{name: "suppressed, even redacted or without need", visit: visit{place: "AU"}, stops: []people.Stop{{Subject: people.ClientSubject("c1")}},
			need: "{needs: none, reason: log}", action: event.Deny, reason: event.Suppressed, because: "stopped by the suppression list (client id)"},
		{name: "a string that cannot be read", visit: visit{place: "DE", cookie: "euconsent-v2=true"}, need: adsDropped,
			action: event.Deny, reason: event.SignalInvalid,
			because: "ads: no valid choice, since euconsent-v2 is unreadable: no TCF version 2; europe (opt_in) asks first"},
		{name: "an answer that is too old", visit: visit{place: "DE", cookie: old}, need: adsDropped,
			action: event.Deny, reason: event.SignalExpired,
			because: "ads: no valid choice, since OptanonConsent is older than 395 days; europe (opt_in) asks first"},
		{name: "nobody knows from where", visit: visit{}, need: adsDropped, action: event.Deny, reason: event.RegionUnknown,
			because: "ads: nobody has answered and the visitor's country is not known, so it is asked first"},
		{name: "monitor", config: "mode: monitor", visit: visit{place: "DE", cookie: oneTrustNo}, need: adsDropped,
			action: event.Deliver, reason: event.PurposeDenied,
			because: "ads: denied by OptanonConsent (C0004=0), answered 2026-11-02 (monitored only: delivered anyway)"},
		{name: "monitor does not track the suppressed", config: "mode: monitor", visit: visit{place: "AU"}, stops: []people.Stop{{Subject: people.ClientSubject("c1")}},
			need: adsDropped, action: event.Deny, reason: event.Suppressed, because: "ads: stopped by the suppression list (client id)"},
		{name: "a need that says nothing", visit: visit{place: "AU"}, need: "{}", action: event.Deny, reason: event.NoChoice,
			because: "the destination does not say what consent it needs"},
		{name: "a purpose that nobody knows", visit: visit{place: "AU"}, need: "{needs: [adds]}", action: event.Deny, reason: event.NoChoice,
			because: "adds: nothing was recorded about it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := needing(t, c.need)
			p := policy(t, c.config, n)
			p.Suppression = &people.Suppression{}
			p.Suppression.Replace(c.stops)
			h, e := c.visit.hit()
			e.User.ClientID = "c1"
			r := p.Resolve(h, e)
			for range 2 { // and the same again
				got := p.Judge(&r, &n)
				if got.Action != c.action || got.Reason != c.reason || wording.Sentence(&got, &r) != c.because {
					t.Errorf("%s %s\n got: %s\nwant: %s", got.Action, got.Reason, wording.Sentence(&got, &r), c.because)
				}
				if (got.Profile != "") != (got.Action == event.Redact) {
					t.Errorf("profile %q", got.Profile)
				}
			}
		})
	}
}

// californiaOptOut is GPP with one section, California, in which the sale was opted out of.
var californiaOptOut = iabtest.GPP(iabtest.Section(8, iabtest.California(1, 2)))

func TestWithdrawalStopsWhatIsPending(t *testing.T) {
	p := policy(t, "")
	p.Suppression = &people.Suppression{}
	h, e := visit{place: "DE", cookie: oneTrustYes}.hit()
	e.User.ClientID, e.User.Email = "c1", " Ann@Shop.example"
	n := needing(t, "{needs: [ads]}")
	redacted := needing(t, "{needs: [analytics], redact: cookieless}")
	r := p.Resolve(h, e)
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &n); got.Reason != event.Delivered {
		t.Fatalf("before the withdrawal: %+v", got)
	}
	after := today.Add(time.Hour)
	p.Suppression.Replace([]people.Stop{{Subject: people.ClientSubject("c1"), Withdrawn: after}})
	got := p.Still(&event.Decision{Event: *e, Consent: r}, &n)
	if got.Action != event.Deny || got.Reason != event.Withdrawn || got.Because != "ads: stopped by a withdrawal on 2026-11-22" {
		t.Errorf("pending at the withdrawal: %+v", got)
	}
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &redacted); got.Action != event.Deny {
		t.Errorf("pending and redacted at the withdrawal: %+v", got)
	}
	e.Received = after.Add(time.Second)
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &n); got.Reason != event.Delivered {
		t.Errorf("a new answer after the withdrawal: %+v", got)
	}
	e.Received = today
	p.Suppression.Replace([]people.Stop{{Subject: people.ClientSubject("c1"), Withdrawn: after, Purposes: []string{"analytics"}}})
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &n); got.Reason != event.Delivered {
		t.Errorf("another purpose was withdrawn: %+v", got)
	}
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &redacted); got.Reason != event.Withdrawn {
		t.Errorf("this purpose was withdrawn: %+v", got)
	}
	p.Suppression.Replace([]people.Stop{{Subject: people.EmailSubject("ann@shop.example")}})
	if got := p.Still(&event.Decision{Event: *e, Consent: r}, &n); got.Reason != event.Suppressed || got.Because != "ads: stopped by the suppression list (e-mail address)" {
		t.Errorf("suppressed by e-mail: %+v", got)
	}
	if r.States[signals.AtAds].State != granted {
		t.Error("the record itself was changed")
	}
}

func TestAHashedAddressIsTheSameSubject(t *testing.T) {
	const hash = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514" // user@example.com
	if people.EmailSubject(hash) != people.EmailSubject("User@Example.com ") {
		t.Error("the hash of an address and the address are two subjects")
	}
	s, ok := people.ParseSubject(people.EmailSubject(hash).String())
	if !ok || s != people.EmailSubject(hash) {
		t.Error("a subject is not read as it is written")
	}
}

// Whatever was seen and does not count is named, with why.
func TestASentenceNamesWhatWasSeenAndSetAside(t *testing.T) {
	for _, c := range []struct {
		name, config string
		visit        visit
		want         string
	}{
		{"an opt-out that the region does not honor", "regions: {rules: [{name: all, in: '*', model: opt_out, honor: [gpc]}]}", visit{place: "US-CA", cookie: "usprivacy=1YYN"},
			"ads: all (opt_out) lets it pass until somebody refuses; usprivacy (1YYN) denies it but is set aside: not honored in all (opt_out)"},
		{"beside a preset", "regions: {rules: [{name: all, in: '*', model: opt_out, honor: [gpc]}]}", visit{place: "US-CA", cookie: "usprivacy=1YYN; " + oneTrustNew},
			"ads: granted by default in OptanonConsent (C0004=1); usprivacy (1YYN) denies it but is set aside: not honored in all (opt_out)"},
		{"beside a yes", "regions: {rules: [{name: all, in: '*', model: opt_out, honor: [gpc]}]}", visit{place: "US-CA", cookie: "usprivacy=1YYN", page: pairs("ads", true)},
			"ads: granted by consent of the event (ads=true); usprivacy (1YYN) denies it but is set aside: not honored in all (opt_out)"},
		{"a refusal of a source that is not listed", "sources: [event, gpc, gpp, usp]", visit{place: "US-CA", cookie: oneTrustNo},
			"ads: us_privacy_states (opt_out) lets it pass until somebody refuses; OptanonConsent (C0004=0), answered 2026-11-02, denies it but is set aside: not listed for this site"},
		{"a yes of a source that is not listed", "sources: [event, gpc, gpp, usp]", visit{place: "DE", cookie: oneTrustYes},
			"ads: no answer counts, and europe (opt_in) asks first (OptanonConsent (C0004=1), answered 2026-11-02, grants it but is set aside: not listed for this site)"},
		{"the same from an unknown place", "sources: [event, gpc, gpp, usp]", visit{cookie: oneTrustYes},
			"ads: no answer counts and the visitor's country is not known, so it is asked first (OptanonConsent (C0004=1), answered 2026-11-02, grants it but is set aside: not listed for this site)"},
		{"a refusal that a source before it overrules", "{combine: first, sources: [event, cmp, gpc, gpp, usp]}", visit{place: "DE", cookie: oneTrustNo, page: pairs("ads", true)},
			"ads: granted by consent of the event (ads=true); OptanonConsent (C0004=0), answered 2026-11-02, denies it but a source listed before it counts"},
		{"a string that cannot be read where silence is enough", "", visit{place: "US-CA", cookie: "euconsent-v2=true"},
			"ads: us_privacy_states (opt_out) lets it pass until somebody refuses; euconsent-v2 grants nothing: unreadable: no TCF version 2"},
		{"DNT", "", visit{place: "US-CA", headers: event.Headers{{Name: "dnt", Value: "1"}}},
			"ads: us_privacy_states (opt_out) lets it pass until somebody refuses; DNT asks not to be tracked but is set aside: recorded only: DNT binds nobody"},
		{"a part of what ads takes", "", visit{place: "DE", page: pairs("ad_storage", "granted")},
			"ads: no answer counts, and europe (opt_in) asks first (consent of the event grants ad_storage but says nothing of ad_user_data)"},
		{"a consent tool's do not sell", "", visit{place: "DE", query: "_c=ads:1,sharing:0"}, "ads: opted out by _c (sharing=0)"},
		{"sharing, which goes as ads goes, once", "regions: {rules: [{name: all, in: '*', model: opt_out, honor: [gpc]}]}", visit{place: "US-CA", cookie: "usprivacy=1YYN"},
			"sharing: all (opt_out) lets it pass until somebody refuses; usprivacy (1YYN) denies it but is set aside: not honored in all (opt_out)"},
	} {
		purpose, _, _ := strings.Cut(c.want, ":")
		n := needing(t, "{needs: ["+purpose+"]}")
		p := policy(t, c.config)
		h, e := c.visit.hit()
		r := p.Resolve(h, e)
		o := p.Judge(&r, &n)
		if got := wording.Sentence(&o, &r); got != c.want {
			t.Errorf("%s\n got: %s\nwant: %s", c.name, got, c.want)
		}
	}
}

func TestWhatIf(t *testing.T) {
	p := policy(t, "")
	h, e := visit{place: "DE", page: pairs("ads", false, "sharing", false)}.hit()
	r := p.Resolve(h, e)
	n := needing(t, "{needs: [ads, sharing]}")
	got := p.WhatIf(&r, &n)
	if len(got) != 1 || got[0].Granted != "ads and sharing" || got[0].Outcome.Reason != event.Delivered {
		t.Errorf("%+v", got)
	}
	h, e = visit{place: "DE"}.hit()
	r = p.Resolve(h, e)
	got = p.WhatIf(&r, &n)
	if len(got) != 1 || got[0].Granted != "ads" || got[0].Because != "ads and sharing: granted by a choice that was not made" {
		t.Errorf("sharing follows ads: %+v", got)
	}
	one := needing(t, "{needs: [analytics]}")
	if got := p.WhatIf(&r, &one); len(got) != 1 || got[0].Granted != "analytics" {
		t.Errorf("%+v", got)
	}
	h, e = visit{place: "US-CA"}.hit()
	r = p.Resolve(h, e)
	if got := p.WhatIf(&r, &one); got != nil {
		t.Errorf("what is delivered needs nothing: %+v", got)
	}
}

func TestAJudgementIsOnlyForItsNeedAndItsRecord(t *testing.T) {
	p := policy(t, "purposes: {own: {}}")
	h, e := visit{place: "DE", page: pairs("ads", true)}.hit()
	r := p.Resolve(h, e)
	base := needing(t, "{needs: [ads], redact: cookieless}")
	yes := p.Judge(&r, &base)
	if yes.Reason != event.Delivered {
		t.Fatalf("%+v", yes)
	}
	for _, need := range []string{"{needs: [own], redact: cookieless}", "{needs: [own], redact: cnil_proxy}", "{any_of: [own], redact: cookieless}"} {
		other := needing(t, need)
		if got, want := p.Judge(&r, &other), judge(&r, &other); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", need, got, want)
		}
	}
	// A record that was changed in place, as nobody should.
	r.States[signals.AtAds].State = denied
	if got := p.Judge(&r, &base); got.Action != event.Redact {
		t.Errorf("the same source, another state: %+v", got)
	}
	r.Monitor = true
	if got := p.Judge(&r, &base); got.Action != event.Deliver {
		t.Errorf("monitored: %+v", got)
	}
}
