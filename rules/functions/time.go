package functions

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
)

var timeFunctions = map[string]*formula.Function{
	"now": {
		Usage: "now()", Help: "the time now", Example: `unix(now()) > 0 → true`, Result: formula.Moment, Impure: true,
		Build: func(c *formula.Compiler, at int, _ []formula.Expression) formula.Expression {
			return formula.MomentExpression(at, "now()", func(m *formula.Machine) time.Time { return m.Now() })
		},
	},
	"unix": timeTo("unix(time)", "whole seconds since 1970", `unix("2026-11-22T10:00:00Z") → 1795341600`, time.Time.Unix),
	"unix_ms": timeTo("unix_ms(time)", "milliseconds since 1970", `unix_ms("2026-11-22T10:00:00.250Z") → 1795341600250`,
		time.Time.UnixMilli),
	"unix_us": timeTo("unix_us(time)", "microseconds since 1970", `unix_us("2026-11-22T10:00:00.250Z") → 1795341600250000`,
		time.Time.UnixMicro),
	"iso8601": {
		Usage: "iso8601(time)", Help: "the time as text, in UTC with milliseconds", Example: `iso8601(1795341600) → "2026-11-22T10:00:00.000Z"`,
		Params: []formula.Kind{formula.Moment}, Result: formula.Text,
		Build: func(c *formula.Compiler, at int, args []formula.Expression) formula.Expression {
			x := args[0]
			return c.Fold(formula.Expression{Kind: formula.Text, Offset: at, Value: func(m *formula.Machine) event.Value {
				t, _ := x.AsMoment(m)
				return event.TimeValue(t)
			}}, x)
		},
	},
	"format_time": {
		Usage: "format_time(time, form[, zone])", Help: "the time in a form of YYYY, MM, DD, hh, mm, ss, SSS and +hh:mm, in UTC or a zone",
		Example: `format_time("2026-11-22T10:00:00Z", "YYYY-MM-DD hh:mm:ss+hh:mm", "Europe/Berlin") → "2026-11-22 11:00:00+01:00"`,
		Params:  []formula.Kind{formula.Moment, formula.Text, formula.Text}, Optional: 1, Result: formula.Text, Build: buildFormatTime,
	},
}

func timeTo(usage, help, example string, f func(time.Time) int64) *formula.Function {
	return &formula.Function{Usage: usage, Help: help, Example: example, Params: []formula.Kind{formula.Moment}, Result: formula.Number,
		Build: func(c *formula.Compiler, at int, args []formula.Expression) formula.Expression {
			x := args[0]
			return c.Fold(formula.Expression{Kind: formula.Number, Offset: at, Value: func(m *formula.Machine) event.Value {
				t, ok := x.AsMoment(m)
				if !ok {
					return event.Value{}
				}
				return event.Float(float64(f(t)))
			}}, x)
		}}
}

var timeForm = strings.NewReplacer("+hh:mm", "-07:00", "YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05", ".SSS", ".000", "SSS", "000")

func buildFormatTime(c *formula.Compiler, at int, args []formula.Expression) formula.Expression {
	x, zone := args[0], time.UTC
	if !args[1].Constant {
		return c.Mistake(args[1].Offset, "the form of a time has to be a text in quotes", "")
	}
	form := args[1].Fixed.Text()
	layout := timeForm.Replace(form)
	if layout == form {
		return c.Mistake(args[1].Offset, "the form "+advice.Quote(form)+" has no part of a time", "such as YYYY-MM-DD hh:mm:ss")
	}
	if len(args) == 3 {
		if !args[2].Constant {
			return c.Mistake(args[2].Offset, "the time zone has to be a text in quotes", "")
		}
		var err error
		if zone, err = time.LoadLocation(args[2].Fixed.Text()); err != nil {
			return c.Mistake(args[2].Offset, "no time zone "+advice.Quote(args[2].Fixed.Text()), `such as "Europe/Berlin"`)
		}
	}
	return c.Fold(formula.Expression{Kind: formula.Text, Offset: at, Value: func(m *formula.Machine) event.Value {
		t, ok := x.AsMoment(m)
		if !ok {
			return event.Value{}
		}
		return event.String(t.In(zone).Format(layout))
	}}, x)
}
