package reading

import (
	"math"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// Time reads a time in any form that clients use: RFC 3339, or a number (or its text) of unix seconds, milliseconds or
// microseconds. It is zero when there is none.
func Time(v event.Value) time.Time {
	if n, ok := event.NumberText(v.Text()); ok {
		v = n
	}
	if t, ok := event.ParseTime(v); ok {
		return t
	}
	return time.Time{}
}

// Merge adds the pairs of m to what is there; the newcomer wins.
func Merge(into *event.Map, m event.Map) {
	if len(*into) == 0 {
		*into = m.Clone()
		return
	}
	for _, p := range m {
		into.Set(p.Key, p.Value)
	}
}

// CopyEvent copies what the events of a request share, so that each can be changed by itself.
func CopyEvent(e *event.Event) event.Event {
	c := *e
	c.User.Traits, c.Campaign.ClickIDs = e.User.Traits.Clone(), e.Campaign.ClickIDs.Clone()
	c.Cookies, c.Consent, c.Params = e.Cookies.Clone(), e.Consent.Clone(), e.Params.Clone()
	c.Items = slices.Clone(e.Items)
	return c
}

// Truth reads true and false in the ways that clients write them.
func Truth(v event.Value) (b, ok bool) {
	if b, ok := v.Bool(); ok {
		return b, true
	}
	switch strings.ToLower(v.Text()) {
	case "true", "1", "yes", "granted":
		return true, true
	case "false", "0", "no", "denied":
		return false, true
	}
	return false, false
}

// Number reads a number, also one that is written as text.
func Number(v event.Value) (float64, bool) {
	if f, ok := v.Float(); ok {
		return f, true
	}
	if n, ok := event.NumberText(v.Text()); ok {
		return n.Float()
	}
	return 0, false
}

// Cents takes what a computer adds to a sum of money off it: three times 0.1 is 0.3.
func Cents(sum float64) float64 {
	if math.Abs(sum) > 1e11 {
		return sum
	}
	return math.Round(sum*1e4) / 1e4
}

// Amount turns the text of a parameter that is a sum of money in every protocol into the number it says: sites that write
// "129.90" mean it, and rules and vendors calculate with it.
func Amount(name string, v event.Value) event.Value {
	if v.Kind() != event.Text {
		return v
	}
	switch name {
	case "value", "tax", "shipping":
		if n, ok := event.NumberText(v.Text()); ok {
			return n
		}
	}
	return v
}

// MaxID is the longest event id that is kept as one. A longer one stays an ordinary parameter.
const MaxID = 256

// SetID keeps the client's own event id, on which vendors deduplicate.
func SetID(e *event.Event, id string) {
	if id == "" {
		return
	}
	if len(id) > MaxID {
		e.Params.Set("event_id", event.String(id))
		return
	}
	e.ID = id
}

// ParsedJSON is the JSON that a text holds, or the text.
func ParsedJSON(v event.Value) event.Value {
	if parsed, err := event.ParseJSON([]byte(v.Text())); v.Kind() == event.Text && err == nil {
		return parsed
	}
	return v
}

// FillText sets a text that is empty.
func FillText(field *string, text string) {
	if *field == "" {
		*field = text
	}
}
