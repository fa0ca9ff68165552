package history

import (
	"math"
	"slices"
	"strings"

	"headgate/event"
)

// ConversionNames are the names of the events whose value is counted.
func ConversionNames() []string { return slices.Clone(conversions[:]) }

var conversions = [...]string{"purchase", "generate_lead"}

// ConversionOf returns what an event is worth, in millionths of its currency, and that; is is false for one that is no conversion.
func ConversionOf(e *event.Event) (value int64, currency string, is bool) {
	if !slices.Contains(conversions[:], e.Name) {
		return 0, "", false
	}
	if f, ok := e.Params.Get("value").Float(); ok && math.Abs(f) < 1e9 {
		value = int64(math.Round(f * 1e6))
	}
	if code := e.Params.Text("currency"); isCurrency(code) {
		currency = strings.ToUpper(code)
	}
	return value, currency, true
}

// isCurrency reports whether a text has the form of a code of ISO 4217: anything else may be anything.
func isCurrency(code string) bool {
	for i := range len(code) {
		if c := code[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(code) == 3
}
