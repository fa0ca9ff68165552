package counts

import (
	"testing"

	"headgate/event"
)

func TestTrafficIsCounted(t *testing.T) {
	c := newTraffic()
	for _, one := range []event.Traffic{{}, {Class: "human"}, {Class: "agent", How: "signature"}, {Class: "crawler", How: "token"}, {Class: "human", How: "header"}} {
		c.Count(&event.Event{Traffic: one})
	}
	if got := c.Status(); got["human"] != 3 || got["agent"] != 1 || got["crawler"] != 1 || len(got) != 3 {
		t.Errorf("%v", got)
	}
	if n := testing.AllocsPerRun(100, func() { c.Count(&event.Event{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
