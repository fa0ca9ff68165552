package rules

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"headgate/event"
)

// phoneVariants write a number whose country is not known, or that is none of that country: as the vendor's own library
// does, from what was typed.
var phoneVariants = variants{
	"":          internationalPhone,
	"google":    googlePhone,
	"meta":      func(s string) string { return strings.TrimLeft(digits(s), "0") },
	"meta_sdk":  sdkPhone,
	"microsoft": digits,
	"pinterest": func(s string) string { return strings.TrimLeft(digits(s), "0") },
	"reddit":    redditPhone,
	"snapchat":  func(s string) string { return strings.TrimLeft(digits(s), "0") },
	"tiktok":    tiktokPhone,
	"x":         func(s string) string { return plus(digits(s)) },
}

// withPlus are the vendors that hash the + of an international number.
var withPlus = map[string]bool{"": true, "google": true, "reddit": true, "tiktok": true, "x": true}

// phone writes a telephone number internationally. With a country, which the number is dialled in, the numbering plan of
// that country decides what is a prefix and what an extension.
var phone = &function{
	usage: "phone(text[, country[, variant]])", help: "a telephone number in international form as it is hashed: with + unless the vendor leaves it out; " +
		"country is the two letters of where it is dialled" + variantHelp(phoneVariants.names()),
	example: `phone("030 123456", "DE") → "+4930123456"`, params: []kind{text, text, text}, optional: 2, result: text,
	build: func(c *compiler, offset int, args []expression) expression {
		name, ok := c.variant(args[min(2, len(args)):], phoneVariants.names())
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
		x, form := args[0], phoneVariants[name]
		return c.fold(textExpression(offset, "", func(m *Machine) string {
			s, ok := x.asText(m)
			where, _ := country.asText(m)
			if !ok || !m.room(offset, len(s)) {
				return ""
			}
			s = strings.TrimSpace(s)
			switch dialled := m.language.dial(s, where); {
			case hashed(s):
				return strings.ToLower(s)
			case dialled == "":
				return form(s)
			case withPlus[name]:
				return dialled
			default:
				return dialled[1:]
			}
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
	if country == "" || len(s) > maxPhone {
		return ""
	}
	asked := dialling{s, country}
	if written, known := l.dialled.Get(asked); known {
		return written
	}
	asked = dialling{strings.Clone(s), strings.Clone(country)} // they may be pieces of a whole request
	written := dial(s, country)
	l.dialled.Add(asked, written)
	return written
}

// dial returns + and digits of a number as it is dialled in a country, "" when the country is not known or has no such
// number.
func dial(s, country string) string {
	if country == "" || len(s) > maxPhone {
		return ""
	}
	n, err := phonenumbers.Parse(s, countryCode(country))
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

func digits(s string) string { return keep(s, func(c rune) bool { return c >= '0' && c <= '9' }) }

func plus(digits string) string {
	if digits == "" {
		return ""
	}
	return "+" + digits
}

// internationalPhone takes only what is written internationally: of other numbers nobody knows the country.
func internationalPhone(s string) string {
	d := digits(s)
	switch {
	case strings.HasPrefix(s, "+"):
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	default:
		return ""
	}
	if d = strings.TrimLeft(d, "0"); len(d) < 7 || len(d) > 15 {
		return ""
	}
	return "+" + d
}

// googlePhone wants 10 to 15 digits and guesses no country.
func googlePhone(s string) string {
	d := strings.TrimPrefix(digits(s), "00")
	if len(d) < 10 || len(d) > 15 {
		return ""
	}
	return "+" + d
}

// sdkPhone strips at most two zeros and wants 7 to 16 digits.
func sdkPhone(s string) string {
	d := digits(s)
	d = strings.TrimPrefix(strings.TrimPrefix(d, "0"), "0")
	if len(d) < 7 || len(d) > 16 {
		return ""
	}
	return d
}

// redditPhone cuts at the first of these marks of an extension, tried in this order.
func redditPhone(s string) string {
	for _, mark := range []string{"ext", "x", "anexo", "#", "poste", "int"} {
		if i := strings.Index(strings.ToLower(s), mark); i >= 0 {
			s = s[:i]
			break
		}
	}
	return plus(digits(s))
}

// tiktokPhone is at most 15 characters long, the + among them.
func tiktokPhone(s string) string {
	p := plus(strings.TrimLeft(digits(s), "0"))
	return p[:min(len(p), 15)]
}
