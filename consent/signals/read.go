package signals

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"headgate/event"
)

// Read decodes the inputs. The readings stand in the order of `sources`, then of their names and values, so that the order
// of cookies and parameters makes no difference.
func (v *Vocabulary) Read(in *Inputs) []Reading { return v.ReadInto(nil, in) }

// ReadInto is Read into memory that the caller has.
func (v *Vocabulary) ReadInto(room []Reading, in *Inputs) []Reading {
	r := reader{words: v, in: in, readings: room}
	if in.Crowded {
		// What was left unread may be a refusal.
		all := Reading{Source: "hit", Family: FamilyEvent, Name: "the consent signals", Presets: ^PurposeSet(0)}
		all.set(1<<len(v.Purposes)-1, false, "more than "+strconv.Itoa(MaxInputs), ", not all were read")
		r.add(all)
	}
	for _, one := range in.All() {
		if one.Format.read == nil {
			continue
		}
		s := Reading{Source: one.Format.source, Family: one.Format.family, Name: one.Name, Value: one.Value, OptOut: one.Format.OptOut}
		if len(one.Value) > maxValue {
			r.unreadable(s, "too long")
			continue
		}
		if strings.ContainsFunc(one.Value, unicode.IsControl) {
			s.Doubt(event.AsideUnreadable, "control characters in it") // no format has them: what they stand in the place of may say no
		}
		one.Format.read(&r, s)
	}
	if in.Foreign {
		for i := range r.readings {
			r.readings[i].Doubt(event.AsideForeign, "") // it would speak in the visitor's name
		}
	}
	v.Order(r.readings)
	return r.readings
}

// Order sorts readings by the rank of their family, then by source, name and value.
func (v *Vocabulary) Order(readings []Reading) {
	slices.SortStableFunc(readings, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(v.rank(a.Family), v.rank(b.Family)), strings.Compare(a.Source, b.Source),
			strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
}

func (v *Vocabulary) rank(family string) int {
	if rank, ok := v.Ranks[family]; ok {
		return rank
	}
	return len(Families)
}
