package consent

import (
	"encoding/base64"
	"net/url"
	"testing"

	"headgate/consent/iab"
	"headgate/consent/signals"
	"headgate/event"
)

// What each consent tool's cookie grants (+), denies (-) and does not mention (.), in the order of the six purposes but
// necessary; a trailing ? marks that nobody has answered yet, a ! that it cannot be read.
func TestConsentToolsAreRead(t *testing.T) {
	enc := url.PathEscape
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ name, cookies, want string }{
		{"OneTrust in part", "OptanonConsent=interactionCount=2&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0", ".+--."},
		{"OneTrust asks again", "OptanonConsent=groups=C0002%3A1&AwaitingReconsent=true; OptanonAlertBoxClosed=2026-01-01T00:00:00Z", ".+...?"},
		{"OneTrust asks again, damaged", "OptanonConsent=groups=C0002%3A1&AwaitingReconsent=tr; OptanonAlertBoxClosed=2026-01-01T00:00:00Z", ".+...?"},
		{"OneTrust cut off", "OptanonConsent=groups=C0002%3A1%2CC0004%3A0&Await; OptanonAlertBoxClosed=2026-01-01T00:00:00Z", "..--.!"},
		{"OneTrust without groups", "OptanonConsent=isGpcEnabled=0", ".....!"},
		{"Cookiebot", "CookieConsent={stamp:%27x%27%2Cnecessary:true%2Cpreferences:true%2Cstatistics:false%2Cmarketing:true%2Cmethod:%27explicit%27}", "+-++."},
		{"Cookiebot implied", "CookieConsent={stamp:%27x%27%2Cstatistics:true%2Cmethod:%27implied%27}", ".+...?"},
		{"Cookiebot declined", "CookieConsent=0", "----."},
		{"Cookiebot out of scope", "CookieConsent=-1", "....."},
		{"Cookiebot cut off", "CookieConsent={stamp:%27x%27%2Cnecessary:true%2Cpreferences:true%2Cstatistics:false%2Cmarketing:true%2Cmeth", ".-...!"},
		{"react-cookie-consent's no", "CookieConsent=false", "----."},
		{"react-cookie-consent's yes", "CookieConsent=true", "....."},
		{"CookieYes", "cookieyes-consent=action:yes,functional:no,analytics:yes,advertisement:no", "-+--."},
		{"CookieYes' older plugin", "viewed_cookie_policy=yes; cookielawinfo-checkbox-analytics=yes; cookielawinfo-checkbox-advertisement=no", ".+--."},
		{"CookieYes' older plugin rejected", "viewed_cookie_policy=no", "----."},
		{"CookieYes' older plugin unanswered", "cookielawinfo-checkbox-analytics=yes", ".+...?"},
		{"Complianz", "cmplz_marketing=deny; cmplz_statistics=allow; cmplz_preferences=allow; cmplz_banner-status=dismissed", "++--."},
		{"Complianz before any banner", "cmplz_statistics=allow", ".+...?"},
		{"Complianz' older cookie", "cmplz_statistics=allow; complianz_consent_status=allow", ".+..."},
		{"Complianz' list of Google's types", "cmplz_consent_mode=analytics_storage,ad_storage; cmplz_banner-status=dismissed", ".+..."},
		{"Complianz' list with both that ads takes", "cmplz_consent_mode=ad_storage,ad_user_data; cmplz_banner-status=dismissed", "..+.."},
		{"Complianz showing its banner", "cmplz_statistics=allow; cmplz_banner-status=show", ".+...?"},
		{"Complianz on anonymous statistics", "cmplz_statistics-anonymous=allow", "....."},
		{"TrustArc refused", "cmapi_cookie_privacy=permit 1 required", "----."},
		{"TrustArc in part", "cmapi_cookie_privacy=permit 1,2", "+.--."},
		{"TrustArc implied", "cmapi_cookie_privacy=permit 1,2,3; notice_behavior=implied,us", "+.++.?"},
		{"TrustArc without a notice", "cmapi_cookie_privacy=permit 1,2,3; notice_behavior=none", "+.++.?"},
		{"TrustArc's levels from 0", "notice_preferences=1:", "+.--."},
		{"TrustArc's list from 0", "notice_gdpr_prefs=0,2:", "-.++."},
		{"TrustArc nonsense", "cmapi_cookie_privacy=permit all", ".....!"},
		{"CookieFirst", "cookiefirst-consent=" + enc(`{"necessary":true,"performance":true,"functional":false,"advertising":false}`), "-+--."},
		{"Cookie Script rejected", `CookieScriptConsent={"action":"reject","categories":"[]"}`, "----."},
		{"Cookie Script in part", `CookieScriptConsent={"action":"accept","categories":["performance"]}`, "-+--."},
		{"Cookie Information", "CookieInformationConsent=" + enc(`{"consents_approved":["cookie_cat_statistic"],"consents_denied":["cookie_cat_marketing","cookie_cat_functional"]}`), "-+--."},
		{"Borlabs", "borlabs-cookie=" + enc(`{"consents":{"essential":["a"],"statistics":["b"]}}`), "-+--."},
		{"iubenda", "_iub_cs-1=" + enc(`{"purposes":{"1":true,"2":true,"4":false,"5":true}}`), "+-++."},
		{"iubenda, everything", "_iub_cs-1=" + enc(`{"consent":false}`), "----."},
		{"iubenda unanswered", "_iub_cs-1=" + enc(`{"id":1}`), ".....?"},
		{"iubenda in the US", "_iub_cs-1-uspr=" + enc(`{"s":false,"sh":true,"adv":true}`), "..---"},
		{"Ketch", "_ketch_consent_v1_=" + enc(b64([]byte(`{"a":{"status":"denied","canonicalPurposes":["analytics"]},"b":{"status":"granted","canonicalPurposes":["behavioral_advertising"]}}`))), ".-++."},
		{"iubenda in the US, targeted advertising", "_iub_cs-1-uspr=" + enc(`{"s":true,"sh":true,"adv":false}`), "..---"},
		{"Shopify, no sale", "_tracking_consent=" + enc(`{"con":{"CMP":{"a":"1","m":"1","p":"1","s":"0"}},"v":"2.1"}`), "++---"},
		{"Shopify 3, no sale", "_tracking_consent=3AMPs._US_f_f_x", "++---"},
		{"Shopify by region, no sale", "_cmp_a=" + enc(`{"purposes":{"a":true,"p":true,"m":true,"t":false}}`), "++---?"},
		{"Transcend, no sale", "tcm=" + enc(`{"purposes":{"Analytics":true,"Advertising":true,"SaleOfInfo":false},"confirmed":true}`), ".+---"},
		{"the compact value, no sharing", "_c=by:termly,analytics:1,marketing:1,sharing:0", ".+---"},
		{"the compact value, no sale", "_c=analytics:1,marketing:1,sale:0", ".+---"},
		{"the compact value, do not sell", "_c=analytics:1,marketing:1,do_not_sell:1", ".+---"},
		{"Osano, do not sell", "osano_consentmanager=" + enc(`{"MARKETING":"ACCEPT","OPT_OUT":"ACCEPT"}`), "..---"},
		{"Osano, not opted out", "osano_consentmanager=" + enc(`{"MARKETING":"ACCEPT","OPT_OUT":"DENY"}`), "..+++"},
		{"a map to sharing alone is about the sale", "CookieControl={\"optionalCookies\":{\"sell\":\"revoked\"},\"interactedWith\":true}", "..---"},
		{"Didomi with a map", "didomi_token=" + b64([]byte(`{"purposes":{"enabled":["stats-x"],"disabled":["ads-x"]}}`)), ".+-.."},
		{"Axeptio with a map", "axeptio_cookies=" + enc(`{"$$completed":true,"ga":true,"fb":false}`), ".+-.."},
		{"Axeptio unanswered", "axeptio_cookies=" + enc(`{"$$completed":false,"ga":true}`), ".+...?"},
		{"Civic", `CookieControl={"optionalCookies":{"Analytics":"accepted","marketing":"revoked"},"interactedWith":true}`, ".+--."},
		{"Civic refused", `CookieControl={"optionalCookies":{},"interactedWith":true}`, "----."},
		{"Civic with a TC string", `CookieControl={"optionalCookies":{"analytics":"accepted"},"interactedWith":true,"iabConsent":"` + freshTC + `"}`, "++++."},
		{"Klaro with a map", "klaro=" + enc(`{"ga":true,"fb":false}`), ".+-.."},
		{"Klaro not confirmed", "klaro=" + enc(`{"ga":true,"confirmed":false}`), ".+...?"},
		{"Orejime", "orejime=" + enc(`{"ga":true,"fb":false}`), ".+-.."},
		{"Orejime 3", "eu-consent=" + enc(`{"ga":false,"fb":true}`), ".-+.."},
		{"vanilla-cookieconsent 2", "cc_cookie=" + `{"categories":["necessary","analytics"],"level":["necessary","analytics"],"revision":0,"data":null,"rfc_cookie":false,"consent_date":"2026-11-02T08:00:00.000Z","consent_uuid":"00000000-0000-4000-8000-000000000000","last_consent_update":"2026-11-02T08:00:00.000Z"}`, "-+--."},
		{"vanilla-cookieconsent 3", "cc_cookie=" + enc(`{"categories":["necessary","marketing"],"revision":0,"data":null,"consentTimestamp":"2026-11-02T08:00:00.000Z","consentId":"00000000-0000-4000-8000-000000000000","services":{"necessary":[],"analytics":[],"marketing":[]},"languageCode":"en","lastConsentTimestamp":"2026-11-02T08:00:00.000Z","expirationTime":1811000000000}`), "--++."},
		{"vanilla-cookieconsent, nothing accepted", "cc_cookie=" + enc(`{"categories":["necessary"],"revision":0}`), "----."},
		{"vanilla-cookieconsent with a category of the site's", "cc_cookie=" + enc(`{"categories":["necessary","statistik"]}`), "....."},
		{"vanilla-cookieconsent cut off", "cc_cookie=" + enc(`{"categories":["necessary","analytics"]`), ".....!"},
		{"Osano's open-source tool, allowed", "cookieconsent_status=allow", "++++."},
		{"Osano's open-source tool, denied", "cookieconsent_status=deny", "----."},
		{"Osano's open-source tool, closed", "cookieconsent_status=dismiss", "....."},
		{"c15t in part", "c15t=c.necessary:1,c.measurement:1,i.t:1795341599000,i.y:custom", "-+--."},
		{"c15t rejected", "c15t=c.necessary:1,i.t:1795341599000,i.y:necessary", "----."},
		{"c15t unanswered", "c15t=c.necessary:1,c.measurement:1", ".+...?"},
		{"cookies-eu-banner", "hasConsent=false", "----."},
		{"canonical, all", "_cookies_accepted=all", "++++."},
		{"canonical, essential", "_cookies_accepted=essential", "----."},
		{"canonical, performance", "_cookies_accepted=performance", "-+++."},
		{"canonical, functionality", "_cookies_accepted=functionality", "+---."},
		{"canonical, before there was a choice", "_cookies_accepted=true", "....."},
		{"JSON cut off", "cookiefirst-consent=" + enc(`{"necessary":true,"performance":false,"functional":true,"adver`), ".-...!"},
		{"JSON damaged", "cookiefirst-consent=" + enc(`{"performance":false,"functional":tr#e,"advertising":false}`), ".-...!"},
		{"base64 cut off", "didomi_token=" + b64([]byte(`{"purposes":{"disabled":["ads-x"],"enabled":["stats-x"]}}`))[:60], "..-..!"},
		{"tarteaucitron with a map", "tarteaucitron=!ga=true!fb=false!x=wait", ".+-.."},
		{"tarteaucitron unanswered", "tarteaucitron=!ga=wait", ".....?"},
		{"tarteaucitron started by itself", "tarteaucitron=!ga=true!x=wait", ".+...?"},
		{"tarteaucitron with a word of its own", "tarteaucitron=!ga=true!x=later", ".+...?"},
		{"Transcend", "tcm=" + enc(`{"purposes":{"Analytics":true,"Advertising":false,"SaleOfInfo":"Auto"},"confirmed":true}`), ".+--."},
		{"Transcend by default", "tcm=" + enc(`{"purposes":{"Analytics":true},"confirmed":false}`), ".+...?"},
		{"Shopify 2.1", "_tracking_consent=" + enc(`{"con":{"CMP":{"a":"1","m":"0","p":"1","s":""}},"v":"2.1"}`), "++--."},
		{"Shopify 3", "_tracking_consent=3aMp._US_f_f_x", "--++."},
		{"Shopify by region", "_cmp_a=" + enc(`{"purposes":{"a":true,"p":false,"m":true,"t":true}}`), "-++++?"},
		{"consentmanager", "__cmpconsentx1=" + freshTC, "++++."},
		{"consentmanager in the US", "__cmpccpausps1=1YYN", "..---"},
		{"Google's own message", "FCCDCF=" + enc(`[null,null,null,["`+freshTC+`","2~1~dv.","x"]]`), "++++."},
		{"Google's own message outside Europe", "FCCDCF=" + enc(`[null,null]`), "....."},
		{"Piwik PRO", "ppms_privacy_abc=" + enc(`{"consents":{"analytics":{"status":1},"remarketing":{"status":0},"conversion_tracking":{"status":-1}}}`), ".+.-."},
		{"Pandectes", "_pandectes_gdpr=" + enc(b64([]byte(`{"preferences":6}`))), "+---."},
		{"Osano in clear", "osano_consentmanager=" + enc(`{"ANALYTICS":"ACCEPT","MARKETING":"DENY"}`), ".+--."},
		{"Osano encrypted", "osano_consentmanager=NSi_DSjJYoIIvSEv4xGF", "....."},
		{"Sourcepoint's id", "consentUUID=0000_1", "....."},
		{"the compact value", "_c=by:usercentrics,analytics:1,marketing:0", ".+--."},
		{"the compact value with a map", "_c=by:usercentrics,HkocEodjb7:1", ".+..."},
		{"the compact value broken", "_c=analytics:1,ads", ".....!"},
		{"the compact value broken, its refusals count", "_c=analytics:0,ads", ".-...!"},
		{"the compact value with an answer nobody understands", "_c=analytics:1,ads:perhaps", "..-..!"},
		{"the compact value as a default", "_c=analytics:1,basis:DEFAULT", ".+...?"},
		{"no JSON", "klaro={", ".....!"},
		{"no base64", "didomi_token=***", ".....!"},
		{"too long", "klaro=" + string(make([]byte, iab.MaxLength+1)), ".....!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policy(t, `cmp: {didomi: {map: {stats-x: analytics, ads-x: ads}}, axeptio: {map: {ga: analytics, fb: ads}}, klaro: {map: {ga: analytics, fb: ads}},
 tarteaucitron: {map: {ga: analytics, fb: ads}}, usercentrics: {map: {HkocEodjb7: analytics}}, civic: {map: {sell: sharing}}, cookieconsent: {map: {accepted: [functional, analytics, ads, personalized_ads]}},
 orejime: {map: {ga: analytics, fb: ads}}}`)
			in := &signals.Inputs{}
			p.signals.CollectCookies(in, "_ga=GA1.1.1.1; "+c.cookies+"; theme=dark")
			if got := marks(p.signals.Read(in)); got != c.want {
				t.Errorf("%s, want %s\n%+v", got, c.want, p.signals.Read(in))
			}
		})
	}
}

func marks(readings []signals.Reading) string {
	var granted, denied signals.PurposeSet
	unreadable, unanswered := false, false
	for _, r := range readings {
		unreadable = unreadable || r.Aside.Kind == event.AsideUnreadable || r.Fault.Kind == event.AsideUnreadable
		granted, denied = granted|r.Grants(), denied|r.Denies()
		unanswered = unanswered || r.Presets != 0
	}
	out := ""
	for i := signals.AtFunctional; i <= signals.AtSharing; i++ {
		switch {
		case denied.Has(i):
			out += "-"
		case granted.Has(i):
			out += "+"
		default:
			out += "."
		}
	}
	if unanswered {
		out += "?"
	}
	if unreadable {
		out += "!"
	}
	return out
}

func TestASitesOwnCookieNameIsRead(t *testing.T) {
	p := policy(t, "cmp: {klaro: {cookie: shop_consent, map: {ga: analytics}}}")
	in := &signals.Inputs{}
	p.signals.CollectCookies(in, `shop_consent={"ga":true}`)
	if got := marks(p.signals.Read(in)); got != ".+..." {
		t.Error(got)
	}
}

func TestOfTwoCookiesOfOneNameTheNewerCounts(t *testing.T) {
	p := policy(t, "")
	older := `cookiefirst-consent={"performance":true,"timestamp":1794000000}`
	newer := `cookiefirst-consent={"performance":false,"timestamp":1795000000}`
	undated := `cookiefirst-consent={"performance":true}`
	for _, cookie := range []string{older + "; " + newer, newer + "; " + older, newer + "; " + undated, undated + "; " + newer} {
		h, e := visit{place: "DE", cookie: cookie}.hit()
		if r := p.Resolve(h, e); r.States[signals.AtAnalytics].State != denied {
			t.Errorf("%s: %+v", cookie, r.States[signals.AtAnalytics])
		}
	}
	h, e := visit{place: "DE", cookie: `cookiefirst-consent={"performance":false,"timestamp":1794000000}; cookiefirst-consent={"performance":true,"timestamp":1795000000}`}.hit()
	if r := p.Resolve(h, e); r.States[signals.AtAnalytics].State != granted {
		t.Errorf("the older refusal counts: %+v", r)
	}
}

func TestMoreSignalsThanAnybodySendsAreARefusal(t *testing.T) {
	p := policy(t, "")
	cookie := oneTrustYes
	for range 2 * signals.MaxInputs {
		cookie += "; klaro={}"
	}
	h, e := visit{place: "AU", cookie: cookie}.hit()
	if r := p.Resolve(h, e); signs(r.States) != "+-----" {
		t.Errorf("%s", signs(r.States))
	}
}

func TestWhatAToolStartsByItselfIsNoChoice(t *testing.T) {
	for name, cookie := range map[string]string{
		"tarteaucitron": "tarteaucitron=!ga=true!x=wait", "Complianz": "cmplz_statistics=allow", "TrustArc": "cmapi_cookie_privacy=permit 1,2,3; notice_behavior=none",
		"Klaro": `klaro={"ga":true,"confirmed":false}`, "Shopify": `_cmp_a={"purposes":{"a":true}}`, "c15t": "c15t=c.measurement:1",
	} {
		h, e := visit{place: "DE", cookie: cookie}.hit()
		r := policy(t, "cmp: {tarteaucitron: {map: {ga: analytics}}, klaro: {map: {ga: analytics}}, trustarc: {map: {\"2\": analytics}}}").Resolve(h, e)
		if s := r.States[signals.AtAnalytics]; s.State != denied || s.Basis == byChoice {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// Whoever refuses the sale of data to a tool of the site opts out, wherever they are and whatever the region honours by hand.
func TestAToolsOptOutBinds(t *testing.T) {
	const cookie = `_tracking_consent={"con":{"CMP":{"a":"1","m":"1","p":"1","s":"0"}},"v":"2.1"}`
	for _, c := range []struct{ config, place, want string }{
		{"", "DE", "+++---"},
		{"", "US-CA", "+++---"},
		{`regions: {rules: [{name: all, in: "*", model: opt_out, honor: []}]}`, "US-CA", "+++---"},
		{`regions: {rules: [{name: all, in: "*", model: none}]}`, "AU", "+++---"},
		{`regions: {rules: [{name: all, in: "*", model: opt_out, opt_out_scope: targeted_only}]}`, "US-CA", "++++--"},
	} {
		h, e := visit{place: c.place, cookie: cookie}.hit()
		r := policy(t, c.config).Resolve(h, e)
		if signs(r.States) != c.want {
			t.Errorf("%s under %q: %s, want %s", c.place, c.config, signs(r.States), c.want)
		}
		if again := policy(t, c.config).Reconsider(&r, today); signs(again.States) != c.want {
			t.Errorf("%s under %q, considered again: %s", c.place, c.config, signs(again.States))
		}
	}
}
