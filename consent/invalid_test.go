package consent

import (
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"
	"headgate/consent/signals"
	"headgate/event"
)

// What cannot be read, is too old or from the future grants nothing, and what it refuses still counts. The states of
// the six purposes are written + for granted and - for denied, where everything passes that nobody refuses.
func TestAnInvalidSignalOnlyRefuses(t *testing.T) {
	all := uint32(0xffffff)
	noAds := all &^ iab.Purposes(2, 7)
	whole := "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: noAds, Vendors: 100})
	for _, c := range []struct {
		name  string
		visit visit
		want  string
	}{
		{"a TC string cut off in its vendors", visit{cookie: whole[:60]}, "+++---"},
		{"a TC string cut off in its vendors, analytics refused",
			visit{cookie: ("euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: all &^ iab.Purposes(9), Vendors: 100}))[:60]}, "++-+++"},
		{"a TC string cut off in its purposes, ads refused", visit{cookie: whole[:len("euconsent-v2=")+28]}, "+++---"},
		{"a TC string that is too old, ads refused", visit{cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: noAds, Updated: today.AddDate(-3, 0, 0)})}, "+++---"},
		{"a TC string from the future, ads refused", visit{cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: noAds, Updated: today.AddDate(10, 0, 0)})}, "+++---"},
		{"a TC string whose last segment is damaged, ads refused", visit{cookie: whole + ".!"}, "+++---"},
		{"a TC string where GDPR is said not to apply, ads refused", visit{cookie: whole, query: "gdpr=0"}, "+++---"},
		{"a TC string of global scope, ads refused", visit{cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: noAds, Global: true})}, "+++---"},
		{"an old answer, ads refused", visit{cookie: "OptanonConsent=interactionCount=1&groups=C0002%3A1%2CC0004%3A0; OptanonAlertBoxClosed=2020-01-02T08:00:00.000Z"}, "+++---"},
		{"a compact value with one bad pair", visit{query: "_c=analytics:0,x,ads:1"}, "++-+++"},
		{"an object where yes or no belongs", visit{params: pairs("consent", pairs("ads", pairs("granted", false)))}, "+++---"},
		{"null where yes or no belongs", visit{params: pairs("consent", pairs("ads", nil))}, "+++---"},
		{"null in the event's own statement", visit{page: pairs("ads", nil)}, "+++---"},
		{"a part of a statement", visit{page: pairs("ads.granted", false)}, "+++---"},
		{"a no that is not Cookiebot's", visit{cookie: "CookieConsent=false"}, "+-----"},
		{"Sec-GPC twice, joined", visit{headers: event.Headers{{Name: "sec-gpc", Value: "1, 1"}}}, "+++---"},
		{"Sec-GPC twice", visit{headers: event.Headers{{Name: "sec-gpc", Value: "0"}, {Name: "sec-gpc", Value: "1"}}}, "+++---"},
		{"a US Privacy string cut off", visit{cookie: "usprivacy=1Y"}, "+++---"},
		{"a US Privacy string that is none", visit{query: "us_privacy=yes"}, "+++---"},
		{"an empty US Privacy string", visit{cookie: "usprivacy=; IABGPP_HDR_GppString="}, "++++++"},
		{"no GPP string", visit{query: "gpp=x"}, "+++---"},
		{"a GPP string of which only the header came", visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)))[:5]}, "+++---"},
		{"a GPP string of European sections, cut off", visit{query: "gpp=" + iabtest.GPP(iabtest.Section(2, iabtest.MakeTC(iabtest.TC{Consents: all})))[:5]}, "++++++"},
		{"a GPP string cut off where none of its sections is American", visit{query: "gpp=DBAB&gpp_sid=2"}, "++++++"},
		{"a list of sections that cannot be read", visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(1, 2))) + "&gpp_sid=8x"}, "+++---"},
		{"GPP, a damaged sub-section", visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)+".!")) + "&gpp_sid=8"}, "+++---"},
		{"a GPP string that is too long", visit{query: "gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2))) + string(make([]byte, iab.MaxLength))}, "+++---"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, e := c.visit.hit()
			r := policy(t, `regions: {unknown: opt_out, rules: [{name: all, in: "*", model: opt_out}]}`).Resolve(h, e)
			if got := signs(r.States); got != c.want {
				t.Errorf("%s, want %s\n%+v", got, c.want, r)
			}
		})
	}
}

