package normalise

import (
	"maps"
	"slices"
	"strings"
)

// Variants are the ways to write something, by vendor; "" is the one for all others.
type Variants map[string]func(string) string

// VariantNames are the vendors of a table by vendor, sorted.
func VariantNames[V any](byVendor map[string]V) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(byVendor)), func(name string) bool { return name == "" })
}

// ExternalIDs are ways to write a customer's number.
var ExternalIDs = Variants{
	"":       strings.TrimSpace,
	"reddit": strings.TrimSpace,
	"tiktok": func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
	"meta":   func(s string) string { return small(s, notSpace) },
}

// AdvertisingID writes a device's id in lower case, "" for the zeros that stand for one that is not shared.
func AdvertisingID(s string) string {
	if s = small(s, notSpace); strings.Trim(s, "0-") == "" {
		return ""
	}
	return s
}
