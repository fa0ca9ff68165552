package consent

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"headgate/consent/iab/iabtest"
	"headgate/consent/people"
	"headgate/consent/region"
	"headgate/event"
	"headgate/event/wording"
)

// scene is a random visit under a random policy.
type scene struct {
	config string
	visit  visit
}

var (
	places  = []string{"", "DE", "FR", "GB", "BR", "AU", "US", "US-CA", "US-NY", "CA-QC", "CA", "XX"}
	configs = []string{"", "combine: first", "mode: enforce", "regions: {unknown: none}", "regions: {unknown: opt_out}",
		`regions: {rules: [{name: all, in: "*", model: opt_in, honor: []}]}`,
		`regions: {rules: [{name: all, in: "*", model: none}]}`,
		`regions: {unknown: none, rules: [{name: all, in: "*", model: opt_out}]}`,
		`regions: {rules: [{name: all, in: "*", model: opt_out, opt_out_scope: targeted_only}]}`,
		"sources: [cmp, event, tcf, google, gpc, usp, gpp]"}
	builtIn = []string{Functional, Analytics, Ads, PersonalizedAds, Sharing}
)

func drawCookies(t *rapid.T) []string {
	bits := func(name string) string { return rapid.SampledFrom([]string{"0", "1"}).Draw(t, name) }
	var out []string
	if rapid.Bool().Draw(t, "onetrust") {
		out = append(out, fmt.Sprintf("OptanonConsent=interactionCount=%s&groups=C0002%%3A%s%%2CC0003%%3A%s%%2CC0004%%3A%s",
			bits("answered"), bits("C0002"), bits("C0003"), bits("C0004")))
	}
	if rapid.Bool().Draw(t, "cookiebot") {
		out = append(out, fmt.Sprintf("CookieConsent={stamp:%%27%s%%27%%2Cstatistics:%v%%2Cmarketing:%v}",
			rapid.SampledFrom([]string{"-1", "x"}).Draw(t, "stamp"), rapid.Bool().Draw(t, "statistics"), rapid.Bool().Draw(t, "marketing")))
	}
	if rapid.Bool().Draw(t, "tcf") {
		out = append(out, "euconsent-v2="+iabtest.MakeTC(iabtest.TC{Consents: uint32(rapid.IntRange(0, 2047).Draw(t, "purposes")), Vendors: rapid.IntRange(0, 900).Draw(t, "vendors")}))
	}
	if rapid.Bool().Draw(t, "usp") {
		out = append(out, "usprivacy=1Y"+rapid.SampledFrom([]string{"Y", "N", "-"}).Draw(t, "sold")+"N")
	}
	if rapid.Bool().Draw(t, "junk") {
		out = append(out, rapid.SampledFrom([]string{"cookieyes-consent", "didomi_token", "FCCDCF", "_cmp_a", "klaro"}).Draw(t, "junk name")+"="+
			rapid.StringMatching(`[a-z{}:,%"]{0,20}`).Draw(t, "junk value"))
	}
	return out
}

func drawScene(t *rapid.T) (scene, []string) {
	s := scene{config: rapid.SampledFrom(configs).Draw(t, "config")}
	s.visit.place = rapid.SampledFrom(places).Draw(t, "place")
	if rapid.Bool().Draw(t, "gpc") {
		s.visit.headers = gpcHeader
	}
	letters := []string{"l", "p", "q", "r", "t", "u", "v", "m", "n"}
	if rapid.Bool().Draw(t, "google") {
		gcd := "1"
		for i := range 4 {
			gcd += "3" + rapid.SampledFrom(letters).Draw(t, fmt.Sprint("letter", i))
		}
		s.visit.params = consentMode("gcd", gcd+"5l1", "gcs", "G1"+rapid.SampledFrom([]string{"11", "10", "01", "00", "--"}).Draw(t, "gcs"))
	}
	for _, purpose := range builtIn {
		if rapid.IntRange(0, 3).Draw(t, purpose) == 0 {
			s.visit.page.Add(purpose, event.Boolean(rapid.Bool().Draw(t, purpose+" says")))
		}
	}
	return s, drawCookies(t)
}

func drawNeeds(t *rapid.T) []Need {
	needs := []Need{{Purposes: []string{Ads}, Vendor: Vendor{TCF: 755, Consent: []int{1, 3}}}}
	for i := range 3 {
		n := Need{Purposes: rapid.SliceOfNDistinct(rapid.SampledFrom(builtIn), 1, 3, rapid.ID[string]).Draw(t, fmt.Sprint("needs", i))}
		if rapid.Bool().Draw(t, fmt.Sprint("redacts", i)) {
			n.Refused.Redact = "cookieless"
		}
		needs = append(needs, n)
	}
	return needs
}