func TestAnAnswerFromTheFutureDoesNotReplaceTodays(t *testing.T) {
	no := "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Updated: today.Truncate(24 * time.Hour)})
	yes := "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Updated: today.AddDate(11, 0, 0)})
	for _, cookie := range []string{no + "; " + yes, yes + "; " + no} {
		h, e := visit{place: "DE", cookie: cookie}.hit()
		if r := policy(t, "").Resolve(h, e); signs(r.States) != "+-----" {
			t.Errorf("%+v", r)
		}
	}
}

func TestADateMayBeADayAhead(t *testing.T) {
	p := policy(t, "")
	state := func(at time.Time) string {
		h, e := visit{place: "DE", cookie: oneTrustYes}.hit()
		h.Received = at
		return p.Resolve(h, e).States[signals.AtAnalytics].State
	}
	answered := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for _, hours := range []int{-25, -23, -25, 0, -24} {
		want := granted
		if hours < -24 {
			want = denied
		}
		if got := state(answered.Add(time.Duration(hours) * time.Hour)); got != want {
			t.Errorf("%d hours after: %s", hours, got)
		}
	}
}

func TestWhatIsNoChoiceIsADefault(t *testing.T) {
	for _, basis := range []string{"default", "DEFAULT", "Preset", "preset", "policy", "implied"} {
		for name, v := range map[string]visit{
			"event":  {place: "DE", page: pairs("analytics", true, "basis", basis)},
			"params": {place: "DE", params: pairs("consent", pairs("basis", basis, "analytics", true))},
			"both":   {place: "DE", page: pairs("analytics", true, "basis", "choice"), params: pairs("consent", pairs("basis", basis))},
		} {
			h, e := v.hit()
			r := policy(t, "").Resolve(h, e)
			if s := r.States[signals.AtAnalytics]; s.State != denied || s.Basis == byChoice {
				t.Errorf("%s in %s: %+v", basis, name, s)
			}
			if again := policy(t, "").Reconsider(&r, today); again.States[signals.AtAnalytics].State != denied {
				t.Errorf("%s in %s, considered again: %+v", basis, name, again.States[signals.AtAnalytics])
			}
		}
	}
	h, e := visit{place: "DE", page: pairs("analytics", true, "basis", "Choice")}.hit()
	if r := policy(t, "").Resolve(h, e); r.States[signals.AtAnalytics].State != granted {
		t.Errorf("%+v", r.States[signals.AtAnalytics])
	}
}

// Ads takes ad_storage and ad_user_data; one of them alone grants nothing, whoever says so.
func TestAPurposeIsGrantedByAllOfItsParts(t *testing.T) {
	segment := func(kv ...any) event.Map {
		return pairs("segment", pairs("consent", pairs("categoryPreferences", pairs(kv...))))
	}
	for _, c := range []struct {
		name  string
		visit visit
		want  string
	}{
		{"the page, one of two", visit{page: pairs("ad_storage", true)}, "+-----"},
		{"the page, both", visit{page: pairs("ad_storage", true, "ad_user_data", true)}, "+--+-+"},
		{"the page, one refused", visit{page: pairs("ad_user_data", false, "ad_storage", true, "ads", true)}, "+-----"},
		{"the page's words in a parameter", visit{params: pairs("consent", pairs("ad_storage", "granted"))}, "+-----"},
		{"both as a parameter", visit{params: pairs("consent", pairs("ad_storage", "granted", "ad-user-data", "granted"))}, "+--+-+"},
		{"one in the event, the other in a parameter", visit{page: pairs("ad_storage", true), params: pairs("consent", pairs("ad_user_data", "GRANTED"))}, "+--+-+"},
		{"functional takes two", visit{page: pairs("functionality_storage", true)}, "+-----"},
		{"functional, both", visit{page: pairs("functionality_storage", true, "personalization_storage", true)}, "++----"},
		{"one part is a whole purpose", visit{page: pairs("analytics_storage", true)}, "+-+---"},
		{"Segment's categories", visit{params: segment("ad_storage", true)}, "+-----"},
		{"Segment's categories, both", visit{params: segment("ad_storage", true, "AD_USER_DATA", true)}, "+--+-+"},
		{"the compact value", visit{query: "_c=ad_storage:1"}, "+-----"},
		{"the compact value, both", visit{query: "_c=ad_storage:1,ad_user_data:1"}, "+--+-+"},
		{"the compact value, functional", visit{query: "_c=functionality_storage:1"}, "+-----"},
		{"gcs", visit{params: consentMode("gcs", "G111", "gcu", "1")}, "+-+---"},
		{"gcd, ad_user_data not set", visit{params: consentMode("gcd", "13r3r3l3r5l1")}, "+-+---"},
		{"gcd", visit{params: consentMode("gcd", "13r3r3r3r5l1")}, "+-++++"},
	} {
		c.visit.place = "DE"
		h, e := c.visit.hit()
		if r := policy(t, "").Resolve(h, e); signs(r.States) != c.want {
			t.Errorf("%s: %s, want %s\n%+v", c.name, signs(r.States), c.want, r)
		}
	}
}

