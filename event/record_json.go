package event

import "time"

// AppendJSON appends what consent concluded, in words where the record has codes.
func (r *Record) AppendJSON(b []byte) []byte {
	b = appendTexts(append(b, `{"region":{`...), "country", r.Country)
	if r.Region != "" {
		b = appendTexts(append(b, ','), "region", r.Region)
	}
	b = appendTexts(append(b, ','), "rule", r.Rule, "model", r.Model)
	b = append(b, `},"state":{`...)
	for i := range r.States {
		s := &r.States[i]
		b = append(appendKey(b, s.Purpose, i == 0), '{')
		b = append(appendTexts(b, "state", s.State, "basis", s.Basis, "source", r.SourceOf(s)), '}')
	}
	b = append(b, `},"signals":[`...)
	for i := range r.Signals {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.appendSignal(b, &r.Signals[i])
	}
	b = append(b, ']')
	if conflict := r.ConflictText(); conflict != "" {
		b = appendTexts(append(b, ','), "conflict", conflict)
	}
	if r.Monitor {
		b = append(b, `,"monitor":true`...)
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (r *Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil), nil }

func (r *Record) appendSignal(b []byte, s *Signal) []byte {
	b = appendTexts(append(b, '{'), "source", s.Source, "name", s.Name, "value", s.Value, "says", r.SaysOf(s))
	if aside := r.AsideOf(s); aside != "" {
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
		b = AppendString(appendKey(b, pairs[i], i == 0), pairs[i+1])
	}
	return b
}
