package layout

import (
	"fmt"

	"headgate/event"
)

// Decoded returns a decision that is in memory, or else reads what Append wrote of it.
func Decoded(live any, stored []byte) (*event.Decision, error) {
	if d, ok := live.(*event.Decision); ok {
		return d, nil
	}
	return Decode(string(stored))
}

// Decode reads what Append wrote. The texts of the result share the memory of s.
func Decode(s string) (*event.Decision, error) {
	r := reader{rest: s}
	d := new(event.Decision)
	version := r.byte()
	switch version {
	case newest, asideInWords, changesUnkept, sentences:
		d.Identifiers = r.identifiers()
	case unidentified:
	default:
		return nil, fmt.Errorf("%w: layout version %d", ErrUnreadable, version)
	}
	r.fields(&eventColumnByTag, d.Event.Cells())
	r.words = append(r.words, recordWords...)
	r.record(&d.Consent, version)
	r.words = append(r.words[:0], outcomeWords...)
	r.fresh = 0
	d.Outcomes = make([]event.Outcome, r.count(3))
	for i := range d.Outcomes {
		if version > sentences {
			d.Outcomes[i] = r.outcome()
		} else {
			d.Outcomes[i] = r.outcomeWithSentence()
		}
	}
	d.DroppedBy, d.Stored = r.word(), r.word()
	if version > changesUnkept {
		r.rules(d)
	}
	if r.bad || r.rest != "" {
		return nil, ErrUnreadable
	}
	return d, nil
}
