package functions

import (
	"math"
	"strconv"
	"strings"

	"headgate/event"
	"headgate/rules/formula"
)

var numberFunctions = map[string]*formula.Function{
	"abs":   numberTo("abs(number)", "the number without its sign", `abs(-2) → 2`, math.Abs),
	"ceil":  numberTo("ceil(number)", "the next whole number upwards", `ceil(1.2) → 2`, math.Ceil),
	"floor": numberTo("floor(number)", "the next whole number downwards", `floor(1.8) → 1`, math.Floor),
	"round": {
		Usage: "round(number[, digits])", Help: "rounded to a number of decimal places, half away from zero", Example: `round(2.345, 1) → 2.3`,
		Params: []formula.Kind{formula.Number, formula.Number}, Optional: 1, Result: formula.Number,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			f, _ := args[0].Float()
			digits, _ := optional(args, 1).Float()
			if digits < -15 || digits > 15 {
				return args[0]
			}
			p := math.Pow(10, math.Trunc(digits))
			if r := math.Round(f*p) / p; !math.IsInf(r, 0) && !math.IsNaN(r) {
				return formula.Computed(r)
			}
			return args[0]
		},
	},
	"number": {
		Usage: "number(value)", Help: `a text as a number: "12.5", " 1,234.50 ", "12,50"; nil if it is not one`, Example: `number("1,234.50") → 1234.5`,
		Params: []formula.Kind{formula.Anything}, Result: formula.Number,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
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
		Usage: "bucket(key, n)", Help: "one of 0 to n-1, always the same for a key: for splits and samples", Example: `bucket("visitor", 10) → 1`,
		Params: []formula.Kind{formula.Text, formula.Number}, Result: formula.Number,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			n, ok := args[1].Float()
			if !ok || n < 1 || n > 1e9 {
				return m.Fail(offset, "bucket expects a number from 1 to 1000000000", "")
			}
			return event.Float(float64(Bucket(args[0].Text(), uint64(n))))
		},
	},
}

func numberTo(usage, help, example string, f func(float64) float64) *formula.Function {
	return &formula.Function{Usage: usage, Help: help, Example: example, Params: []formula.Kind{formula.Number}, Result: formula.Number,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			x, _ := args[0].Float()
			return formula.Computed(f(x))
		}}
}

// extreme is min or max, of its arguments or of a list; nil is left out.
func extreme(name, help, example string, sign int) *formula.Function {
	return &formula.Function{Usage: name + "(number, ...)", Help: help + " of its arguments or of a list; nil is left out", Example: example,
		Params: []formula.Kind{formula.Anything, formula.Number}, Optional: 1, Variadic: true, Result: formula.Number, Nils: true,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if args[0].Kind() == event.List {
				args = args[0].List()
			}
			var best event.Value
			for _, v := range args {
				if _, ok := v.Float(); !ok {
					if !v.IsNull() {
						return m.Fail(offset, name+" expects numbers, but one is "+formula.KindOf(v).String(), "")
					}
					continue
				}
				if order, ok := formula.Compare(v, best); !ok || order*sign > 0 {
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

// Bucket sorts a key into one of n, always the same: FNV-1a, mixed so that like keys fall apart.
func Bucket(key string, n uint64) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h % n
}
