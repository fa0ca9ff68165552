package functions

import (
	"strings"

	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// phone writes a telephone number internationally. The numbering plans of all countries decide what is a number: what
// none of them knows would match nobody, and yields nil.
func phone(numbers *normalise.Phones) *formula.Function {
	return &formula.Function{
		Usage: "phone(text[, country[, variant]])", Help: "a valid telephone number in international form as it is hashed: with + unless the vendor leaves it out; " +
			"country is the two letters of where it is dialled; nil if it is no valid number" + variantHelp(normalise.VariantNames(normalise.PhoneVariants)),
		Example: `phone("030 123456", "DE") → "+4930123456"`, Params: []formula.Kind{formula.Text, formula.Text, formula.Text}, Optional: 2, Result: formula.Text,
		Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
			name, ok := variant(c, args[min(2, len(args)):], normalise.VariantNames(normalise.PhoneVariants))
			if !ok {
				return formula.Constant(offset, formula.Text, event.Value{})
			}
			country := formula.Constant(offset, formula.Text, event.Value{})
			if len(args) > 1 {
				country = args[1]
			}
			if country.Constant && country.Fixed.Text() != "" && normalise.CountryCode(country.Fixed.Text()) == "" {
				return c.Mistake(country.Offset, "no country "+advice.Quote(country.Fixed.Text()), `such as "DE", or geo.country`)
			}
			x, withPlus := args[0], normalise.PhoneVariants[name]
			return c.Fold(formula.TextExpression(offset, "", func(m *formula.Machine) string {
				s, ok := x.AsText(m)
				where, _ := country.AsText(m)
				if s = strings.TrimSpace(s); !ok || s == "" || !m.Room(offset, len(s)) {
					return ""
				}
				if normalise.Hashed(s) {
					return strings.ToLower(s)
				}
				number := numbers.Dial(s, where)
				if number == "" {
					m.Notef("%s is no valid telephone number%s and was left out", x.Called(), normalise.DialledIn(where))
					return ""
				}
				if withPlus {
					return number
				}
				return number[1:]
			}), x, country)
		},
	}
}
