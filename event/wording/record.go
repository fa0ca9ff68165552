package wording

import (
	"time"

	"headgate/event"
)

// AppendRecord appends what consent concluded, in words where the record has codes.
func AppendRecord(b []byte, r *event.Record) []byte {
	b = appendTexts(append(b, `{"region":{`...), "country", r.Country)
	if r.Region != "" {
		b = appendTexts(append(b, ','), "region", r.Region)
	}
	b = appendTexts(append(b, ','), "rule", r.Rule, "model", r.Model)
	b = append(b, `},"state":{`...)
	for i := range r.States {
		s := &r.States[i]
		b = append(appendKey(b, s.Purpose, i == 0), '{')
		b = append(appendTexts(b, "state", s.State, "basis", s.Basis, "source", Source(r, s)), '}')
	}
	b = append(b, `},"signals":[`...)
	for i := range r.Signals {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendSignal(b, r, &r.Signals[i])
	}
	b = append(b, ']')
	if conflict := Conflict(r); conflict != "" {
		b = appendTexts(append(b, ','), "conflict", conflict)
	}
	if r.Monitor {
		b = append(b, `,"monitor":true`...)
	}
	return append(b, '}')
}

func appendSignal(b []byte, r *event.Record, s *event.Signal) []byte {
	b = appendTexts(append(b, '{'), "source", s.Source, "name", s.Name, "value", s.Value, "says", Says(r, s))
	if aside := Aside(r, s); aside != "" {
		b = appendTexts(append(b, ','), "set_aside", aside)
	}
	if !s.When.IsZero() {
		b = s.When.AppendFormat(append(b, `,"when":"`...), time.RFC3339Nano)
		b = append(b, '"')
	}
	return append(b, '}')
}

// appendTexts appends members of an object: keys, each with its text.
func appendTexts(b []byte, pairs ...string) []byte {
	for i := 0; i+1 < len(pairs); i += 2 {
		b = event.AppendString(appendKey(b, pairs[i], i == 0), pairs[i+1])
	}
	return b
}

func appendKey(b []byte, key string, first bool) []byte {
	if !first {
		b = append(b, ',')
	}
	return append(event.AppendString(b, key), ':')
}
