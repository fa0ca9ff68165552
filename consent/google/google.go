// Package google reads what Google Consent Mode sends: its consent types, gcs and gcd. It knows neither purposes of ours nor
// policy.
package google

import "strings"

// Type is one of Google's consent types, or several.
type Type uint8

// The types, in the order of Names.
const (
	AdStorage Type = 1 << iota
	AnalyticsStorage
	AdUserData
	AdPersonalization
	FunctionalityStorage
	PersonalizationStorage
	SecurityStorage
)

// Names are the types in the order of gcd, which is that of the constants.
var Names = []string{"ad_storage", "analytics_storage", "ad_user_data", "ad_personalization",
	"functionality_storage", "personalization_storage", "security_storage"}

// Named returns the type of a name as Google writes it, 0 when there is none.
func Named(name string) Type {
	for i, one := range Names {
		if one == name {
			return 1 << i
		}
	}
	return 0
}

// TypeOf returns the type of a name as pages and consent tools write it, 0 when there is none.
func TypeOf(name string) Type { return Named(strings.ReplaceAll(strings.ToLower(name), "-", "_")) }

// AppendNames writes types as words: "ad_storage and ad_user_data".
func AppendNames(b []byte, types Type) []byte {
	first := true
	for t, name := range Names {
		if types&(1<<t) == 0 {
			continue
		}
		if !first {
			b = append(b, " and "...)
		}
		b, first = append(b, name...), false
	}
	return b
}