// signalTexts are signals of all formats that refuse something, and grant something where the format can. A mark that says
// that nobody has answered stands before the answers: nothing tells that a text was cut right after them.
func signalTexts() []signals.Input {
	enc, b64 := url.PathEscape, base64.StdEncoding.EncodeToString
	tc := iabtest.MakeTC(iabtest.TC{Consents: iab.Purposes(1, 8, 9), Vendors: 40, VendorsLI: 9, Restrictions: []iabtest.Restriction{{2, 1, 3, 9}}, Publisher: true, PublisherOK: iab.Purposes(1)})
	cookie := func(name, value string) signals.Input { return signals.Input{Name: name, Value: value} }
	return []signals.Input{
		{Format: signals.Parameter("gdpr_consent"), Name: "gdpr_consent", Value: tc}, {Format: signals.Parameter("us_privacy"), Name: "us_privacy", Value: "1YYN"},
		{Format: signals.Parameter("gpp"), Name: "gpp", Value: iabtest.GPP(iabtest.Section(7, iabtest.National(1, 2, 2, 0)), iabtest.Section(8, iabtest.California(2, 1)+".YA"))},
		{Format: signals.Parameter("gpp"), Name: "gpp", Value: iabtest.GPP(iabtest.Section(2, tc), iabtest.Section(6, "1YYN"))}, {Format: signals.Parameter("gpp"), Name: "gpp", Value: iabtest.GPP(iabtest.Section(24, iabtest.Headed(24, iabtest.Fields(0, 0, 0, 0, 0, 1, 2))))},
		{Format: signals.Parameter("gpp"), Name: "gpp", Value: iabtest.GPP(iabtest.Section(5, iabtest.Canada(today, iab.Purposes(1, 8, 9), 0)), iabtest.Section(16, iabtest.Fields(0, 0, 0, 1, 2)))},
		{Format: signals.Parameter("gcs"), Name: "gcs", Value: "G110"}, {Format: signals.Parameter("gcd"), Name: "gcd", Value: "13r3q3r3q5l1"}, {Format: signals.Parameter("gcd"), Name: "gcd", Value: "13p3t3p3t5l1"}, {Format: signals.Parameter("npa"), Name: "npa", Value: "1"},
		{Format: signals.Parameter("_c"), Name: "_c", Value: "by:termly,t:1795000000,preset:1,analytics:1,ads:0"}, {Format: signals.Parameter("_c"), Name: "_c", Value: "analytics:1,sale:0,functional:0"},
		cookie("OptanonConsent", "interactionCount=0&AwaitingReconsent=true&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0&geolocation=DE%3BBE"),
		cookie("OptanonConsent", "interactionCount=1&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0&AwaitingReconsent=false"),
		cookie("CookieConsent", "{stamp:%27x%27%2Cnecessary:true%2Cstatistics:true%2Cmarketing:false%2Cmethod:%27implied%27%2Cver:1%2Cregion:%27de%27}"),
		cookie("CookieConsent", "false"), cookie("CookieConsent", "0"),
		cookie("cookieyes-consent", "consentid:x,consent:yes,action:,necessary:yes,functional:no,analytics:yes,advertisement:no"),
		cookie("cmplz_marketing", "deny"), cookie("cmapi_cookie_privacy", "permit 1,2"), cookie("cmapi_cookie_privacy", "permit 1 required"),
		cookie("notice_gdpr_prefs", "0,1:"), cookie("tarteaucitron", "!fb=wait!ga=true"), cookie("tarteaucitron", "!ga=true!fb=false"),
		cookie("cookiefirst-consent", enc(`{"necessary":true,"performance":true,"functional":false,"advertising":false,"timestamp":1795000000}`)),
		cookie("CookieScriptConsent", `{"action":"accept","categories":"[\"performance\"]"}`), cookie("CookieScriptConsent", `{"action":"reject","categories":"[]"}`),
		cookie("CookieInformationConsent", enc(`{"consents_approved":["cookie_cat_statistic"],"consents_denied":["cookie_cat_marketing"]}`)),
		cookie("borlabs-cookie", enc(`{"consents":{"essential":["a"],"statistics":["b"],"marketing":[]}}`)),
		cookie("_iub_cs-1", enc(`{"purposes":{"1":true,"2":false,"4":true,"5":false}}`)), cookie("_iub_cs-1-uspr", enc(`{"s":false,"sh":true,"adv":true}`)),
		cookie("_ketch_consent_v1_", enc(b64([]byte(`{"a":{"status":"granted","canonicalPurposes":["analytics"]},"b":{"status":"denied","canonicalPurposes":["behavioral_advertising"]}}`)))),
		cookie("didomi_token", b64([]byte(`{"purposes":{"enabled":["stats-x"],"disabled":["ads-x"]}}`))),
		cookie("axeptio_cookies", enc(`{"$$completed":false,"ga":true,"fb":false}`)), cookie("axeptio_cookies", enc(`{"ga":true,"fb":false,"$$completed":true}`)),
		cookie("CookieControl", `{"optionalCookies":{"analytics":"accepted","marketing":"revoked"},"interactedWith":true}`),
		cookie("klaro", enc(`{"ga":true,"fb":false}`)), cookie("tcm", enc(`{"purposes":{"Analytics":true,"Advertising":false},"confirmed":true}`)),
		cookie("_tracking_consent", enc(`{"con":{"CMP":{"a":"1","m":"0","p":"1","s":"0"}},"v":"2.1","region":"USCA"}`)),
		cookie("_tracking_consent", "3AmPs._USCA_f_f_x"), cookie("__cmpconsentx1", tc), cookie("__cmpccpausps1", "1YYN"),
		cookie("FCCDCF", enc(`[null,null,null,["`+tc+`","2~1~dv.","x"]]`)),
		cookie("ppms_privacy_abc", enc(`{"consents":{"analytics":{"status":1},"remarketing":{"status":0}}}`)),
		cookie("_pandectes_gdpr", enc(b64([]byte(`{"preferences":6}`)))), cookie("osano_consentmanager", enc(`{"ANALYTICS":"ACCEPT","MARKETING":"DENY"}`)),
		cookie("cc_cookie", enc(`{"categories":["necessary","analytics"],"revision":0,"consentTimestamp":"2026-11-02T08:00:00.000Z"}`)),
		cookie("cookieconsent_status", "deny"), cookie("hasConsent", "false"), cookie("c15t", "c.necessary:1,c.measurement:1,i.t:1795341599000"),
		cookie("_cookies_accepted", "performance"), cookie("_cookies_accepted", "essential"),
	}
}

