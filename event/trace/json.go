package trace

import (
	"bytes"
	"encoding/json"
	"time"

	"headgate/event"
	"headgate/event/wording"
)

// MarshalJSON writes the trace as explain --json, the live view and stored explanations show it.
func (t *Trace) MarshalJSON() ([]byte, error) {
	out := struct {
		Event        *event.Event    `json:"event"`
		Received     *event.Event    `json:"received"`
		Source       string          `json:"source"`
		Traffic      string          `json:"traffic,omitempty"`
		Consent      json.RawMessage `json:"consent"`
		Rules        []Rule          `json:"rules"`
		DroppedBy    *string         `json:"dropped_by"`
		EmittedBy    string          `json:"emitted_by,omitempty"`
		Refused      bool            `json:"refused,omitempty"`
		Destinations json.RawMessage `json:"destinations"`
	}{Event: t.Event, Received: t.Received, Source: t.Source, Traffic: t.Traffic, Rules: t.Rules, Refused: t.Refused, EmittedBy: t.EmittedBy}
	if out.Rules == nil {
		out.Rules = []Rule{}
	}
	if t.DroppedBy != "" {
		out.DroppedBy = &t.DroppedBy
	}
	var err error
	if out.Consent, err = t.consent(); err != nil {
		return nil, err
	}
	out.Destinations, err = objectInOrder(len(t.Destinations), func(i int) (string, any) {
		return t.Destinations[i].Destination, &t.Destinations[i]
	})
	if err != nil {
		return nil, err
	}
	return marshal(out)
}

// consent writes what consent concluded, with what other choices would have changed: by destination, a list.
func (t *Trace) consent() ([]byte, error) {
	if t.Consent == nil {
		return []byte("null"), nil
	}
	type whatIf struct {
		Granted string       `json:"granted"`
		Action  string       `json:"action"`
		Reason  event.Reason `json:"reason"`
		Because string       `json:"because"`
	}
	var names []string
	byName := map[string][]whatIf{}
	for _, w := range t.WhatIf {
		name := w.Outcome.Destination
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], whatIf{w.Granted, w.Outcome.Action.String(), shown(w.Outcome.Reason), w.Because})
	}
	b := wording.AppendRecord(nil, t.Consent)
	if len(names) == 0 {
		return b, nil
	}
	object, err := objectInOrder(len(names), func(i int) (string, any) { return names[i], byName[names[i]] })
	b = append(b[:len(b)-1], `,"what_if":`...)
	return append(append(b, object...), '}'), err
}

// MarshalJSON writes what one rule did.
func (r Rule) MarshalJSON() ([]byte, error) {
	changes := r.Changes
	if changes == nil {
		changes = []Change{}
	}
	return marshal(struct {
		Name    string   `json:"name"`
		For     string   `json:"for,omitempty"`
		Matched bool     `json:"matched"`
		Error   string   `json:"error,omitempty"`
		Changes []Change `json:"changes"`
		Emitted string   `json:"emitted,omitempty"`
	}{r.Name, r.For, r.Matched, r.Error, changes, r.Emitted})
}

// MarshalJSON writes one changed field.
func (c Change) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Path string      `json:"path"`
		Old  event.Value `json:"old"`
		New  event.Value `json:"new"`
	}{c.Path, c.Old, c.New})
}

// MarshalJSON writes what happened to the event at one destination.
func (d *Destination) MarshalJSON() ([]byte, error) {
	requests := d.Requests
	if requests == nil {
		requests = []Request{}
	}
	return marshal(struct {
		Action   string       `json:"action"`
		Reason   event.Reason `json:"reason"`
		Because  string       `json:"because"`
		Profile  string       `json:"profile,omitempty"`
		Requests []Request    `json:"requests"`
		Verdict  *Verdict     `json:"verdict"`
		Attempts []Attempt    `json:"attempts,omitempty"`
	}{d.Action.String(), shown(d.Reason), d.Because, d.Profile, requests, d.Verdict, d.Attempts})
}

// MarshalJSON writes one attempt; took is in seconds.
func (a Attempt) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Time    time.Time `json:"time"`
		Verdict string    `json:"verdict"`
		Status  int       `json:"status,omitempty"`
		Why     string    `json:"why,omitempty"`
		Took    float64   `json:"took"`
	}{a.Time, a.Verdict, a.Status, a.Why, a.Took.Seconds()})
}

// shown is the reason as a trace says it: what may be sent is allowed; whether it was delivered is the verdict's to say.
func shown(r event.Reason) event.Reason {
	if r == event.Delivered {
		return "allowed"
	}
	return r
}

// MarshalJSON writes a request; a body that is JSON stands there as JSON.
func (r Request) MarshalJSON() ([]byte, error) {
	headers, err := objectInOrder(len(r.Headers), func(i int) (string, any) { return r.Headers[i].Name, r.Headers[i].Value })
	if err != nil {
		return nil, err
	}
	var body any = string(r.Body)
	if json.Valid(r.Body) {
		body = json.RawMessage(r.Body)
	}
	return marshal(struct {
		Method  string          `json:"method,omitempty"`
		URL     string          `json:"url,omitempty"`
		Headers json.RawMessage `json:"headers,omitempty"`
		Body    any             `json:"body"`
		Notes   []string        `json:"notes,omitempty"`
	}{r.Method, r.URL, headers, body, r.Notes})
}

// MarshalJSON writes how the destination answered.
func (v Verdict) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Verdict string `json:"verdict"`
		Why     string `json:"why,omitempty"`
		Status  int    `json:"status,omitempty"`
	}{v.Verdict, v.Why, v.Status})
}

// objectInOrder writes a JSON object whose keys keep their order.
func objectInOrder(n int, at func(i int) (key string, value any)) (json.RawMessage, error) {
	b := []byte{'{'}
	for i := range n {
		key, value := at(i)
		text, err := marshal(value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(event.AppendString(b, key), ':'), text...)
	}
	return append(b, '}'), nil
}

// marshal is json.Marshal that leaves <, > and & as they are: traces are read by people.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
