package segment

import (
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// segmentCall turns one call of Segment's API into an event.
type segmentCall struct {
	e      *event.Event
	body   event.Map
	kind   string // track, page, screen, identify, group or alias
	batch  segmentBatch
	limits sources.Limits
	app    event.Map   // what becomes params.app
	device event.Map   // what becomes params.device
	rest   event.Map   // what becomes params.segment
	agent  event.Value // the last of it, since it is taken out again: see Declaration.Agents
}

// keep keeps what is left of an object under its name.
func (c *segmentCall) keep(key string, left event.Value) {
	if !left.IsEmpty() {
		c.rest.Add(key, left)
	}
}

// segmentBatch is what the calls of a batch share.
type segmentBatch struct {
	sent         time.Time
	context      event.Map // merged under each call's own
	integrations event.Value
	user         event.User // what the context's traits say
}

func newSegmentBatch(body event.Map) segmentBatch {
	b := segmentBatch{sent: reading.Time(body.Get("sentAt")), context: body.Get("context").Object(), integrations: body.Get("integrations")}
	for _, p := range b.context.Get("traits").Object() {
		reading.SetTrait(&b.user, p.Key, p.Value)
	}
	return b
}
