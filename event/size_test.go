package event

import (
	"runtime"
	"strings"
	"testing"
	"time"
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
	e = Event{Params: Map{{Key: "numbers", Value: ListOf(make([]Value, more/valueSize+1)...)}}}
	grows("many values", e.Size(), new(Event).Size())
}

func TestTheSizeOfAnEventIsTheMemoryItHolds(t *testing.T) {
	small := make([]Value, 5000)
	for i := range small {
		small[i] = ObjectOf(Map{{Key: "a", Value: Float(1)}})
	}
	lists := make([]Value, 5000)
	for i := range lists {
		lists[i] = ListOf(ListOf(Boolean(true)))
	}
	for name, d := range map[string]*Decision{
		"usual":                      full(t),
		"many small objects":         {Event: Event{Params: Map{{Key: "m", Value: ListOf(small...)}}}},
		"nothing but nulls":          {Event: Event{Params: Map{{Key: "m", Value: ListOf(make([]Value, 50_000)...)}}}},
		"lists in lists":             {Event: Event{Params: Map{{Key: "m", Value: ListOf(lists...)}}}},
		"one long text":              {Event: Event{Params: Map{{Key: "m", Value: String(strings.Repeat("x", 100_000))}}}},
		"items with nothing in them": {Event: Event{Items: make([]Item, 1000)}},
	} {
		log := string(d.AppendLog(nil))
		const copies = 20
		held := make([]*Decision, copies)
		before := heap()
		for i := range held {
			var err error
			if held[i], err = DecodeLog(strings.Clone(log)); err != nil {
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
