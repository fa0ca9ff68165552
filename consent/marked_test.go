package consent

import (
	"strings"
	"time"

	"headgate/event"
)

// marked returns an event in which every field holds a value of its own that can be looked for: "mark-ip", and so on.
func marked() event.Event {
	var e event.Event
	for i := range event.Fields {
		f := &event.Fields[i]
		switch ref := f.Ref(&e).(type) {
		case *string:
			*ref = mark(f.Path)
		case *event.Map:
			*ref = event.Map{{Key: "k", Value: event.String(mark(f.Path))}}
		case *time.Time:
			*ref = today
		}
	}
	e.Device.IP = "203.0.113.77"
	e.Consent = nil
	e.Items = []event.Item{{ID: "sku", Name: "shoe"}}
	return e
}

func mark(path string) string { return "mark-" + strings.ReplaceAll(path, ".", "-") }
