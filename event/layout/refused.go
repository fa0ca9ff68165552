package layout

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"headgate/event"
)

// Refused is what the log keeps of an event that no destination may have: enough to say why, and nothing about a person.
type Refused struct {
	ID        [16]byte // HashID of the event's id: an id is the client's own text and may name someone
	Name      string   // "" when it is not a plain name
	Time      time.Time
	Source    string
	DroppedBy string          // as in a Decision
	Outcomes  []event.Outcome // with their reasons, without the sentences
}

// refusedVersion begins what AppendRefused writes. No layout of a Decision has that number.
const refusedVersion = 0x81

// HashID is what a refused event is found by.
func HashID(id string) (h [16]byte) {
	sum := sha256.Sum256([]byte("event id\x00" + id))
	copy(h[:], sum[:])
	return h
}

// AppendRefused appends what is kept of d when nobody may have its event.
func AppendRefused(b []byte, d *event.Decision) []byte {
	id := HashID(d.Event.ID)
	b = append(append(b, refusedVersion), id[:]...)
	b = appendInstant(b, d.Event.Time)
	b = appendText(b, plainName(d.Event.Name))
	w := words{known: outcomeVocabulary}
	b = w.append(b, d.Event.Source)
	b = w.append(b, d.DroppedBy)
	b = binary.AppendUvarint(b, uint64(len(d.Outcomes)))
	for i := range d.Outcomes {
		o := &d.Outcomes[i]
		b = w.append(b, o.Destination)
		b = append(b, byte(o.Action))
		b = w.append(b, string(o.Reason))
	}
	return b
}

// IsRefused reports whether bytes of the log are what AppendRefused wrote. With an id, also whether they are about that event.
func IsRefused(b []byte, id *[16]byte) bool {
	return len(b) > len(Refused{}.ID) && b[0] == refusedVersion && (id == nil || [16]byte(b[1:]) == *id)
}

// DecodeRefused reads what AppendRefused wrote.
func DecodeRefused(s string) (*Refused, error) {
	f := new(Refused)
	r := reader{rest: s}
	if !IsRefused([]byte(s), nil) {
		return nil, ErrUnreadable
	}
	f.ID, r.rest = [16]byte([]byte(s[1:17])), s[17:]
	f.Time, f.Name = r.instant(), r.text()
	r.words = append(r.words, outcomeWords...)
	f.Source, f.DroppedBy = r.word(), r.word()
	f.Outcomes = make([]event.Outcome, r.count(3))
	for i := range f.Outcomes {
		o := &f.Outcomes[i]
		o.Destination = r.word()
		if o.Action = event.Action(r.byte()); o.Action.Due() || o.Action > event.Filter {
			r.fail()
			o.Action = event.Filter
		}
		o.Reason = event.Reason(r.word())
	}
	if r.bad || r.rest != "" {
		return nil, ErrUnreadable
	}
	return f, nil
}

const (
	longestPlainName = 64
	fewDigits        = 6 // a telephone number or an account's has more
)

// plainName is an event's name when it is one as sites choose them, and "" when someone's data may be in it.
func plainName(name string) string {
	if len(name) > longestPlainName {
		return ""
	}
	digits := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits > fewDigits {
				return ""
			}
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.', c == ':', c == '/', c == ' ':
		default:
			return ""
		}
	}
	return name
}