// sameOutcomes compares outcomes with their sentences.
func sameOutcomes(r *event.Record, a []event.Outcome, s *event.Record, b []event.Outcome) bool {
	return slices.EqualFunc(a, b, func(x, y event.Outcome) bool {
		return reflect.DeepEqual(x, y) && wording.Sentence(&x, r) == wording.Sentence(&y, s)
	})
}

func outcomes(t *rapid.T, p *Policy, v visit, cookies, needs any) (event.Record, []event.Outcome) {
	v.cookie = strings.Join(cookies.([]string), "; ")
	h, e := v.hit()
	r := p.Resolve(h, e)
	var out []event.Outcome
	for i := range needs.([]Need) {
		out = append(out, p.Judge(&r, &needs.([]Need)[i]))
	}
	return r, out
}

// rank orders outcomes by how much they let through.
func rank(o event.Outcome) int {
	return map[event.Action]int{event.Deny: 0, event.Redact: 1, event.Deliver: 2}[o.Action]
}

func TestAnAddedRefusalNeverDelivers(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		p := policyOf(policies, s.config, needs)
		_, before := outcomes(t, p, s.visit, cookies, needs)
		more, moreCookies := s.visit, slices.Clone(cookies)
		switch what := rapid.IntRange(0, 5).Draw(t, "refusal"); what {
		case 0:
			more.headers = gpcHeader
		case 1:
			more.page = more.page.Clone()
			more.page.Set(rapid.SampledFrom(builtIn).Draw(t, "refused"), event.Boolean(false))
		case 2:
			moreCookies = append(moreCookies, "cookiefirst-consent={\"performance\":false,\"advertising\":false}")
		case 3:
			moreCookies = append(moreCookies, "usprivacy=1YYN")
		case 4:
			moreCookies = append(moreCookies, "eupubconsent-v2="+iabtest.MakeTC(iabtest.TC{}))
		case 5:
			if s.config == "combine: first" {
				return // what stands first hides what comes after: that is what `first` asks for
			}
			more.query = "_c=" + rapid.SampledFrom(builtIn).Draw(t, "refused") + ":0"
			if more.params != nil {
				return
			}
		}
		_, after := outcomes(t, p, more, moreCookies, needs)
		for i := range needs {
			if rank(after[i]) > rank(before[i]) {
				t.Fatalf("%+v: %+v became %+v", needs[i], before[i], after[i])
			}
		}
	})
}

// An opt-out, whichever way it comes, is never followed by a delivery of what it denies: in any region and under any model,
// whatever else was said.
func TestAnOptOutNeverDeliversWhatItDenies(t *testing.T) {
	policies := map[string]*Policy{}
	optOuts := []string{"gpc", "gcd", "us_privacy=1YYN", "gpp=" + iabtest.GPP(iabtest.Section(7, iabtest.National(1, 2, 2, 2))),
		"gpp=" + iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)+".YA")), "gpp=" + iabtest.GPP(iabtest.Section(6, "1YYN")), "_c=sharing:0"}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		if strings.Contains(s.config, "honor") {
			return // narrowed by hand
		}
		needs := drawNeeds(t)
		denied := []string{Ads, PersonalizedAds, Sharing}
		if strings.Contains(s.config, "targeted_only") {
			denied = denied[1:]
		}
		switch how := rapid.SampledFrom(optOuts).Draw(t, "opt-out"); how {
		case "gpc":
			s.visit.headers = gpcHeader
		case "gcd":
			s.visit.params = consentMode("gcd", "13r3r3r3r9l1")
		default:
			s.visit.params, s.visit.query = nil, how
		}
		r, out := outcomes(t, policyOf(policies, s.config, needs), s.visit, cookies, needs)
		for i := range needs {
			for _, purpose := range needs[i].Purposes {
				if slices.Contains(denied, purpose) && out[i].Action == event.Deliver {
					t.Fatalf("%+v is delivered: %+v\n%+v", needs[i], out[i], r)
				}
			}
		}
	})
}

func policyOf(cache map[string]*Policy, config string, needs []Need) *Policy {
	if cache[config] == nil {
		cache[config] = policy(fatal{}, config, Need{Vendor: needs[0].Vendor})
	}
	return cache[config]
}

// fatal is a testing.TB for what cannot fail.
type fatal struct{ testing.TB }

func (fatal) Helper()           {}
func (fatal) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func TestTheOrderOfSignalsMakesNoDifference(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		p := policyOf(policies, s.config, needs)
		first, before := outcomes(t, p, s.visit, cookies, needs)
		shuffled := rapid.Permutation(cookies).Draw(t, "order")
		other := s.visit
		other.page = rapid.Permutation([]event.Pair(other.page)).Draw(t, "page order")
		second, after := outcomes(t, p, other, shuffled, needs)
		if signs(first.States) != signs(second.States) || !sameOutcomes(&first, before, &second, after) {
			t.Fatalf("%v\n%v\n%+v\n%+v", cookies, shuffled, first, second)
		}
	})
}

