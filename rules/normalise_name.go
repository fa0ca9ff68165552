package rules

import (
	"regexp"
	"strings"
	"unicode"
)

var nameVariants = variants{
	"":          plainName,
	"meta":      plainName,
	"pinterest": plainName,
	"snapchat":  plainName,
	"tiktok":    plainName,
	"google":    googleName,
	"meta_sdk":  func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
}

// plainName writes small letters of any script, without spaces and ASCII punctuation.
func plainName(s string) string {
	return small(s, func(c rune) bool { return !isSpace(c) && !isASCIIPunctuation(c) })
}

// Titles and suffixes are only taken off at a word's border, so that Petrov does not become Petro.
var (
	nameTitle  = regexp.MustCompile(`^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|rev)\.? +`)
	nameSuffix = regexp.MustCompile(`,? +(?:jr|sr|ii|iii|iv|phd|md|esq)\.?$`)
)

// googleName takes titles, suffixes, digits and symbols off and keeps the spaces between names.
func googleName(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	s = nameTitle.ReplaceAllString(s, "")
	s = nameSuffix.ReplaceAllString(s, "")
	s = keep(s, func(c rune) bool { return c == ' ' || unicode.IsLetter(c) || unicode.IsMark(c) })
	return strings.Join(strings.Fields(s), " ")
}

var cityVariants = variants{
	"":          letters,
	"meta_sdk":  letters,
	"pinterest": letters,
	"snapchat":  lettersAndDigits,
	"tiktok":    lettersAndDigits,
	"google":    googlePlace,
	"meta":      metaCity,
}

// metaCity drops all but a-z and 0-9, letters with accents too, and wants a letter first.
func metaCity(s string) string {
	s = small(s, func(c rune) bool { return isASCIILetter(c) || c >= '0' && c <= '9' })
	if s == "" || s[0] <= '9' {
		return ""
	}
	return s
}

func letters(s string) string {
	return small(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) })
}

func lettersAndDigits(s string) string {
	return small(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsDigit(c) })
}

// googlePlace keeps the spaces between words.
func googlePlace(s string) string {
	s = small(s, func(c rune) bool { return c == ' ' || unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsDigit(c) })
	return strings.Join(strings.Fields(s), " ")
}

func isASCIILetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isASCIIPunctuation(c rune) bool {
	return c > ' ' && c < unicode.MaxASCII && !isASCIILetter(c) && (c < '0' || c > '9')
}

// isSpace is what vendors' libraries count as white space: Unicode's, and the invisible mark that begins some files.
func isSpace(c rune) bool { return unicode.IsSpace(c) || c == '\ufeff' }

var genderVariants = variants{
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
