package signals

import (
	"strings"

	"headgate/consent/google"
	"headgate/consent/iab"
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

// PurposeSet is a set of purposes by their place in Vocabulary.Purposes.
type PurposeSet uint32

// MaxPurposes bounds the purposes of a site to what a set can hold.
const MaxPurposes = 24

// Has reports whether the purpose at a place is in the set.
func (s PurposeSet) Has(i int) bool { return s&(1<<i) != 0 }

func (s *PurposeSet) add(i int) { *s |= 1 << i }

// Purpose is one purpose with what each standard calls it.
type Purpose struct {
	Name     string
	TCF      uint32      // TCF purposes that must all be consented to, bit n-1 for purpose n; 0: TCF says nothing about it
	Google   google.Type // Google's consent types that must all be granted
	OptOut   bool        // a US opt-out denies it
	Targeted bool        // it is denied even where an opt-out covers targeted advertising only
}

// The places of the built-in purposes.
const (
	AtNecessary = iota
	AtFunctional
	AtAnalytics
	AtAds
	AtPersonalizedAds
	AtSharing
)

// BuiltInPurposes are the purposes that every site has, by their places.
var BuiltInPurposes = []Purpose{
	{Name: Necessary, Google: google.SecurityStorage},
	{Name: Functional, TCF: iab.Purposes(1, 5, 6, 11), Google: google.FunctionalityStorage | google.PersonalizationStorage},
	{Name: Analytics, TCF: iab.Purposes(1, 8, 9), Google: google.AnalyticsStorage},
	{Name: Ads, TCF: iab.Purposes(1, 2, 7), Google: google.AdStorage | google.AdUserData, OptOut: true},
	{Name: PersonalizedAds, TCF: iab.Purposes(1, 3, 4), Google: google.AdPersonalization, OptOut: true, Targeted: true},
	{Name: Sharing, OptOut: true, Targeted: true},
}

// categories are the words that consent tools use for what we call purposes.
var categories = map[string]PurposeSet{
	"necessary": 1 << AtNecessary, "essential": 1 << AtNecessary, "required": 1 << AtNecessary, "strict": 1 << AtNecessary,
	"strictly_necessary": 1 << AtNecessary, "essential_services": 1 << AtNecessary, "security_storage": 1 << AtNecessary,

	"functional": 1 << AtFunctional, "functionality": 1 << AtFunctional, "preferences": 1 << AtFunctional,
	"personalization": 1 << AtFunctional, "experience": 1 << AtFunctional, "functionality_storage": 1 << AtFunctional,
	"personalization_storage": 1 << AtFunctional,

	"analytics": 1 << AtAnalytics, "analytic": 1 << AtAnalytics, "statistics": 1 << AtAnalytics, "statistic": 1 << AtAnalytics,
	"performance": 1 << AtAnalytics, "measurement": 1 << AtAnalytics, "analytics_storage": 1 << AtAnalytics,

	"marketing": 1<<AtAds | 1<<AtPersonalizedAds, "advertising": 1<<AtAds | 1<<AtPersonalizedAds,
	"advertisement": 1<<AtAds | 1<<AtPersonalizedAds, "targeting": 1<<AtAds | 1<<AtPersonalizedAds,
	"behavioral_advertising": 1<<AtAds | 1<<AtPersonalizedAds, "targeted_ads": 1<<AtAds | 1<<AtPersonalizedAds,

	"ads": 1 << AtAds, "personalized_ads": 1 << AtPersonalizedAds, "ad_personalization": 1 << AtPersonalizedAds,
	"sharing": 1 << AtSharing, "sale": 1 << AtSharing, "data_sharing": 1 << AtSharing,
}

// purposesOf returns the purposes that a category means at this site: a map of the site's own comes first, then the name
// of a purpose, then the words that are common.
func (v *Vocabulary) purposesOf(own CategoryMap, id, category string) PurposeSet {
	if s, ok := own[id]; ok {
		return s
	}
	for i := range v.Purposes {
		if v.Purposes[i].Name == category {
			return 1 << i
		}
	}
	if s, ok := categories[category]; ok {
		return s
	}
	return categories[strings.ReplaceAll(strings.ToLower(category), "-", "_")]
}

// Index returns the place of a purpose, -1 when there is none of that name.
func (v *Vocabulary) Index(name string) int {
	for i := range v.Purposes {
		if v.Purposes[i].Name == name {
			return i
		}
	}
	return -1
}

// The families of signals, as `sources` lists them.
const (
	FamilyEvent  = "event"
	FamilyTCF    = "tcf"
	FamilyCMP    = "cmp"
	FamilyGoogle = "google"
	FamilyGPP    = event.FromGPP
	FamilyUSP    = event.FromUSP
	FamilyGPC    = event.FromGPC
	FamilyDNT    = "dnt" // recorded, never binding
)

// Families are the families of signals that bind, in the order in which `sources: auto` ranks them.
var Families = []string{FamilyEvent, FamilyTCF, FamilyCMP, FamilyGoogle, FamilyGPP, FamilyUSP, FamilyGPC}

// OptOuts returns the purposes that a US opt-out denies.
func (v *Vocabulary) OptOuts() (s PurposeSet) {
	for i := range v.Purposes {
		if v.Purposes[i].OptOut {
			s.add(i)
		}
	}
	return s
}

// Missing returns the types that a purpose takes and that are not among those granted.
func (p *Purpose) Missing(types google.Type) google.Type { return p.Google &^ types }
