package consent

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"headgate/consent/iab"
	"headgate/consent/signals"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/wording"
)

// FuzzGPP: whatever comes, nothing panics, and the sections are as many as the ids.
func FuzzGPP(f *testing.F) {
	for _, s := range []string{"", "DBAA", "DBABTA~1YNN", californiaOptOut, "DBACNYA~" + freshTC + "~1YNN", "DBABLA~BVVqAAAAAAA.QA", "DBABMA~" + freshTC, "D~~~~"} {
		f.Add(s, "8,-1")
	}
	p := policy(f, "")
	f.Fuzz(func(t *testing.T, s, sid string) {
		ids, sections, why := iab.ParseGPP(s)
		if why == "" && len(ids) != len(sections) {
			t.Fatalf("%d ids and %d sections", len(ids), len(sections))
		}
		in := signals.Inputs{Country: "US", Region: "CA"}
		in.Add(signals.Parameter("gpp"), "gpp", s)
		in.Add(signals.Parameter("gpp_sid"), "gpp_sid", sid)
		p.signals.Read(&in)
	})
}

// FuzzGoogle: whatever comes, a value that is refused grants nothing.
func FuzzGoogle(f *testing.F) {
	for _, s := range []string{"", "G111", "G1--", "13r3r3r2r5l1", "13t3tPt2t5l1", "11l1l1l1l1", "13l3l3l3l9", "1----------"} {
		f.Add(s)
	}
	p := policy(f, "")
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range []*signals.Format{signals.Parameter("gcs"), signals.Parameter("gcd"), signals.Parameter("npa"), signals.Parameter("pscdl"), signals.Parameter("dma_cps")} {
			in := signals.Inputs{}
			in.Add(format, "x", s)
			for _, r := range p.signals.Read(&in) {
				// Control characters are no part of any format; what else can be read still refuses.
				if said := r.Granted | r.Denied; (r.IsAside() || r.IsFaulty()) && said != 0 && !strings.ContainsFunc(s, unicode.IsControl) {
					t.Fatalf("%q cannot be read and says %+v", s, r)
				}
			}
		}
	})
}

// FuzzCookies: a whole cookie header, through every consent tool's reader, to a decision that the log gives back.
func FuzzCookies(f *testing.F) {
	for _, s := range []string{"", oneTrustYes, oneTrustNo, oneTrustNew, "euconsent-v2=" + freshTC + "; addtl_consent=2~1.2~dv.3",
		"CookieConsent={stamp:%27-1%27%2Cnecessary:true}", "cookieyes-consent=action:yes,analytics:no", `CookieControl={"optionalCookies":{"a":"accepted"},"interactedWith":true}`,
		"didomi_token=eyJwdXJwb3NlcyI6eyJlbmFibGVkIjpbImEiXX19", "_iub_cs-1={\"consent\":true}", "_ketch_consent_v1_=eyJhIjp7InN0YXR1cyI6ImdyYW50ZWQifX0=",
		"_tracking_consent=3AMPS._USCA_f_f_A; _cmp_a={\"purposes\":{\"a\":true}}", "FCCDCF=[null,null,null,[\"" + freshTC + "\"]]",
		"cmapi_cookie_privacy=permit 1,2,3; notice_preferences=2:; notice_gdpr_prefs=0,1:", "tarteaucitron=!a=true!b=wait", "__cmpcpc1=__1_2__; __cmpconsentx1=" + freshTC,
		"borlabs-cookie={\"consents\":{\"marketing\":[]}}", "CookieScriptConsent={\"action\":\"accept\",\"categories\":\"[\\\"targeting\\\"]\"}",
		"usprivacy=%7B%22uspString%22%3A%221YYN%22%7D", "_c=by:termly,t:1,analytics:1,ads:0", "cmplz_marketing=allow; cmplz_consent_mode=ad_storage",
		"cc_cookie={\"categories\":[\"analytics\"]}", "c15t=c.measurement:1,i.t:1795341599000", "_cookies_accepted=all; hasConsent=false; cookieconsent_status=allow",
		"CookieConsent=false", "cookiefirst-consent={\"performance\":false,\"adv", "eu-consent={\"a\":true}", "ppms_privacy_1={\"consents\":{\"analytics\":{\"status\":1}}}", "tcm={\"purposes\":{\"Analytics\":true},\"confirmed\":true}", "_pandectes_gdpr=eyJjb3VudHJ5IjoiREUifQ=="} {
		f.Add(s, "DE")
	}
	needs := tenNeeds()
	p := policy(f, "cmp: {didomi: {map: {a: analytics}}}", needs...)
	p.PassOn = true
	f.Fuzz(func(t *testing.T, header, place string) {
		h, e := visit{place: place, cookie: header, query: header, page: pairs("ads", header)}.hit()
		r := p.Resolve(h, e)
		for i := range needs {
			if o := p.Judge(&r, &needs[i]); wording.Sentence(&o, &r) == "" {
				t.Fatalf("no sentence: %+v", o)
			}
		}
		d := event.Decision{Event: *e, Consent: r}
		back, err := layout.Decode(string(layout.Append(nil, &d)))
		if err != nil {
			t.Fatalf("%+v cannot be read back: %v", r, err)
		}
		for i := range needs {
			if one, two := p.Judge(&r, &needs[i]), p.Judge(&back.Consent, &needs[i]); !reflect.DeepEqual(one, two) {
				t.Fatalf("the log makes %+v of %+v", two, one)
			}
		}
		p.Reconsider(&r, today)
	})
}
