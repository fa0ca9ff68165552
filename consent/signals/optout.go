package signals

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/event"
)

// gpcName is the name of the header in records.
const gpcName = "Sec-GPC"

// gpcFormat is Global Privacy Control: the header Sec-GPC with the value 1 is an objection, also where a proxy has joined
// several headers with commas; any other value is no signal.
// https://www.w3.org/TR/gpc/
var gpcFormat = Format{source: FamilyGPC, family: FamilyGPC, OptOut: true, read: func(r *reader, s Reading) {
	for one := range strings.SplitSeq(s.Value, ",") {
		if strings.TrimSpace(one) == "1" {
			s.set(r.words.OptOuts(), false, "1", "")
			r.add(s)
			return
		}
	}
	s.Aside = event.Aside{Kind: event.AsideUnreadable, Part: "only the value 1 is defined"}
	r.add(s)
}}

// dntFormat is Do Not Track: it has no legal force in most places and is recorded, never binding.
var dntFormat = Format{source: FamilyDNT, family: FamilyDNT, read: func(r *reader, s Reading) {
	s.says = "asks not to be tracked"
	if s.Value != "1" {
		s.says = "says nothing"
	}
	r.add(s)
}}

// uspFormat is the US Privacy string. Only its opt-out of sale says something here; a string that cannot be read is an
// opt-out, too.
var uspFormat = Format{source: FamilyUSP, family: FamilyUSP, OptOut: true, read: readUSP}

func readUSP(r *reader, s Reading) {
	s.OptOut = true
	text := uspText(cmp.Plain(s.Value))
	u, ok := iab.ParseUSP(text)
	if !ok {
		r.unreadable(s, "no US Privacy string")
		return
	}
	switch {
	case !u.Applies:
		s.says = "the law does not apply"
	case u.OptOut:
		s.set(r.words.OptOuts(), false, strings.ToUpper(text), "")
	default:
		s.says = "not opted out"
	}
	r.add(s)
}

// uspText returns the string out of iubenda's JSON, {"uspString":"1YNN",...}, and anything else as it is.
func uspText(s string) string {
	if strings.HasPrefix(s, "{") {
		v, _ := event.ParseJSON([]byte(s))
		return v.Object().Text("uspString")
	}
	return s
}
