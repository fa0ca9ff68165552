package normalise

import (
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nyaruka/phonenumbers"
)

// PhoneVariants are the vendors that compare telephone numbers, and whether they hash the + of an international one.
var PhoneVariants = map[string]bool{
	"": true, "google": true, "reddit": true, "tiktok": true, "x": true,
	"meta": false, "meta_sdk": false, "microsoft": false, "pinterest": false, "snapchat": false,
}

// maxPhone is longer than anyone types, and short enough to be parsed quickly.
const maxPhone = 60

// dialling is a number as someone typed it, in a country.
type dialling struct{ number, country string }

// rememberedNumbers is how many numbers are kept as they were written: reading one by its country's numbering plan costs
// ten times what hashing it does, and a visitor's is asked for by every destination and event.
const rememberedNumbers = 4096

// Phones writes telephone numbers, and remembers those it wrote last. It is safe for concurrent use.
type Phones struct{ written *lru.Cache[dialling, string] }

// NewPhones returns Phones that remember nothing yet.
func NewPhones() *Phones {
	written, err := lru.New[dialling, string](rememberedNumbers)
	if err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	return &Phones{written}
}

// Dial returns + and digits of a number as it is dialled in a country, "" when it is no valid number.
func (p *Phones) Dial(s, country string) string {
	if len(s) > maxPhone {
		return ""
	}
	asked := dialling{s, country}
	if written, known := p.written.Get(asked); known {
		return written
	}
	asked = dialling{strings.Clone(s), strings.Clone(country)} // they may be pieces of a whole request
	written := dial(s, CountryCode(country))
	p.written.Add(asked, written)
	return written
}

// dial returns + and digits of a number as it is dialled in a country, "" when no reading of it is a valid number. country
// may be "". Of a number that could be both, the country's own calling code in front counts, then the national number.
func dial(s, country string) string {
	first := strings.IndexAny(s, "0123456789")
	significant := strings.IndexAny(s, "123456789")
	if significant < 0 {
		return ""
	}
	abroad := "+" + s[significant:]
	switch zeros := strings.Count(s[first:significant], "0"); {
	case strings.Contains(s[:first], "+"):
		return firstValid(country, abroad)
	case zeros == 1:
		return firstValid(country, s)
	case zeros == 0 && startsWithCallingCode(s[first:], country):
		return firstValid(country, abroad, s)
	default: // abroad by 00, which is not every country's prefix, or with the + left out
		return firstValid(country, s, abroad)
	}
}

func startsWithCallingCode(s, country string) bool {
	code := phonenumbers.GetCountryCodeForRegion(country)
	return code != 0 && strings.HasPrefix(keep(s, IsDigit), strconv.Itoa(code))
}

// firstValid is the first of these readings that is a valid number, in international form.
func firstValid(country string, readings ...string) string {
	for _, s := range readings {
		if n, err := phonenumbers.Parse(s, country); err == nil && phonenumbers.IsValidNumber(n) {
			return phonenumbers.Format(n, phonenumbers.E164)
		}
	}
	return ""
}

// DialledIn says in a note where a number would be dialled.
func DialledIn(country string) string {
	if code := CountryCode(country); code != "" {
		return " of " + code + " or abroad"
	}
	return " of a known country"
}

// International writes a telephone number as + and digits, by which a person is recognized: as phone() does where it is
// a valid one, dialled in a country ("DE"), else as it stands when it begins with + or 00, so that a number which no numbering
// plan knows yet can be suppressed too. It returns "" for what is no such number.
func (p *Phones) International(number, country string) string {
	number = strings.TrimSpace(number)
	if valid := p.Dial(number, country); valid != "" {
		return valid
	}
	digits := keep(number, IsDigit)
	switch {
	case strings.HasPrefix(number, "+"):
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	default:
		return ""
	}
	if digits = strings.TrimLeft(digits, "0"); len(digits) < 7 || len(digits) > 15 {
		return ""
	}
	return "+" + digits
}
