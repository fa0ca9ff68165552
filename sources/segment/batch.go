package segment

import (
	"fmt"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// callReader reads the calls of Segment's API, which the libraries of RudderStack and Jitsu make, too.
type callReader struct {
	source string
	keys   sources.Keys
	tools  *reading.Tools
	// finish completes an event with what only this source knows; why says why it cannot be accepted. It may be nil.
	finish func(h *event.Hit, e *event.Event) (why string)
}

// readBody reads the JSON body of a request: a batch, or one call. Key is the write key that came beside the body.
func (s *callReader) readBody(h *event.Hit, call, key string) (sources.Reading, error) {
	body, spare, err := s.object(h)
	if err != nil {
		return sources.Reading{}, err
	}
	return s.readCalls(h, call, key, body, spare)
}

// ofCall is how many pairs to make room for beside the body's: about as many as one call needs.
const ofCall = 24

// object returns the JSON object that the body is, and room for more pairs.
func (s *callReader) object(h *event.Hit) (body, spare event.Map, err error) {
	text, err := s.tools.Bodies.OpenJSON(h)
	if err != nil {
		return nil, nil, err
	}
	v, spare, err := s.tools.JSON.ReadSpare(h, text, ofCall)
	if err != nil {
		return nil, nil, err
	}
	if v.Kind() != event.Object {
		return nil, nil, fmt.Errorf("%w: the body is no JSON object", sources.ErrMalformed)
	}
	return v.Object(), spare, nil
}

// readCalls reads a batch, or the one call that the body is.
func (s *callReader) readCalls(h *event.Hit, call, key string, body, spare event.Map) (sources.Reading, error) {
	alone := [1]event.Value{event.ObjectOf(body)}
	calls, batch := alone[:], segmentBatch{}
	if call == callBatch {
		if body.Get("batch").Kind() != event.List {
			return sources.Reading{}, fmt.Errorf("%w: the body has no list named batch", sources.ErrMalformed)
		}
		calls = body.Get("batch").List()
		batch = newSegmentBatch(body)
	}
	if len(calls) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	if key == "" {
		key = body.Text("writeKey")
	}
	r := sources.Reading{Events: make([]event.Event, len(calls))}
	read := 0
	for i, one := range calls {
		e := &r.Events[read]
		held, why := s.readCall(e, h, call, key, one, &batch, spare)
		spare = nil // it has it
		r.Admit(held)
		if why == "" {
			why = s.tools.Limits.Fault(e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			*e = event.Event{}
			continue
		}
		read++
	}
	r.Events = r.Events[:read]
	if len(r.Events) == 0 && sources.AllKeys(r.Rejected) {
		return sources.Reading{}, sources.ErrKey
	}
	return r, nil
}

// readCall reads one call into an empty event. Held is what its key is good for; why says why it cannot be accepted.
func (s *callReader) readCall(e *event.Event, h *event.Hit, call, key string, v event.Value, batch *segmentBatch, spare event.Map) (held sources.Grant, why string) {
	if v.Kind() != event.Object {
		return sources.Grant{}, "the event is no object"
	}
	c := segmentCall{e: e, body: v.Object(), kind: call, batch: *batch, limits: s.tools.Limits}
	if key == "" {
		key = c.body.Text("writeKey")
	}
	if held = s.keys.Accepts(key); !held.Taken {
		return held, sources.WrongKey
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
