package consent

import "strings"

// gpcName is how the header is called in records.
const gpcName = "Sec-GPC"

// gpcFormat is Global Privacy Control: the header Sec-GPC with the value 1 is an objection, also where a proxy has joined
// several headers with commas; any other value is no signal.
// https://www.w3.org/TR/gpc/
var gpcFormat = format{source: familyGPC, family: familyGPC, optOut: true, read: func(r *reader, s reading) {
	for one := range strings.SplitSeq(s.value, ",") {
		if strings.TrimSpace(one) == "1" {
			s.set(r.policy.optOuts(), false, "1", "")
			r.add(s)
			return
		}
	}
	s.aside = "unreadable: only the value 1 is defined"
	r.add(s)
}}

// dntFormat is Do Not Track: it has no legal force in most places and is recorded, never binding.
var dntFormat = format{source: familyDNT, family: familyDNT, read: func(r *reader, s reading) {
	s.says = "asks not to be tracked"
	if s.value != "1" {
		s.says = "says nothing"
	}
	r.add(s)
}}

// optOuts returns the purposes that a US opt-out denies.
func (p *Policy) optOuts() (s set) {
	for i := range p.purposes {
		if p.purposes[i].optOut {
			s.add(i)
		}
	}
	return s
}
