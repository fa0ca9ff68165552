package layout

import (
	"runtime"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/eventtest"
)

func TestTheSizeOfAnEventIsTheMemoryItHolds(t *testing.T) {
	small := make([]event.Value, 5000)
	for i := range small {
		small[i] = event.ObjectOf(event.Map{{Key: "a", Value: event.Float(1)}})
	}
	lists := make([]event.Value, 5000)
	for i := range lists {
		lists[i] = event.ListOf(event.ListOf(event.Boolean(true)))
	}
	for name, d := range map[string]*event.Decision{
		"usual":                      eventtest.Full(t),
		"many small objects":         {Event: event.Event{Params: event.Map{{Key: "m", Value: event.ListOf(small...)}}}},
		"nothing but nulls":          {Event: event.Event{Params: event.Map{{Key: "m", Value: event.ListOf(make([]event.Value, 50_000)...)}}}},
		"lists in lists":             {Event: event.Event{Params: event.Map{{Key: "m", Value: event.ListOf(lists...)}}}},
		"one long text":              {Event: event.Event{Params: event.Map{{Key: "m", Value: event.String(strings.Repeat("x", 100_000))}}}},
		"items with nothing in them": {Event: event.Event{Items: make([]event.Item, 1000)}},
	} {
		log := string(Append(nil, d))
		const copies = 20
		held := make([]*event.Decision, copies)
		before := heap()
		for i := range held {
			var err error
			if held[i], err = Decode(strings.Clone(log)); err != nil {
				t.Fatal(err)
			}
		}
		measured := (heap() - before) / copies
		size := held[0].Event.Size()
		if size < measured*6/10 || size > measured*12/10 {
			t.Errorf("%s: %d bytes are held, and the size is %d", name, measured, size)
		}
		runtime.KeepAlive(held)
	}
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
