package rules

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"headgate/event"
)

// phoneVariants are the vendors that compare telephone numbers, and whether they hash the + of an international one.
var phoneVariants = map[string]bool{
	"": true, "google": true, "reddit": true, "tiktok": true, "x": true,
	"meta": false, "meta_sdk": false, "microsoft": false, "pinterest": false, "snapchat": false,
}

// phone writes a telephone number internationally. The numbering plans of all countries decide what is a number: what
// none of them knows would match nobody, and yields nil.
var phone = &function{
	usage: "phone(text[, country[, variant]])", help: "a valid telephone number in international form as it is hashed: with + unless the vendor leaves it out; " +
		"country is the two letters of where it is dialled; nil if it is no valid number" + variantHelp(variantNames(phoneVariants)),
	example: `phone("030 123456", "DE") → "+4930123456"`, params: []kind{text, text, text}, optional: 2, result: text,
	build: func(c *compiler, offset int, args []expression) expression {
		name, ok := c.variant(args[min(2, len(args)):], variantNames(phoneVariants))
		if !ok {
			return constant(offset, text, event.Value{})
		}
		country := constant(offset, text, event.Value{})
		if len(args) > 1 {
			country = args[1]
		}
		if country.constant && country.fixed.Text() != "" && countryCode(country.fixed.Text()) == "" {
			return c.mistake(country.offset, "no country "+quote(country.fixed.Text()), `such as "DE", or geo.country`)
		}
		x, withPlus := args[0], phoneVariants[name]
		return c.fold(textExpression(offset, "", func(m *Machine) string {
			s, ok := x.asText(m)
			where, _ := country.asText(m)
			if s = strings.TrimSpace(s); !ok || s == "" || !m.room(offset, len(s)) {
				return ""
			}
			if hashed(s) {
				return strings.ToLower(s)
			}
			number := m.language.dial(s, where)
			if number == "" {
				m.note("%s is no valid telephone number%s and was left out", x.called(), dialledIn(where))
				return ""
			}
			if withPlus {
				return number
			}
			return number[1:]
		}), x, country)
	},
}

// maxPhone is more than anybody types, and little enough to be read quickly.
const maxPhone = 60

// dialling is a number as somebody typed it, in a country.
type dialling struct{ number, country string }

// rememberedNumbers is how many numbers are kept as they were written: reading one by its country's numbering plan costs
// ten times what hashing it does, and a visitor's is asked for by every destination and event.
const rememberedNumbers = 4096

func (l *Language) dial(s, country string) string {
	if len(s) > maxPhone {
		return ""
	}
	asked := dialling{s, country}
	if written, known := l.dialled.Get(asked); known {
		return written
	}
	asked = dialling{strings.Clone(s), strings.Clone(country)} // they may be pieces of a whole request
	written := dial(s, countryCode(country))
	l.dialled.Add(asked, written)
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
	return code != 0 && strings.HasPrefix(keep(s, isDigit), strconv.Itoa(code))
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

// dialledIn says in a note where a number would be dialled.
func dialledIn(country string) string {
	if code := countryCode(country); code != "" {
		return " of " + code + " or abroad"
	}
	return " of a known country"
}
