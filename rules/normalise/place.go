package normalise

import (
	_ "embed" // countries.txt
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed countries.txt
var countriesText string

// places finds codes by names. Names are folded to the letters a-z, both with accents taken off and with accented letters
// left out, since Meta's library does the latter.
type places struct {
	codes   map[string]string // folded name or code → code in lower case
	longest int
}

func (p *places) add(code string, names ...string) {
	for _, name := range names {
		for _, key := range []string{foldPlace(name), small(name, IsASCIILetter)} {
			if _, taken := p.codes[key]; !taken {
				p.codes[key] = code
				p.longest = max(p.longest, len(key))
			}
		}
	}
}

// begins returns the code of the longest name that s begins with, "" when there is none: "USAmerica" is the US.
func (p *places) begins(s string) string {
	for n := min(len(s), p.longest); n > 3; n-- {
		if code, ok := p.codes[s[:n]]; ok {
			return code
		}
	}
	return ""
}

// countries is read once; nothing changes it.
var countries = sync.OnceValue(func() *places {
	p := &places{codes: map[string]string{}}
	lines := strings.Split(countriesText, "\n")
	for _, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		code, rest, _ := strings.Cut(line, " ")
		long, names, _ := strings.Cut(rest, " ")
		code = strings.ToLower(code)
		p.add(code, code, long)
		p.add(code, strings.Split(names, "|")...)
	}
	return p
})

// states are those of the US and Canada.
var states = sync.OnceValue(func() *places {
	p := &places{codes: map[string]string{}}
	for _, pair := range strings.Split(stateNames, ",") {
		code, name, _ := strings.Cut(strings.TrimSpace(pair), " ")
		p.add(code, name)
	}
	return p
})

const stateNames = `al Alabama, ak Alaska, az Arizona, ar Arkansas, ca California, co Colorado, ct Connecticut, de Delaware, fl Florida, ga Georgia,
	hi Hawaii, id Idaho, il Illinois, in Indiana, ia Iowa, ks Kansas, ky Kentucky, la Louisiana, me Maine, md Maryland, ma Massachusetts,
	mi Michigan, mn Minnesota, ms Mississippi, mo Missouri, mt Montana, ne Nebraska, nv Nevada, nh New Hampshire, nj New Jersey, nm New Mexico,
	ny New York, nc North Carolina, nd North Dakota, oh Ohio, ok Oklahoma, or Oregon, pa Pennsylvania, ri Rhode Island, sc South Carolina,
	sd South Dakota, tn Tennessee, tx Texas, ut Utah, vt Vermont, va Virginia, wa Washington, wv West Virginia, wi Wisconsin, wy Wyoming,
	dc District of Columbia, on Ontario, qc Quebec, bc British Columbia, ab Alberta, sk Saskatchewan, mb Manitoba, ns Nova Scotia,
	nb New Brunswick, pe Prince Edward Island, nl Newfoundland and Labrador, nl Newfoundland, yt Yukon, nt Northwest Territories, nu Nunavut`

// foldPlace writes a name in lower case a-z, accents taken off.
func foldPlace(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "&", "and")
	return keep(norm.NFD.String(s), IsASCIILetter)
}

// CountryVariants write countries.
var CountryVariants = Variants{
	"":          CountryCode,
	"google":    CountryCode,
	"meta":      func(s string) string { return metaPlace(s, countries()) },
	"meta_sdk":  sdkCountry,
	"pinterest": func(s string) string { return strings.ToLower(CountryCode(s)) },
	"snapchat":  func(s string) string { return strings.ToLower(CountryCode(s)) },
	"tiktok":    func(s string) string { return strings.ToLower(CountryCode(s)) },
}

// CountryCode returns the two letters of ISO 3166-1 in capitals, "" for what is no country.
func CountryCode(s string) string { return strings.ToUpper(countries().codes[foldPlace(s)]) }

// metaPlace is Meta's way: a name's code, else the first two letters of whatever it is.
func metaPlace(s string, known *places) string {
	s = small(s, IsASCIILetter)
	if len(s) > 2 {
		if code, ok := known.codes[s]; ok {
			return code
		}
		if code := known.begins(s); code != "" {
			return code
		}
	}
	return s[:min(len(s), 2)]
}

// sdkCountry takes only two letters.
func sdkCountry(s string) string {
	if s = letters(s); len(s) != 2 {
		return ""
	}
	return s
}

// RegionVariants write states and provinces.
var RegionVariants = Variants{
	"":          lettersAndDigits,
	"google":    lettersDigitsAndSpaces,
	"ga4":       lettersAndSpaces,
	"meta":      func(s string) string { return metaPlace(s, states()) },
	"meta_sdk":  letters,
	"pinterest": func(s string) string { return metaPlace(s, states()) },
	"snapchat":  lettersAndDigits,
	"tiktok":    lettersAndDigits,
}

// PostalCodeVariants write postal codes.
var PostalCodeVariants = Variants{
	"":             plainPostalCode,
	"snapchat":     plainPostalCode,
	"tiktok":       plainPostalCode,
	"meta":         metaPostalCode,
	"meta_builder": func(s string) string { return atLeastTwo(strings.TrimSpace(beforeDash(strings.ToLower(s)))) },
	"meta_sdk":     func(s string) string { return small(beforeDash(s), notSpace) },
	"google":       googlePostalCode,
	"pinterest":    func(s string) string { return keep(s, IsDigit) },
}

var longZip = regexp.MustCompile(`^\d{5}-\d{4}$`)

// plainPostalCode keeps the first five digits of the US's long form, and of all others everything but spaces and dashes.
func plainPostalCode(s string) string {
	s = small(s, notSpace)
	if longZip.MatchString(s) {
		return s[:5]
	}
	return strings.ReplaceAll(s, "-", "")
}

// metaPostalCode takes the part before a dash, without spaces, as Meta's documentation has it; its newest library keeps
// those inside, which is the variant meta_builder.
func metaPostalCode(s string) string { return atLeastTwo(small(beforeDash(s), notSpace)) }

func atLeastTwo(s string) string {
	if len(s) < 2 {
		return ""
	}
	return s
}

func googlePostalCode(s string) string {
	s = strings.TrimSpace(keep(s, func(c rune) bool { return c != '.' && c != '~' }))
	if longZip.MatchString(s) {
		return s[:5]
	}
	return s
}

func beforeDash(s string) string {
	s, _, _ = strings.Cut(s, "-")
	return s
}

// genders maps words to m and f.
var genders = sync.OnceValue(func() map[string]string {
	words := map[string]string{}
	for g, list := range map[string]string{
		"m": `m male man boy gentleman guy sir mister mr son father dad daddy papa uncle nephew brother husband boyfriend groom widower king
			prince duke count emperor god lord lad fellow chap bloke dude he him his himself`,
		"f": `f female woman girl lady miss ms mrs madam ma'am daughter mother mom mama mommy aunt niece sister wife girlfriend bride widow
			queen princess duchess countess empress goddess maiden lass gal chick dame belle she her hers herself`,
	} {
		for _, w := range strings.FieldsFunc(list, unicode.IsSpace) {
			words[w] = g
		}
	}
	return words
})
