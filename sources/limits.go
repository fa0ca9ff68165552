package sources

import (
	"fmt"
	"time"

	"headgate/event"
)

// Limits bound what one request may hold. A zero field takes its default.
type Limits struct {
	Body   int           // bytes of a body after its compression is undone, default 1 MiB
	Events int           // events of a request, default 500
	Items  int           // items of an event, default 200
	Age    time.Duration // how far back a client's clock may put an event, default 7 days
}

// WithDefaults returns l with the default of each field that is zero.
func (l Limits) WithDefaults() Limits {
	if l.Body <= 0 {
		l.Body = 1 << 20
	}
	if l.Events <= 0 {
		l.Events = 500
	}
	if l.Items <= 0 {
		l.Items = 200
	}
	if l.Age <= 0 {
		l.Age = 7 * 24 * time.Hour
	}
	return l
}

// ahead is how far in the future an event may be before its time is corrected.
const ahead = 5 * time.Minute

// wrong is the clock error above which the time as sent is kept beside the corrected one.
const wrong = time.Minute

// SetTime sets when the event happened from what the client's clock said: as long before the hit arrived as the client says it was before
// it sent the hit. This corrects a clock that is wrong; without a time of sending the client's clock is trusted. The result is kept between
// Limits.Age ago and five minutes from now. What was sent is kept in params.original_time when it was changed by more than a minute.
func (l Limits) SetTime(e *event.Event, stated, sent time.Time) {
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

// Forever returns l for senders that may report old events: a site's own server that sends last month's sales.
func (l Limits) Forever() Limits {
	l.Age = 100 * 365 * 24 * time.Hour
	return l
}

// maxName is the longest name of an event. Names become labels and file names further on.
const maxName = 256

// Fault returns why an event cannot be accepted, "" when it can.
func (l Limits) Fault(e *event.Event) string {
	switch {
	case e.Name == "":
		return "the event has no name"
	case e.Name == event.AlertName:
		return "only Headgate itself makes events of the name " + event.AlertName
	case len(e.Name) > maxName:
		return fmt.Sprintf("the event's name is longer than %d bytes", maxName)
	case len(e.Items) > l.Items:
		return fmt.Sprintf("the event has %d items; %d are allowed", len(e.Items), l.Items)
	}
	return ""
}