func TestUnknownNeverDeliversInFullUnderOptIn(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		r, out := outcomes(t, policyOf(policies, s.config, needs), s.visit, cookies, needs)
		if r.Model != region.OptIn {
			return
		}
		for _, state := range r.States {
			if state.Purpose != Necessary && state.State == granted && state.Basis != byChoice {
				t.Fatalf("granted without a choice: %+v", state)
			}
		}
		for i, o := range out {
			for _, purpose := range needs[i].Purposes {
				if at := stateOf(&r, &needs[i], purpose); o.Action == event.Deliver && (at < 0 || r.States[at].State != granted) {
					t.Fatalf("%+v is delivered: %+v", needs[i], o)
				}
			}
		}
	})
}

func TestSuppressionOnlyTightens(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		p := policyOf(policies, s.config, needs)
		p.Suppression = &people.Suppression{}
		s.visit.cookie = strings.Join(cookies, "; ")
		h, e := s.visit.hit()
		e.User.ClientID = "c1"
		r := p.Resolve(h, e)
		before := make([]event.Outcome, len(needs))
		for i := range needs {
			if before[i] = p.Still(&event.Decision{Event: *e, Consent: r}, &needs[i]); !reflect.DeepEqual(before[i], p.Judge(&r, &needs[i])) {
				t.Fatal("Still is not Judge while nobody is on the list")
			}
		}
		stop := people.Stop{Subject: people.ClientSubject("c1")}
		if rapid.Bool().Draw(t, "withdrawn") {
			stop.Withdrawn = today.Add(1)
			stop.Purposes = rapid.SliceOfN(rapid.SampledFrom(builtIn), 0, 2).Draw(t, "of")
		}
		p.Suppression.Replace([]people.Stop{stop})
		for i := range needs {
			after := p.Still(&event.Decision{Event: *e, Consent: r}, &needs[i])
			if rank(after) > rank(before[i]) || len(stop.Purposes) == 0 && after.Action.Due() {
				t.Fatalf("%+v became %+v", before[i], after)
			}
		}
		p.Suppression.Replace(nil)
	})
}

func TestWhatIsRememberedIsWhatIsConcluded(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		warm := policyOf(policies, s.config, needs)
		outcomes(t, warm, s.visit, cookies, needs)
		again, out := outcomes(t, warm, s.visit, cookies, needs)
		fresh := policy(fatal{}, s.config, Need{Vendor: needs[0].Vendor})
		first, want := outcomes(t, fresh, s.visit, cookies, needs)
		if recordText(&again) != recordText(&first) || !sameOutcomes(&again, out, &first, want) {
			t.Fatalf("%+v\n%+v", again, first)
		}
	})
}

func recordText(r *event.Record) string { return string(wording.AppendRecord(nil, r)) }

func TestAStoredRecordIsReconsideredAsItWasDecided(t *testing.T) {
	policies := map[string]*Policy{}
	rapid.Check(t, func(t *rapid.T) {
		s, cookies := drawScene(t)
		needs := drawNeeds(t)
		p := policyOf(policies, s.config, needs)
		r, before := outcomes(t, p, s.visit, cookies, needs)
		again := p.Reconsider(&r, today)
		if signs(r.States) != signs(again.States) || r.Rule != again.Rule {
			t.Fatalf("\n%+v\n%+v", r, again)
		}
		for i := range needs {
			if after := p.Judge(&again, &needs[i]); after.Action != before[i].Action || after.Reason != before[i].Reason {
				t.Fatalf("%+v\n%+v\n%+v\n%+v", before[i], after, r, again)
			}
		}
	})
}

func TestAPolicyIsSafeForManyAtOnce(t *testing.T) {
	needs := tenNeeds()
	p := policy(t, "", needs...)
	p.Suppression = &people.Suppression{}
	cookies := []string{oneTrustYes, oneTrustNo, oneTrustNew, "euconsent-v2=" + freshTC}
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 200 {
				h, e := visit{place: "DE", cookie: cookies[(worker+i)%len(cookies)]}.hit()
				e.User.ClientID = "c1"
				r := p.Resolve(h, e)
				for k := range needs {
					p.Still(&event.Decision{Event: *e, Consent: r}, &needs[k])
				}
				e.Consent.Set(Ads, event.Boolean(false)) // the event is the caller's own
				if i%50 == 0 {
					p.Suppression.Replace([]people.Stop{{Subject: people.ClientSubject(fmt.Sprint("c", worker))}})
				}
			}
		})
	}
	wait.Wait()
}
