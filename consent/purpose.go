package consent

import (
	"strings"

	"headgate/consent/google"
	"headgate/consent/iab"
	"headgate/document"
	"headgate/event"
)

// The purposes that every site has.
const (
	Necessary       = "necessary"
	Functional      = "functional"
	Analytics       = "analytics"
	Ads             = "ads"              // measure ads, send conversions
	PersonalizedAds = "personalized_ads" // audiences, remarketing
	Sharing         = "sharing"          // the third party may use the data for its own ends
)

// set is a set of purposes by their place in Policy.purposes.
type set uint32

// maxPurposes bounds the purposes of a site to what a set can hold.
const maxPurposes = 24

func (s set) has(i int) bool { return s&(1<<i) != 0 }

func (s *set) add(i int) { *s |= 1 << i }

// purpose is one purpose with what each standard calls it.
type purpose struct {
	name     string
	tcf      uint32      // TCF purposes that must all be consented to, bit n-1 for purpose n; 0: TCF says nothing about it
	google   google.Type // Google's consent types that must all be granted
	optOut   bool        // a US opt-out denies it
	targeted bool        // it is denied even where an opt-out covers targeted advertising only
}

// The places of the built-in purposes.
const (
	necessary = iota
	functional
	analytics
	ads
	personalizedAds
	sharing
)

var builtInPurposes = []purpose{
	{name: Necessary, google: google.SecurityStorage},
	{name: Functional, tcf: iab.Purposes(1, 5, 6, 11), google: google.FunctionalityStorage | google.PersonalizationStorage},
	{name: Analytics, tcf: iab.Purposes(1, 8, 9), google: google.AnalyticsStorage},
	{name: Ads, tcf: iab.Purposes(1, 2, 7), google: google.AdStorage | google.AdUserData, optOut: true},
	{name: PersonalizedAds, tcf: iab.Purposes(1, 3, 4), google: google.AdPersonalization, optOut: true, targeted: true},
	{name: Sharing, optOut: true, targeted: true},
}

// categories are the words that consent tools use for what we call purposes.
var categories = map[string]set{
	"necessary": 1 << necessary, "essential": 1 << necessary, "required": 1 << necessary, "strict": 1 << necessary,
	"strictly_necessary": 1 << necessary, "essential_services": 1 << necessary, "security_storage": 1 << necessary,

	"functional": 1 << functional, "functionality": 1 << functional, "preferences": 1 << functional,
	"personalization": 1 << functional, "experience": 1 << functional, "functionality_storage": 1 << functional,
	"personalization_storage": 1 << functional,

	"analytics": 1 << analytics, "analytic": 1 << analytics, "statistics": 1 << analytics, "statistic": 1 << analytics,
	"performance": 1 << analytics, "measurement": 1 << analytics, "analytics_storage": 1 << analytics,

	"marketing": 1<<ads | 1<<personalizedAds, "advertising": 1<<ads | 1<<personalizedAds,
	"advertisement": 1<<ads | 1<<personalizedAds, "targeting": 1<<ads | 1<<personalizedAds,
	"behavioral_advertising": 1<<ads | 1<<personalizedAds, "targeted_ads": 1<<ads | 1<<personalizedAds,

	"ads": 1 << ads, "personalized_ads": 1 << personalizedAds, "ad_personalization": 1 << personalizedAds,
	"sharing": 1 << sharing, "sale": 1 << sharing, "data_sharing": 1 << sharing,
}

// purposesOf returns the purposes that a category means at this site: a map of the site's own comes first, then the name
// of a purpose, then the words that are common.
func (p *Policy) purposesOf(own categoryMap, id, category string) set {
	if s, ok := own[id]; ok {
		return s
	}
	for i := range p.purposes {
		if p.purposes[i].name == category {
			return 1 << i
		}
	}
	if s, ok := categories[category]; ok {
		return s
	}
	return categories[strings.ReplaceAll(strings.ToLower(category), "-", "_")]
}

// index returns the place of a purpose, -1 when there is none of that name.
func (p *Policy) index(name string) int {
	for i := range p.purposes {
		if p.purposes[i].name == name {
			return i
		}
	}
	return -1
}

// consentOf returns what formulas and destinations see: true or false per purpose. What is said of vendors is left out.
func consentOf(states []event.State) event.Map {
	m := make(event.Map, 0, len(states))
	for i := range states {
		if !strings.Contains(states[i].Purpose, ":") {
			m.Add(states[i].Purpose, event.Boolean(states[i].State == granted))
		}
	}
	return m
}

// The families of signals, as `sources` lists them.
const (
	familyEvent  = "event"
	familyTCF    = "tcf"
	familyCMP    = "cmp"
	familyGoogle = "google"
	familyGPP    = "gpp"
	familyUSP    = "usp"
	familyGPC    = "gpc"
	familyDNT    = "dnt" // recorded, never binding
)

var families = []string{familyEvent, familyTCF, familyCMP, familyGoogle, familyGPP, familyUSP, familyGPC}

// optOuts returns the purposes that a US opt-out denies.
func (p *Policy) optOuts() (s set) {
	for i := range p.purposes {
		if p.purposes[i].optOut {
			s.add(i)
		}
	}
	return s
}

// missing returns the types that a purpose takes and that are not among those granted.
func (p *purpose) missing(types google.Type) google.Type { return p.google &^ types }

// What is said of purposes in records, for short.
const (
	granted = event.Granted
	denied  = event.Denied

	byChoice  = event.ByChoice
	bySignal  = event.BySignal
	byDefault = event.ByDefault
	byPolicy  = event.ByPolicy
)

// elsewhere are the words of consent tools and of Google's consent mode for what is a purpose here.
var elsewhere = map[string]string{"marketing": "ads", "advertising": "ads", "advertisement": "ads", "targeting": "ads", "ad_storage": "ads",
	"ad_user_data": "ads", "ad_personalization": "personalized_ads", "personalization": "personalized_ads", "analytics_storage": "analytics",
	"statistics": "analytics", "performance": "analytics", "measurement": "analytics", "preferences": "functional",
	"functionality": "functional", "functionality_storage": "functional", "personalization_storage": "functional",
	"essential": "necessary", "required": "necessary", "security_storage": "necessary"}

// suggest is the cure for a purpose that nobody knows.
func (p *Policy) suggest(name string) string {
	if ours, ok := elsewhere[strings.ToLower(name)]; ok {
		return "write " + ours
	}
	return document.DidYouMean(name, p.Purposes())
}
