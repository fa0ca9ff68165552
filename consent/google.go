package consent

import (
	"math/bits"

	"headgate/consent/google"
)

// googleParts are Google's consent types that a reading mentions; presets are those of them that nobody has answered. A
// purpose that takes several of them is granted only when all are.
type googleParts struct{ granted, denied, presets google.Type }

// setType notes what was said of one of Google's types. A refusal refuses all purposes that it is a part of; a grant
// grants those of which all parts have been granted.
func (s *reading) setType(p *Policy, t google.Type, yes bool, text, tail string) {
	if yes {
		s.types.granted |= t
	} else {
		s.types.denied |= t
	}
	if s.presets != 0 {
		s.types.presets |= t
	}
	var settled set
	for i := range p.purposes {
		if parts := p.purposes[i].google; parts&t != 0 && (!yes || p.purposes[i].missing(s.types.granted) == 0) {
			settled.add(i)
		}
	}
	s.set(settled, yes, text, tail)
}

// gather turns states of types into a reading: a purpose is granted when all its types are, denied when one is.
func (s *reading) gather(p *Policy, states []google.State) {
	for i := range p.purposes {
		types := p.purposes[i].google
		var all, denies, preset bool
		var what, how string
		all = types != 0
		for t := range google.Names {
			if types&(1<<t) == 0 {
				continue
			}
			if t >= len(states) || !states[t].Known {
				all = false
				continue
			}
			state := states[t]
			if state.Granted {
				s.types.granted |= 1 << t
			} else {
				s.types.denied |= 1 << t
			}
			if state.Preset {
				s.types.presets |= 1 << t
			}
			// A denial outweighs, and among denials the visitor's own does.
			if !state.Granted && (!denies || preset && !state.Preset) {
				denies, preset, what, how = true, state.Preset, google.Names[t], state.How
			}
			if state.Granted && !denies {
				preset = preset || state.Preset
				what, how = google.Names[t], state.How
			}
		}
		if denies || all {
			s.set(1<<i, !denies, what, how)
			if preset {
				s.presets.add(i)
			}
		}
	}
}

// gcsFormat is `gcs`: G1, then ad_storage and analytics_storage, each 1, 0 or -. It cannot tell an answer from a default:
// a tag whose default is granted sends G111 before anyone has answered. So a 1 is taken as a default, unless gcu says
// that the hit follows an update by the visitor; where gcd is sent, which says it exactly, a 1 adds nothing. A 0 denies.
var gcsFormat = format{source: familyGoogle, family: familyGoogle, read: readGCS}

func readGCS(r *reader, s reading) {
	states, ok := google.ParseGCS(s.value)
	if !ok {
		r.unreadable(s, "not of the form G1xy")
		return
	}
	updated := r.in.value("gcu") == "1"
	_, exact := r.in.Cookie("gcd")
	for i := range states {
		states[i].Preset = !updated
		if exact && states[i].Granted {
			states[i] = google.State{}
		}
	}
	s.gather(r.policy, states[:])
	if s.says == "" && s.granted|s.denied == 0 {
		s.says = "says nothing that gcd does not"
		if !exact {
			s.says = "not set"
		}
	}
	r.add(s)
}

// gcdFormat is `gcd`: per type what was set by default and by update, whether it is delegated to another type, and what
// is implied. The visitor's answer is the update; all else is a default.
var gcdFormat = format{source: familyGoogle, family: familyGoogle, read: readGCD}

func readGCD(r *reader, s reading) {
	g, ok := google.ParseGCD(s.value)
	if !ok {
		r.unreadable(s, "not of the form 1, four pairs, flags")
		return
	}
	states := g.States()
	s.gather(r.policy, states[:])
	if s.granted|s.denied == 0 {
		s.says = "not set"
	}
	if !g.Active {
		s.says = joined(s.says, "consent mode is not in use")
	}
	r.add(s)
	if g.GPC {
		objection := reading{source: familyGPC, family: familyGPC, name: s.name, value: s.value, optOut: true,
			says: "Global Privacy Control is on"}
		objection.set(r.policy.optOuts(), false, "Global Privacy Control", "")
		r.add(objection)
	}
}

// npaFormat is `npa`: 1 asks for non-personalised ads. Tags set it by default too, so it is no proof of an answer.
var npaFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "1", google.AdPersonalization, "non-personalised ads asked for")
}}

// pscdlFormat is `pscdl`, which is "denied" while ad_storage is.
var pscdlFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "denied", google.AdStorage, "ad_storage denied")
}}

// dmaFormat is `dma_cps`: the Google services that ad_user_data was granted to, - for none.
var dmaFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "-", google.AdUserData, "ad_user_data granted to no service")
}}

// googleDenial reads a parameter that can only deny one type, by default.
func googleDenial(r *reader, s reading, denies bool, t google.Type, how string) {
	if !denies {
		s.says = "denies nothing"
		r.add(s)
		return
	}
	states := make([]google.State, len(google.Names))
	states[bits.TrailingZeros8(uint8(t))] = google.State{Known: true, Preset: true, How: how}
	s.gather(r.policy, states)
	for i := range s.details {
		s.details[i].text, s.details[i].tail = how, ""
	}
	r.add(s)
}
