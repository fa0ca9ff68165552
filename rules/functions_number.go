package rules

import (
	"math"
	"strconv"
	"strings"

	"headgate/event"
)

var numberFunctions = map[string]*function{
	"abs":   numberTo("abs(number)", "without its sign", `abs(-2) → 2`, math.Abs),
	"ceil":  numberTo("ceil(number)", "the next whole number upwards", `ceil(1.2) → 2`, math.Ceil),
	"floor": numberTo("floor(number)", "the next whole number downwards", `floor(1.8) → 1`, math.Floor),
	"round": {
		usage: "round(number[, digits])", help: "rounded to so many digits after the point, half away from zero", example: `round(2.345, 1) → 2.3`,
		params: []kind{number, number}, optional: 1, result: number,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			f, _ := args[0].Float()
			digits, _ := optional(args, 1).Float()
			if digits < -15 || digits > 15 {
				return args[0]
			}
			p := math.Pow(10, math.Trunc(digits))
			if r := math.Round(f*p) / p; !math.IsInf(r, 0) && !math.IsNaN(r) {
				return computed(r)
			}
			return args[0]
		},
	},
	"number": {
		usage: "number(value)", help: `a text as a number: "12.5", " 1,234.50 ", "12,50"; nil if it is none`, example: `number("1,234.50") → 1234.5`,
		params: []kind{anything}, result: number,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			switch args[0].Kind() {
			case event.Numeric:
				return args[0]
			case event.Text:
				return readNumber(args[0].Text())
			}
			return event.Value{}
		},
	},
	"min": extreme("min", "the least", `min(3, 1, 2) → 1`, -1),
	"max": extreme("max", "the greatest", `max([3, 1, 2]) → 3`, 1),
	"bucket": {
		usage: "bucket(key, n)", help: "one of 0 to n-1, always the same for a key: for splits and samples", example: `bucket("visitor", 10) → 1`,
		params: []kind{text, number}, result: number,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			n, ok := args[1].Float()
			if !ok || n < 1 || n > 1e9 {
				return m.fail(offset, "bucket wants a number from 1 to 1000000000", "")
			}
			return event.Float(float64(bucket(args[0].Text(), uint64(n))))
		},
	},
}

func numberTo(usage, help, example string, f func(float64) float64) *function {
	return &function{usage: usage, help: help, example: example, params: []kind{number}, result: number,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			x, _ := args[0].Float()
			return computed(f(x))
		}}
}

// extreme is min or max, of its arguments or of a list; nil is left out.
func extreme(name, help, example string, sign int) *function {
	return &function{usage: name + "(number, ...)", help: help + " of its arguments or of a list; nil is left out", example: example,
		params: []kind{anything, number}, optional: 1, variadic: true, result: number, nils: true,
		run: func(m *Machine, offset int, args []event.Value) event.Value {
			if args[0].Kind() == event.List {
				args = args[0].List()
			}
			var best event.Value
			for _, v := range args {
				if _, ok := v.Float(); !ok {
					if !v.IsNull() {
						return m.fail(offset, name+" wants numbers, and one is "+kindOf(v).String(), "")
					}
					continue
				}
				if order, ok := compare(v, best); !ok || order*sign > 0 {
					best = v
				}
			}
			return best
		}}
}

// readNumber reads a number as people and shops write it: with a point or a comma before the decimals, and the other one
// or nothing between the thousands. A single comma followed by three digits separates thousands.
func readNumber(s string) event.Value {
	s = strings.TrimSpace(s)
	if v, ok := event.NumberText(s); ok {
		return v
	}
	if len(s) > 40 {
		return event.Value{}
	}
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case comma > point && (point >= 0 || strings.Count(s, ",") == 1 && len(s)-comma != 4):
		s = strings.ReplaceAll(s, ".", "")
		s = strings.Replace(s, ",", ".", 1)
	default:
		s = strings.ReplaceAll(s, ",", "")
	}
	for _, c := range strings.TrimLeft(s, "+-") {
		if c != '.' && (c < '0' || c > '9') {
			return event.Value{}
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return event.Value{}
	}
	return event.Float(f)
}
