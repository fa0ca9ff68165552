package sources

import (
	"fmt"
	"time"

	"headgate/event"
)

// callReader reads the calls of Segment's API, which the libraries of RudderStack and Jitsu make, too.
type callReader struct {
	source string
	keys   keys
	tools  *toolbox
	// finish completes an event by what only this source knows; why says why it cannot be taken. Nil is nothing to do.
	finish func(h *event.Hit, e *event.Event) (why string)
}

// readBody reads the JSON body of a request: a batch, or one call. Key is the write key that came beside the body.
func (s *callReader) readBody(h *event.Hit, call, key string) (Reading, error) {
	body, spare, err := s.object(h)
	if err != nil {
		return Reading{}, err
	}
	return s.readCalls(h, call, key, body, spare)
}

// ofCall is for how many pairs there is room beside the body's: one call needs about as many.
const ofCall = 24

// object returns the JSON object that the body is, and room for more pairs.
func (s *callReader) object(h *event.Hit) (body, spare event.Map, err error) {
	text, err := s.tools.bodies.openJSON(h)
	if err != nil {
		return nil, nil, err
	}
	v, spare, err := s.tools.json.readSpare(h, text, ofCall)
	if err != nil {
		return nil, nil, err
	}
	if v.Kind() != event.Object {
		return nil, nil, fmt.Errorf("%w: the body is no JSON object", ErrMalformed)
	}
	return v.Object(), spare, nil
}

// readCalls reads a batch, or the one call that the body is.
func (s *callReader) readCalls(h *event.Hit, call, key string, body, spare event.Map) (Reading, error) {
	alone := [1]event.Value{event.ObjectOf(body)}
	calls, batch := alone[:], segmentBatch{}
	if call == callBatch {
		if body.Get("batch").Kind() != event.List {
			return Reading{}, fmt.Errorf("%w: the body has no list named batch", ErrMalformed)
		}
		calls = body.Get("batch").List()
		batch = newSegmentBatch(body)
	}
	if len(calls) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	if key == "" {
		key = body.Text("writeKey")
	}
	r := Reading{Events: make([]event.Event, len(calls))}
	read := 0
	for i, one := range calls {
		e := &r.Events[read]
		held, why := s.readCall(e, h, call, key, one, &batch, spare)
		spare = nil // it has it
		r.admit(held)
		if why == "" {
			why = s.tools.limits.fault(e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			*e = event.Event{}
			continue
		}
		read++
	}
	r.Events = r.Events[:read]
	if len(r.Events) == 0 && allKeys(r.Rejected) {
		return Reading{}, ErrKey
	}
	return r, nil
}

const wrongKey = "unknown write key"

// allKeys reports whether there are rejected events and the write key is what is wrong with all of them.
func allKeys(rejected []Rejected) bool {
	for _, r := range rejected {
		if r.Why != wrongKey {
			return false
		}
	}
	return len(rejected) > 0
}

// readCall reads one call into an empty event. Held is what its key is good for; why says why it cannot be taken.
func (s *callReader) readCall(e *event.Event, h *event.Hit, call, key string, v event.Value, batch *segmentBatch, spare event.Map) (held grant, why string) {
	if v.Kind() != event.Object {
		return grant{}, "the event is no object"
	}
	c := segmentCall{e: e, body: v.Object(), kind: call, batch: *batch, limits: s.tools.limits}
	if key == "" {
		key = c.body.Text("writeKey")
	}
	if held = s.keys.accepts(key); !held.taken {
		return held, wrongKey
	}
	if call == callBatch || call == callAny {
		c.kind = c.body.Text("type")
	}
	e.Source, e.Received = s.source, h.Received
	c.reserve(spare)
	if why = c.read(); why == "" && s.finish != nil {
		why = s.finish(h, e)
	}
	return held, why
}

// segmentBatch is what the calls of a batch share.
type segmentBatch struct {
	sent         time.Time
	context      event.Map // merged under each call's own
	integrations event.Value
	user         event.User // what the context's traits say
}

func newSegmentBatch(body event.Map) segmentBatch {
	b := segmentBatch{sent: readTime(body.Get("sentAt")), context: body.Get("context").Object(), integrations: body.Get("integrations")}
	for _, p := range b.context.Get("traits").Object() {
		setTrait(&b.user, p.Key, p.Value)
	}
	return b
}
