package signals

import (
	"math/bits"

	"headgate/consent/google"
)

// googleParts are Google's consent types that a reading mentions; presets are those of them that nobody has answered. A
// purpose that takes several of them is granted only when all are.
type googleParts struct{ Granted, denied, Presets google.Type }

// setType notes what was said of one of Google's types. A refusal refuses all purposes that it is a part of; a grant
// grants those of which all parts have been granted.
func (s *Reading) setType(v *Vocabulary, t google.Type, yes bool, text, tail string) {
	if yes {
		s.Types.Granted |= t
	} else {
		s.Types.denied |= t
	}
	if s.Presets != 0 {
		s.Types.Presets |= t
	}
	var settled PurposeSet
	for i := range v.Purposes {
		if parts := v.Purposes[i].Google; parts&t != 0 && (!yes || v.Purposes[i].Missing(s.Types.Granted) == 0) {
			settled.add(i)
		}
	}
	s.set(settled, yes, text, tail)
}

// gather turns states of types into a reading: a purpose is granted when all its types are, denied when one is.
func (s *Reading) gather(v *Vocabulary, states []google.State) {
	for i := range v.Purposes {
		types := v.Purposes[i].Google
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
				s.Types.Granted |= 1 << t
			} else {
				s.Types.denied |= 1 << t
			}
			if state.Preset {
				s.Types.Presets |= 1 << t
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
				s.Presets.add(i)
			}
		}
	}
}

// gcsFormat is `gcs`: G1, then ad_storage and analytics_storage, each 1, 0 or -. It cannot tell an answer from a default:
// a tag whose default is granted sends G111 before anyone has answered. So a 1 is taken as a default, unless gcu says
// that the hit follows an update by the visitor; where gcd is sent, which says it exactly, a 1 adds nothing. A 0 denies.
var gcsFormat = Format{source: FamilyGoogle, family: FamilyGoogle, read: readGCS}

func readGCS(r *reader, s Reading) {
	states, ok := google.ParseGCS(s.Value)
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
	s.gather(r.words, states[:])
	if s.says == "" && s.Granted|s.Denied == 0 {
		s.says = "says nothing that gcd does not"
		if !exact {
			s.says = "not set"
		}
	}
	r.add(s)
}

// gcdFormat is `gcd`: per type what was set by default and by update, whether it is delegated to another type, and what
// is implied. The visitor's answer is the update; all else is a default.
var gcdFormat = Format{source: FamilyGoogle, family: FamilyGoogle, read: readGCD}

func readGCD(r *reader, s Reading) {
	g, ok := google.ParseGCD(s.Value)
	if !ok {
		r.unreadable(s, "not of the form 1, four pairs, flags")
		return
	}
	states := g.States()
	s.gather(r.words, states[:])
	if s.Granted|s.Denied == 0 {
		s.says = "not set"
	}
	if !g.Active {
		s.says = joined(s.says, "consent mode is not in use")
	}
	r.add(s)
	if g.GPC {
		objection := Reading{Source: FamilyGPC, Family: FamilyGPC, Name: s.Name, Value: s.Value, OptOut: true,
			says: "Global Privacy Control is on"}
		objection.set(r.words.OptOuts(), false, "Global Privacy Control", "")
		r.add(objection)
	}
}

// npaFormat is `npa`: 1 asks for non-personalised ads. Tags set it by default too, so it is no proof of an answer.
var npaFormat = Format{source: FamilyGoogle, family: FamilyGoogle, read: func(r *reader, s Reading) {
	googleDenial(r, s, s.Value == "1", google.AdPersonalization, "non-personalised ads asked for")
}}

// pscdlFormat is `pscdl`, which is "denied" while ad_storage is.
var pscdlFormat = Format{source: FamilyGoogle, family: FamilyGoogle, read: func(r *reader, s Reading) {
	googleDenial(r, s, s.Value == "denied", google.AdStorage, "ad_storage denied")
}}

// dmaFormat is `dma_cps`: the Google services that ad_user_data was granted to, - for none.
var dmaFormat = Format{source: FamilyGoogle, family: FamilyGoogle, read: func(r *reader, s Reading) {
	googleDenial(r, s, s.Value == "-", google.AdUserData, "ad_user_data granted to no service")
}}

// googleDenial reads a parameter that can only deny one type, by default.
func googleDenial(r *reader, s Reading, denies bool, t google.Type, how string) {
	if !denies {
		s.says = "denies nothing"
		r.add(s)
		return
	}
	states := make([]google.State, len(google.Names))
	states[bits.TrailingZeros8(uint8(t))] = google.State{Known: true, Preset: true, How: how}
	s.gather(r.words, states)
	for i := range s.Details {
		s.Details[i].Text, s.Details[i].Tail = how, ""
	}
	r.add(s)
}
