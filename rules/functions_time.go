package rules

import (
	"strings"
	"time"

	"headgate/event"
)

var timeFunctions = map[string]*function{
	"now": {
		usage: "now()", help: "the time now", example: `unix(now()) > 0 → true`, result: moment, impure: true,
		build: func(c *compiler, at int, _ []expression) expression {
			return momentExpression(at, "now()", func(m *Machine) time.Time { return m.language.now() })
		},
	},
	"unix": timeTo("unix(time)", "whole seconds since 1970", `unix("2026-11-22T10:00:00Z") → 1795341600`, time.Time.Unix),
	"unix_ms": timeTo("unix_ms(time)", "milliseconds since 1970", `unix_ms("2026-11-22T10:00:00.250Z") → 1795341600250`,
		time.Time.UnixMilli),
	"unix_us": timeTo("unix_us(time)", "microseconds since 1970", `unix_us("2026-11-22T10:00:00.250Z") → 1795341600250000`,
		time.Time.UnixMicro),
	"iso8601": {
		usage: "iso8601(time)", help: "the time as text, in UTC with milliseconds", example: `iso8601(1795341600) → "2026-11-22T10:00:00.000Z"`,
		params: []kind{moment}, result: text,
		build: func(c *compiler, at int, args []expression) expression {
			x := args[0]
			return c.fold(expression{kind: text, offset: at, value: func(m *Machine) event.Value {
				t, _ := x.asMoment(m)
				return event.TimeValue(t)
			}}, x)
		},
	},
	"format_time": {
		usage: "format_time(time, form[, zone])", help: "the time in a form of YYYY, MM, DD, hh, mm, ss, SSS and +hh:mm, in UTC or a zone",
		example: `format_time("2026-11-22T10:00:00Z", "YYYY-MM-DD hh:mm:ss+hh:mm", "Europe/Berlin") → "2026-11-22 11:00:00+01:00"`,
		params:  []kind{moment, text, text}, optional: 1, result: text, build: buildFormatTime,
	},
}

func timeTo(usage, help, example string, f func(time.Time) int64) *function {
	return &function{usage: usage, help: help, example: example, params: []kind{moment}, result: number,
		build: func(c *compiler, at int, args []expression) expression {
			x := args[0]
			return c.fold(expression{kind: number, offset: at, value: func(m *Machine) event.Value {
				t, ok := x.asMoment(m)
				if !ok {
					return event.Value{}
				}
				return event.Float(float64(f(t)))
			}}, x)
		}}
}

var timeForm = strings.NewReplacer("+hh:mm", "-07:00", "YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05", ".SSS", ".000", "SSS", "000")

func buildFormatTime(c *compiler, at int, args []expression) expression {
	x, zone := args[0], time.UTC
	if !args[1].constant {
		return c.mistake(args[1].offset, "the form of a time has to be written out, as a text in quotes", "")
	}
	form := args[1].fixed.Text()
	layout := timeForm.Replace(form)
	if layout == form {
		return c.mistake(args[1].offset, "the form "+quote(form)+" has no part of a time", "such as YYYY-MM-DD hh:mm:ss")
	}
	if len(args) == 3 {
		if !args[2].constant {
			return c.mistake(args[2].offset, "the time zone has to be written out, as a text in quotes", "")
		}
		var err error
		if zone, err = time.LoadLocation(args[2].fixed.Text()); err != nil {
			return c.mistake(args[2].offset, "no time zone "+quote(args[2].fixed.Text()), `such as "Europe/Berlin"`)
		}
	}
	return c.fold(expression{kind: text, offset: at, value: func(m *Machine) event.Value {
		t, ok := x.asMoment(m)
		if !ok {
			return event.Value{}
		}
		return event.String(t.In(zone).Format(layout))
	}}, x)
}
