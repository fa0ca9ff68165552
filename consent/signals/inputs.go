package signals

import (
	"hash/maphash"
	"strings"

	"headgate/consent/iab"
)

// Format is one kind of signal: its names in records and how it is read. A format without read is a companion, which another
// format looks up by name.
type Format struct {
	source string
	family string
	OptOut bool // it can only deny
	read   func(r *reader, s Reading)
}

// companion is read by other signals, which look it up by name.
var companion = Format{}

// Input is one raw signal as it arrived.
type Input struct {
	Format      *Format
	Name, Value string
}

// Inputs are everything that a conclusion depends on apart from the policy and the time. An ordinary event's fit into the struct
// itself, which stays on the stack.
type Inputs struct {
	room            [16]Input
	used            int
	more            []Input // all of them, once they do not fit
	Country, Region string
	Crowded         bool // more signals than any browser sends
	Foreign         bool // sent by a page of another site
}

// MaxInputs is how many signals of a hit are read.
const MaxInputs = 64

// All returns the signals, in the order in which they came.
func (in *Inputs) All() []Input {
	if in.more != nil {
		return in.more
	}
	return in.room[:in.used]
}

// maxValue bounds what is decoded of one signal.
const maxValue = iab.MaxLength

// Add adds a signal as it arrived.
func (in *Inputs) Add(f *Format, name, value string) {
	switch {
	case in.more == nil && in.used < len(in.room):
		in.room[in.used] = Input{f, name, value}
		in.used++
	case len(in.more) >= MaxInputs:
		in.Crowded = true
	default:
		if in.more == nil {
			in.more = append(make([]Input, 0, MaxInputs), in.room[:]...)
		}
		in.more = append(in.more, Input{f, name, value})
	}
}

// value returns what came under a name, "" when nothing did.
func (in *Inputs) value(name string) string {
	value, _ := in.Cookie(name)
	return value
}

// Cookie returns what came under a name; ok is false when nothing did.
func (in *Inputs) Cookie(name string) (value string, ok bool) {
	for _, one := range in.All() {
		if one.Name == name {
			return one.Value, true
		}
	}
	return "", false
}

// holds reports whether a signal is there already: sources keep the parameters of a query with the event.
func (in *Inputs) holds(name, value string) bool {
	for _, one := range in.All() {
		if one.Name == name && one.Value == value {
			return true
		}
	}
	return false
}

// absent reports whether a parameter or cookie says nothing: empty, or a macro that nobody filled in, such as ${GDPR_CONSENT_755}.
func absent(value string) bool { return value == "" || strings.HasPrefix(value, "${") }

// Sum hashes the inputs; the names are left to the exact comparison.
func (in *Inputs) Sum(seed maphash.Seed) uint64 {
	sum := maphash.String(seed, in.Country) ^ 3*maphash.String(seed, in.Region)
	all := in.All()
	for i := range all {
		sum = sum*31 + maphash.String(seed, all[i].Value)
	}
	return sum
}

// Clone copies the inputs with their texts, so that a conclusion that is kept does not keep the whole request.
func (in *Inputs) Clone() Inputs {
	all := in.All()
	size := len(in.Country) + len(in.Region)
	for i := range all {
		size += len(all[i].Name) + len(all[i].Value)
	}
	var text strings.Builder
	text.Grow(size)
	copied := func(s string) string {
		at := text.Len()
		text.WriteString(s)
		return text.String()[at:]
	}
	out := Inputs{more: make([]Input, len(all)), Country: copied(in.Country), Region: copied(in.Region),
		Crowded: in.Crowded, Foreign: in.Foreign}
	for i, one := range all {
		out.more[i] = Input{one.Format, copied(one.Name), copied(one.Value)}
	}
	return out
}
