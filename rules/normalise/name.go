package normalise

import (
	"regexp"
	"strings"
	"unicode"
)

// NameVariants write first and last names.
var NameVariants = Variants{
	"":          plainName,
	"meta":      plainName,
	"pinterest": plainName,
	"snapchat":  plainName,
	"tiktok":    plainName,
	"google":    googleName,
	"ga4":       lettersAndSpaces,
	"meta_sdk":  func(s string) string { return Lowered(strings.TrimSpace(s)) },
}

// plainName writes lower case of any script, without spaces and ASCII punctuation.
func plainName(s string) string {
	return small(s, func(c rune) bool { return !isSpace(c) && !isASCIIPunctuation(c) })
}

// Titles and suffixes are only taken off at a word's border, so that Petrov does not become Petro.
var (
	nameTitle  = regexp.MustCompile(`^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|rev)\.? +`)
	nameSuffix = regexp.MustCompile(`(?:, *| +)(?:jr|sr|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd|esq)\.?$`)
)

// googleName takes titles and suffixes off and keeps all the rest of a name, as Google's own library for the Data Manager
// API does: O'Connor keeps the apostrophe, Mary-Jane the hyphen. https://github.com/googleads/data-manager-java
func googleName(s string) string {
	s = Lowered(strings.Join(strings.Fields(s), " "))
	s = nameTitle.ReplaceAllString(s, "")
	return nameSuffix.ReplaceAllString(s, "")
}

// Google Analytics takes digits and symbols out of names and places, and symbols alone out of a street.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/uid-data
func lettersAndSpaces(s string) string { return words(s, isLetter) }

func lettersDigitsAndSpaces(s string) string {
	return words(s, func(c rune) bool { return isLetter(c) || unicode.IsDigit(c) })
}

// words keeps such characters, in lower case, and single spaces between words.
func words(s string, ok func(rune) bool) string {
	return strings.Join(strings.Fields(small(s, func(c rune) bool { return unicode.IsSpace(c) || ok(c) })), " ")
}

// StreetVariants write streets with their numbers.
var StreetVariants = Variants{
	"":    func(s string) string { return words(s, func(rune) bool { return true }) },
	"ga4": lettersDigitsAndSpaces,
}

// CityVariants write cities.
var CityVariants = Variants{
	"":          letters,
	"meta_sdk":  letters,
	"pinterest": letters,
	"snapchat":  lettersAndDigits,
	"tiktok":    lettersAndDigits,
	"google":    lettersDigitsAndSpaces,
	"ga4":       lettersAndSpaces,
	"meta":      metaCity,
}

// metaCity drops all but a-z and 0-9, letters with accents too, and wants a letter first.
func metaCity(s string) string {
	s = small(s, func(c rune) bool { return IsASCIILetter(c) || c >= '0' && c <= '9' })
	if s == "" || s[0] <= '9' {
		return ""
	}
	return s
}

func letters(s string) string {
	return small(s, isLetter)
}

func lettersAndDigits(s string) string {
	return small(s, func(c rune) bool { return isLetter(c) || unicode.IsDigit(c) })
}

// GenderVariants write genders.
var GenderVariants = Variants{
	"":          func(s string) string { return genders()[strings.ToLower(strings.TrimSpace(s))] },
	"meta":      func(s string) string { return genders()[strings.ToLower(strings.TrimSpace(s))] },
	"meta_sdk":  func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
	"pinterest": pinterestGender,
}

// pinterestGender knows a third one. https://developers.pinterest.com/docs/api-features/conversion-best-practices/
func pinterestGender(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "n", "non-binary", "nonbinary":
		return "n"
	}
	return genders()[s]
}
