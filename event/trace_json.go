package event

import (
	"bytes"
	"encoding/json"
	"time"
)

// MarshalJSON writes the trace as explain --json, the live view and stored explanations show it.
func (t *Trace) MarshalJSON() ([]byte, error) {
	out := struct {
		Event        *Event          `json:"event"`
		Received     *Event          `json:"received"`
		Source       string          `json:"source"`
		Traffic      string          `json:"traffic,omitempty"`
		Consent      json.RawMessage `json:"consent"`
		Rules        []RuleTrace     `json:"rules"`
		DroppedBy    *string         `json:"dropped_by"`
		EmittedBy    string          `json:"emitted_by,omitempty"`
		Refused      bool            `json:"refused,omitempty"`
		Destinations json.RawMessage `json:"destinations"`
	}{Event: t.Event, Received: t.Received, Source: t.Source, Traffic: t.Traffic, Rules: t.Rules, Refused: t.Refused, EmittedBy: t.EmittedBy}
	if out.Rules == nil {
		out.Rules = []RuleTrace{}
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
		Granted string `json:"granted"`
		Action  string `json:"action"`
		Reason  Reason `json:"reason"`
		Because string `json:"because"`
	}
	var names []string
	byName := map[string][]whatIf{}
	for _, w := range t.WhatIf {
		name := w.Outcome.Destination
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], whatIf{w.Granted, w.Outcome.Action.String(), w.Outcome.Reason.shown(), w.Because})
	}
	var object json.RawMessage
	if len(names) > 0 {
		var err error
		if object, err = objectInOrder(len(names), func(i int) (string, any) { return names[i], byName[names[i]] }); err != nil {
			return nil, err
		}
	}
	return t.Consent.marshal(object)
}

// MarshalJSON writes what consent concluded.
func (r *Record) MarshalJSON() ([]byte, error) { return r.marshal(nil) }

func (r *Record) marshal(whatIf json.RawMessage) ([]byte, error) {
	type region struct {
		Country string `json:"country"`
		Region  string `json:"region,omitempty"`
		Rule    string `json:"rule"`
		Model   string `json:"model"`
	}
	type state struct {
		State  string `json:"state"`
		Basis  string `json:"basis"`
		Source string `json:"source"`
	}
	states, err := objectInOrder(len(r.States), func(i int) (string, any) {
		s := &r.States[i]
		return s.Purpose, state{s.State, s.Basis, r.SourceOf(s)}
	})
	if err != nil {
		return nil, err
	}
	signals := make([]Signal, len(r.Signals))
	for i := range r.Signals {
		signals[i] = r.Signals[i]
		signals[i].Says = r.SaysOf(&r.Signals[i])
	}
	return marshal(struct {
		Region   region          `json:"region"`
		State    json.RawMessage `json:"state"`
		Signals  []Signal        `json:"signals"`
		Conflict string          `json:"conflict,omitempty"`
		Monitor  bool            `json:"monitor,omitempty"`
		WhatIf   json.RawMessage `json:"what_if,omitempty"`
	}{region{r.Country, r.Region, r.Rule, r.Model}, states, signals, r.ConflictText(), r.Monitor, whatIf})
}

// MarshalJSON writes one signal; what it says of purposes must be in words.
func (s Signal) MarshalJSON() ([]byte, error) {
	var when *time.Time
	if !s.When.IsZero() {
		when = &s.When
	}
	return marshal(struct {
		Source string     `json:"source"`
		Name   string     `json:"name"`
		Value  string     `json:"value"`
		Says   string     `json:"says"`
		Aside  string     `json:"set_aside,omitempty"`
		When   *time.Time `json:"when,omitempty"`
	}{s.Source, s.Name, s.Value, s.Says, s.Aside, when})
}

// MarshalJSON writes what one rule did.
func (r RuleTrace) MarshalJSON() ([]byte, error) {
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
		Path string `json:"path"`
		Old  Value  `json:"old"`
		New  Value  `json:"new"`
	}{c.Path, c.Old, c.New})
}

// MarshalJSON writes what happened to the event at one destination.
func (d *DestinationTrace) MarshalJSON() ([]byte, error) {
	requests := d.Requests
	if requests == nil {
		requests = []Request{}
	}
	return marshal(struct {
		Action   string         `json:"action"`
		Reason   Reason         `json:"reason"`
		Because  string         `json:"because"`
		Profile  string         `json:"profile,omitempty"`
		Requests []Request      `json:"requests"`
		Verdict  *VerdictTrace  `json:"verdict"`
		Attempts []AttemptTrace `json:"attempts,omitempty"`
	}{d.Action.String(), d.Reason.shown(), d.Because, d.Profile, requests, d.Verdict, d.Attempts})
}

// MarshalJSON writes one attempt; took is in seconds.
func (a AttemptTrace) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Time    time.Time `json:"time"`
		Verdict string    `json:"verdict"`
		Status  int       `json:"status,omitempty"`
		Why     string    `json:"why,omitempty"`
		Took    float64   `json:"took"`
	}{a.Time, a.Verdict, a.Status, a.Why, a.Took.Seconds()})
}

// shown is the reason as a trace says it: what may be sent is allowed; whether it was delivered is the verdict's to say.
func (r Reason) shown() Reason {
	if r == Delivered {
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
func (v VerdictTrace) MarshalJSON() ([]byte, error) {
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
		b = append(appendKey(b, key, i == 0), text...)
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
