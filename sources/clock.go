package sources

import (
	"time"

	"headgate/event"
)

// ahead is how far in the future of our clock an event may be before it is put back.
const ahead = 5 * time.Minute

// wrong is the error of a client's clock from which on the time as sent is kept beside the corrected one.
const wrong = time.Minute

// setTime sets when the event happened from what the client's clock said: as long before the hit arrived as the client
// says it was before it sent the hit. That takes a clock that is wrong out of the account; without a time of sending the
// client's clock is believed. The result is kept between Limits.Age ago and five minutes from now. What was sent is kept
// in params.original_time when it was changed by more than a minute.
func (l Limits) setTime(e *event.Event, stated, sent time.Time) {
	if stated.IsZero() {
		return
	}
	t := stated
	if !sent.IsZero() {
		t = e.Received.Add(stated.Sub(sent))
	}
	if oldest := e.Received.Add(-l.Age); t.Before(oldest) {
		t = oldest
	}
	if latest := e.Received.Add(ahead); t.After(latest) {
		t = latest
	}
	e.Time = t.UTC()
	if d := t.Sub(stated); d > wrong || d < -wrong {
		e.Params.Set("original_time", event.String(stated.UTC().Format(time.RFC3339Nano)))
	}
}

// forever is l for senders whose word on the past is taken: a site's own server that sends the sales of last month.
func (l Limits) forever() Limits {
	l.Age = 100 * 365 * 24 * time.Hour
	return l
}

// readTime reads a time in any form that clients use: RFC 3339, or a number (or its text) of unix seconds, milliseconds or
// microseconds. It is zero when there is none.
func readTime(v event.Value) time.Time {
	if n, ok := event.NumberText(v.Text()); ok {
		v = n
	}
	if t, ok := event.ParseTime(v); ok {
		return t
	}
	return time.Time{}
}
