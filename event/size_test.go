package event

import (
	"strings"
	"testing"
	"time"
)

func TestTheSizeOfAnEventGrowsWithAllThatItHolds(t *testing.T) {
	const more = 1000
	text := strings.Repeat("x", more)
	grows := func(path string, size, before int) {
		t.Helper()
		if size < before+more || size > before+more+100 {
			t.Errorf("%s: %d bytes become %d", path, before, size)
		}
	}
	for i := range Fields {
		e := full(t).Event
		before := e.Size()
		switch ref := Fields[i].Ref(&e).(type) {
		case *string:
			*ref += text
		case *Map:
			ref.Add("more", ListOf(ObjectOf(Map{{Key: "in it", Value: String(text)}})))
		case *[]Item:
			*ref = append(*ref, Item{Name: text[1:], Params: Map{{Key: "k", Value: String("")}}})
		case *bool, *int64, *time.Time:
			continue
		}
		grows(Fields[i].Path, e.Size(), before)
	}
	e := Event{Params: Map{{Key: text, Value: Boolean(true)}}}
	grows("a key", e.Size(), new(Event).Size())
	e = Event{Params: Map{{Key: "numbers", Value: ListOf(make([]Value, more/valueSize)...)}}}
	grows("many values", e.Size(), new(Event).Size())
}
