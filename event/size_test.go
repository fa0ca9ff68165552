package event_test

import (
	"strings"
	"testing"
	"time"

	"headgate/event"
	"headgate/event/eventtest"
)

func TestTheSizeOfAnEventGrowsWithAllThatItHolds(t *testing.T) {
	const more = 1000
	text := strings.Repeat("x", more)
	grows := func(path string, size, before int) {
		t.Helper()
		if size < before+more || size > before+more+600 {
			t.Errorf("%s: %d bytes become %d", path, before, size)
		}
	}
	for i := range event.Fields {
		e := eventtest.Full(t).Event
		before := e.Size()
		switch ref := event.Fields[i].Ref(&e).(type) {
		case *string:
			*ref += text
		case *event.Map:
			ref.Add("more", event.ListOf(event.ObjectOf(event.Map{{Key: "in it", Value: event.String(text)}})))
		case *[]event.Item:
			*ref = append(*ref, event.Item{Name: text[1:], Params: event.Map{{Key: "k", Value: event.String("")}}})
		case *bool, *int64, *time.Time:
			continue
		}
		grows(event.Fields[i].Path, e.Size(), before)
	}
	e := event.Event{Params: event.Map{{Key: text, Value: event.Boolean(true)}}}
	grows("a key", e.Size(), new(event.Event).Size())
	e = event.Event{Params: event.Map{{Key: "numbers", Value: event.ListOf(make([]event.Value, more/24+1)...)}}}
	grows("many values", e.Size(), new(event.Event).Size())
}
