package consent

import (
	"hash/maphash"
	"strings"

	"headgate/consent/iab"
)

// format is one kind of signal: its names in records and how it is read. A format without read is a companion, which another
// format looks up by name.
type format struct {
	source string
	family string
	optOut bool // it can only deny
	read   func(r *reader, s reading)
}

// companion is read by other signals, which look it up by name.
var companion = format{}

// input is one raw signal as it arrived.
type input struct {
	format      *format
	name, value string
}

// inputs are everything that a conclusion depends on apart from the policy and the time. An ordinary event's fit into the struct
// itself, which stays on the stack.
type inputs struct {
	room            [16]input
	used            int
	more            []input // all of them, once they do not fit
	country, region string
	crowded         bool // more signals than any browser sends
	foreign         bool // sent by a page of another site
}

const maxInputs = 64

func (in *inputs) all() []input {
	if in.more != nil {
		return in.more
	}
	return in.room[:in.used]
}

// maxValue bounds what is decoded of one signal.
const maxValue = iab.MaxLength

func (in *inputs) add(f *format, name, value string) {
	switch {
	case in.more == nil && in.used < len(in.room):
		in.room[in.used] = input{f, name, value}
		in.used++
	case len(in.more) >= maxInputs:
		in.crowded = true
	default:
		if in.more == nil {
			in.more = append(make([]input, 0, maxInputs), in.room[:]...)
		}
		in.more = append(in.more, input{f, name, value})
	}
}

// value returns what came under a name, "" when nothing did.
func (in *inputs) value(name string) string {
	value, _ := in.Cookie(name)
	return value
}

// Cookie returns what came under a name; ok is false when nothing did.
func (in *inputs) Cookie(name string) (value string, ok bool) {
	for _, one := range in.all() {
		if one.name == name {
			return one.value, true
		}
	}
	return "", false
}

// holds reports whether a signal is there already: sources keep the parameters of a query with the event.
func (in *inputs) holds(name, value string) bool {
	for _, one := range in.all() {
		if one.name == name && one.value == value {
			return true
		}
	}
	return false
}

// absent reports whether a parameter or cookie says nothing: empty, or a macro that nobody filled in, such as ${GDPR_CONSENT_755}.
func absent(value string) bool { return value == "" || strings.HasPrefix(value, "${") }

// sum hashes the inputs; the names are left to the exact comparison.
func (in *inputs) sum(seed maphash.Seed) uint64 {
	sum := maphash.String(seed, in.country) ^ 3*maphash.String(seed, in.region)
	all := in.all()
	for i := range all {
		sum = sum*31 + maphash.String(seed, all[i].value)
	}
	return sum
}

// clone copies the inputs with their texts, so that a conclusion that is kept does not keep the whole request.
func (in *inputs) clone() inputs {
	all := in.all()
	size := len(in.country) + len(in.region)
	for i := range all {
		size += len(all[i].name) + len(all[i].value)
	}
	var text strings.Builder
	text.Grow(size)
	copied := func(s string) string {
		at := text.Len()
		text.WriteString(s)
		return text.String()[at:]
	}
	out := inputs{more: make([]input, len(all)), country: copied(in.country), region: copied(in.region),
		crowded: in.crowded, foreign: in.foreign}
	for i, one := range all {
		out.more[i] = input{one.format, copied(one.name), copied(one.value)}
	}
	return out
}