// said is what readings say together: what is granted, what of that by a choice, and what is refused.
func saidBy(p *Policy, one signals.Input, value string) (grants, chosen, denies signals.PurposeSet) {
	in := &signals.Inputs{Country: "US", Region: "CA"}
	if one.Format == nil {
		one.Format = p.signals.Cookie(one.Name)
	}
	if value == "" {
		return 0, 0, 0 // nothing came
	}
	in.Add(one.Format, one.Name, value)
	readings := p.signals.Read(in)
	p.setAside(readings, today)
	for i := range readings {
		r := &readings[i]
		grants, chosen, denies = grants|r.Grants(), chosen|r.Grants()&^r.Presets, denies|r.Denies()
	}
	return grants, chosen, denies
}

func TestADamagedSignalNeverGrantsMore(t *testing.T) {
	p := policy(t, `cmp: {didomi: {map: {stats-x: analytics, ads-x: ads}}, axeptio: {map: {ga: analytics, fb: ads}}, klaro: {map: {ga: analytics, fb: ads}},
 tarteaucitron: {map: {ga: analytics, fb: ads}}}`)
	for _, one := range signalTexts() {
		grants, chosen, denies := saidBy(p, one, one.Value)
		if denies == 0 && grants == chosen {
			t.Errorf("%s=%s refuses nothing", one.Name, one.Value)
		}
		check := func(damaged string) {
			g, c, d := saidBy(p, one, damaged)
			switch {
			case g&denies != 0:
				t.Errorf("%s=%q: grants %b, which %q refuses", one.Name, damaged, g&denies, one.Value)
			case g&^grants != 0 || c&^chosen != 0:
				t.Errorf("%s=%q: grants %b, of which %b by choice; %q %b and %b", one.Name, damaged, g, c, one.Value, grants, chosen)
			case one.Format != nil && one.Format.OptOut && damaged != "" && denies&p.signals.OptOuts()&^d != 0:
				t.Errorf("%s=%q: %b is opted out of, %b in %q", one.Name, damaged, d, denies, one.Value)
			}
		}
		for i := range one.Value {
			check(one.Value[:i])
			check(one.Value[:i] + "\x00" + one.Value[i+1:])
			check(one.Value[:i] + "\x7f" + one.Value[i+1:])
			if one.Format != nil && one.Format != signals.Parameter("_c") { // elsewhere it may be a part of a name
				check(one.Value[:i] + "#" + one.Value[i+1:])
			}
		}
	}
}

