package reading

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
)

// Envelope is a request taken apart.
type Envelope struct {
	Events []Numbered
	Common []event.Map        // what all events share, the last one wins
	Bad    []sources.Rejected // lines that are no JSON

	Compact bool      // names are the browser script's short ones
	Sent    time.Time // by the client's clock, where the envelope is compact
	Debug   string    // the key of somebody who wants to see what is decided, of a compact one
}

// Numbered is one event of a request, by its place in it.
type Numbered struct {
	Index int
	Value event.Value
}

// Envelope reads a body in any of the forms of our own JSON: one event, a list, an envelope, or JSON lines.
func (t *Tools) Envelope(h *event.Hit, body []byte) (Envelope, error) {
	contentType := h.Headers.Get("content-type")
	if strings.Contains(contentType, "ndjson") || strings.Contains(contentType, "jsonl") {
		return t.openLines(h, body)
	}
	v, err := t.JSON.Read(h, body)
	if err != nil {
		if first, rest, several := bytes.Cut(body, []byte("\n")); several && LooksJSON(TrimJSON(rest)) {
			if _, failed := t.JSON.Read(h, first); failed == nil {
				return t.openLines(h, body)
			}
		}
		return Envelope{}, err
	}
	switch v.Kind() {
	case event.List:
		return Envelope{Events: enumerate(v.List())}, nil
	case event.Object:
		return openObject(v.Object()), nil
	}
	return Envelope{}, fmt.Errorf("%w: the body is no JSON object or list", sources.ErrMalformed)
}

// openObject takes an object for an envelope when it has a list of events or a batch. What else it holds, and what is in
// its context, its events share.
func openObject(m event.Map) Envelope {
	if list := m.Get("e"); list.Kind() == event.List && m.Get("v").Text() == "1" {
		return Envelope{Events: enumerate(list.List()), Common: []event.Map{m.Get("c").Object()}, Compact: true, Sent: Time(m.Get("s")), Debug: m.Text("d")}
	}
	for _, name := range [...]string{"events", "batch"} {
		list := m.Get(name)
		if list.Kind() != event.List {
			continue
		}
		shared := m.Clone()
		shared.Delete(name)
		shared.Delete("context")
		return Envelope{Events: enumerate(list.List()), Common: []event.Map{m.Get("context").Object(), shared}}
	}
	return Envelope{Events: []Numbered{{0, event.ObjectOf(m)}}}
}

func enumerate(list []event.Value) []Numbered {
	all := make([]Numbered, len(list))
	for i, v := range list {
		all[i] = Numbered{i, v}
	}
	return all
}

// openLines reads one event per line; a line that is no JSON costs only itself.
func (t *Tools) openLines(h *event.Hit, body []byte) (Envelope, error) {
	var sent Envelope
	index := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if index == t.Limits.Events {
			return Envelope{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, t.Limits.Events)
		}
		v, err := t.JSON.Read(h, line)
		if errors.Is(err, sources.ErrBusy) || errors.Is(err, sources.ErrTooLarge) {
			return Envelope{}, err
		}
		if err != nil {
			sent.Bad = append(sent.Bad, sources.Rejected{Index: index, Why: "the line is no JSON"})
		} else {
			sent.Events = append(sent.Events, Numbered{index, v})
		}
		index++
	}
	return sent, nil
}
