package functions

import (
	"strings"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// birthDate reads dates as people write them. Day and month are distinguished where one is above 12; where both could be
// either, the month comes first after the year and in front of it, as Meta has it.
var birthDate = &formula.Function{
	Usage: "birth_date(text[, part])", Help: `a date of birth as YYYYMMDD; parts: "year", "month", "day", of a date or of a number alone`,
	Example: `birth_date("16.2.1997") → "19970216"`, Params: []formula.Kind{formula.Text, formula.Text}, Optional: 1, Result: formula.Text,
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		part, ok := variant(c, args[1:], []string{"year", "month", "day"})
		if !ok {
			return formula.Constant(offset, formula.Text, event.Value{})
		}
		return textOf(c, offset, "birth_date", args[0], func(m *formula.Machine, s string) string {
			if s = strings.TrimSpace(s); normalise.Hashed(s) {
				return strings.ToLower(s)
			}
			return normalise.BirthPart(s, part, m.Now().Year()+1)
		})
	},
}
