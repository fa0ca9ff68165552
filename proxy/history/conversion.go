package history

import (
	"math"
	"slices"
	"strings"

	"headgate/event"
)

// usual are the conversions of those who name none.
var usual = []string{"purchase", "generate_lead"}

// CountConversions says which events are conversions from now on. What was counted of others stays.
func (b *Book) CountConversions(names []string) {
	names = slices.Clone(names)
	b.conversions.Store(&names)
}

// Conversions are the names of the events whose value is counted.
func (b *Book) Conversions() []string {
	if names := b.conversions.Load(); names != nil {
		return *names
	}
	return usual
}

// ConversionOf returns what an event is worth, in millionths of its currency, and that; is is false for one that is no conversion.
func (b *Book) ConversionOf(e *event.Event) (value int64, currency string, is bool) {
	if !slices.Contains(b.Conversions(), e.Name) {
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

// NameAndCurrency are the two parts of the Of of a conversion.
func (k *Key) NameAndCurrency() (name, currency string) {
	at := strings.LastIndexByte(k.Of, ' ')
	if at < 0 {
		return k.Of, ""
	}
	return k.Of[:at], k.Of[at+1:]
}
