package rules

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"headgate/document"
	"headgate/event"
)

// Vendors compare people by the hash of an address, a name or a number, so all that matters is to write it exactly as they
// do before it is hashed. Each of these functions has a form of its own for whom no other is known, and variants named
// after a vendor where that vendor's form differs. "meta" is Meta's newest library (capi-param-builder), "meta_sdk" its
// Python business SDK; the two disagree. A value that arrives hashed (64 hex digits) stays, in small letters; a value that
// cannot be one yields nil, so that nothing is sent rather than the hash of nothing.

var contactFunctions = map[string]*function{
	"email": normaliser("email(text[, variant])", "an e-mail address as it is hashed: small letters, no spaces; nil if it is none",
		`email(" Some.One+news@Shop.example ") → "some.one+news@shop.example"`, emailVariants),
	"first_name": normaliser("first_name(text[, variant])", "a first name as it is hashed: small letters, no spaces and punctuation",
		`first_name("Mary-Jane ") → "maryjane"`, nameVariants),
	"last_name": normaliser("last_name(text[, variant])", "a last name as it is hashed: small letters, no spaces and punctuation",
		`last_name("O'Connor") → "oconnor"`, nameVariants),
	"street": normaliser("street(text[, variant])", "street and number: small letters, single spaces", `street(" Long Street  1 ") → "long street 1"`, streetVariants),
	"city":   normaliser("city(text[, variant])", "a city: small letters, no spaces, digits and punctuation", `city("St. Louis") → "stlouis"`, cityVariants),
	"region": normaliser("region(text[, variant])", "a state or province: small letters, no spaces and punctuation; for meta the code of those in the US and Canada",
		`region("New York", "meta") → "ny"`, regionVariants),
	"postal_code": normaliser("postal_code(text[, variant])", "a postal code: small letters, no spaces and dashes, five digits in the US",
		`postal_code("SW1A 1AA") → "sw1a1aa"`, postalCodeVariants),
	"country": normaliser("country(text[, variant])", "the two-letter code of a country from its code or name, in capitals; small letters for vendors that hash it",
		`country("Germany") → "DE"`, countryVariants),
	"gender": normaliser("gender(text[, variant])", "m or f; nil for everything else", `gender("Female") → "f"`, genderVariants),
	"external_id": normaliser("external_id(text[, variant])", "a customer's number as it is hashed", `external_id(" User 1 ", "meta") → "user1"`,
		variants{"": strings.TrimSpace, "reddit": strings.TrimSpace, "tiktok": func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
			"meta": func(s string) string { return small(s, notSpace) }}),
	"currency": textTo("currency(text)", "a currency's three letters, in capitals; nil if there are not three", `currency(" eur") → "EUR"`, currencyCode),

	"advertising_id": textTo("advertising_id(text)", "a device's advertising id: small letters; nil for the zeros that stand for one that is not given away",
		`advertising_id("6D92078A-8246-4BA4-AE5B-76104861E7DC") → "6d92078a-8246-4ba4-ae5b-76104861e7dc"`, func(s string) string {
			if s = small(s, notSpace); strings.Trim(s, "0-") == "" {
				return ""
			}
			return s
		}),
	"birth_date": birthDate, "phone": phone, "fbc": fbc, "fbp": fbp, "public_ip": publicIP,
}

// variants are the ways to write something, by vendor; "" is the one for all others.
type variants map[string]func(string) string

// variantNames are the vendors of a table by vendor, sorted.
func variantNames[V any](byVendor map[string]V) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(byVendor)), func(name string) bool { return name == "" })
}

// normaliser makes a function of a text and, as a literal, a variant.
func normaliser(usage, help, example string, vs variants) *function {
	return &function{usage: usage, help: help + variantHelp(variantNames(vs)), example: example, params: []kind{text, text}, optional: 1, result: text,
		build: func(c *compiler, offset int, args []expression) expression {
			name, ok := c.variant(args[1:], variantNames(vs))
			if !ok {
				return constant(offset, text, event.Value{})
			}
			form := vs[name]
			return c.textOf(offset, named(usage), args[0], func(_ *Machine, s string) string { return unlessHashed(s, form) })
		}}
}

func variantHelp(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ". Variants: " + strings.Join(names, ", ")
}

// variant returns the vendor that was written out, "" for none.
func (c *compiler) variant(args []expression, known []string) (string, bool) {
	if len(args) == 0 {
		return "", true
	}
	x := args[0]
	if !x.constant {
		c.mistake(x.offset, "the variant has to be written out, as a text in quotes", "")
		return "", false
	}
	if name := x.fixed.Text(); isIn(name, known) {
		return name, true
	}
	c.mistake(x.offset, "no variant "+quote(x.fixed.Text()), document.DidYouMean(x.fixed.Text(), known))
	return "", false
}

// unlessHashed returns a hash in small letters, and what form makes of everything else.
func unlessHashed(s string, form func(string) string) string {
	if trimmed := strings.TrimSpace(s); hashed(trimmed) {
		return strings.ToLower(trimmed)
	}
	return form(s)
}

// keep returns the characters of s for which ok says so.
func keep(s string, ok func(rune) bool) string {
	return strings.Map(func(c rune) rune {
		if ok(c) {
			return c
		}
		return -1
	}, s)
}

// small returns the characters of s in small letters for which ok says so then. Contact data is mostly ASCII and short.
func small(s string, ok func(rune) bool) string {
	var short [64]byte
	kept := short[:0]
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return keep(lowered(s), ok)
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if ok(rune(c)) {
			kept = append(kept, c)
		}
	}
	if string(kept) == s {
		return s
	}
	return string(kept)
}

// lowered writes small letters as vendors' libraries in JavaScript, Python and Java do, which follow Unicode in full: a
// sigma that ends a word becomes ς, and İ keeps its dot as a mark of its own.
func lowered(s string) string { return cases.Lower(language.Und).String(s) }

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func currencyCode(s string) string {
	s = strings.ToUpper(keep(s, isASCIILetter))
	if len(s) != 3 {
		return ""
	}
	return s
}