func TestAPageOfAnotherSiteGrantsNothing(t *testing.T) {
	yes := pairs("analytics", true, "ads", true)
	for _, c := range []struct {
		name  string
		visit visit
		want  string
	}{
		{"the event's own statement", visit{place: "DE", page: yes}, "+-----"},
		{"its query", visit{place: "DE", query: "_c=analytics:1,ads:1"}, "+-----"},
		{"cookies that came along", visit{place: "DE", cookie: oneTrustYes}, "+-----"},
		{"consent mode", visit{place: "DE", params: consentMode("gcd", "13r3r3r3r5l1")}, "+-----"},
		{"a refusal counts", visit{place: "US-CA", page: pairs("analytics", false, "ads", true), headers: gpcHeader}, "++----"},
	} {
		p := policy(t, "")
		h, e := c.visit.hit()
		own := p.Resolve(h, e)
		h, e = c.visit.hit()
		h.From = event.ForeignPage
		r := p.Resolve(h, e)
		if got := signs(r.States); got != c.want || got == signs(own.States) && c.name != "a refusal counts" {
			t.Errorf("%s: %s, want %s; from a page of the site %s", c.name, got, c.want, signs(own.States))
		}
		if again := p.Reconsider(&r, today); signs(again.States) != c.want {
			t.Errorf("%s, considered again: %s", c.name, signs(again.States))
		}
	}
}

func TestOnlyOptOutsOfAPageOfAnotherSiteArePassedOn(t *testing.T) {
	p := policy(t, "")
	p.PassOn = true
	h, e := visit{place: "DE", query: "gdpr_consent=" + freshTC + "&us_privacy=1YYN&gcs=G111"}.hit()
	h.From = event.ForeignPage
	p.Resolve(h, e)
	if len(e.Signals) != 1 || e.Signals.Text("us_privacy") != "1YYN" {
		t.Errorf("%v", e.Signals.Any())
	}
}

func TestATCStringInADamagedCookieGrantsNothing(t *testing.T) {
	cookie := `CookieControl={"iabConsent":"` + freshTC + `","optionalCookies":{"analytics":"acc`
	h, e := visit{place: "DE", cookie: cookie}.hit()
	if r := policy(t, "").Resolve(h, e); signs(r.States) != "+-----" {
		t.Errorf("%+v", r)
	}
}
