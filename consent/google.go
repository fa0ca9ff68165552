package consent

import (
	"slices"
	"strings"
)

// googleType is one of Google's consent types, or several.
type googleType uint8

const (
	adStorage googleType = 1 << iota
	analyticsStorage
	adUserData
	adPersonalization
	functionalityStorage
	personalizationStorage
	securityStorage
)

var googleTypes = map[string]googleType{
	"ad_storage": adStorage, "analytics_storage": analyticsStorage, "ad_user_data": adUserData,
	"ad_personalization": adPersonalization, "functionality_storage": functionalityStorage,
	"personalization_storage": personalizationStorage, "security_storage": securityStorage,
}

// googleTypeNames are the types in the order of gcd, which is that of the constants.
var googleTypeNames = []string{"ad_storage", "analytics_storage", "ad_user_data", "ad_personalization",
	"functionality_storage", "personalization_storage", "security_storage"}

// googleParts are Google's consent types that a reading mentions; presets are those of them that nobody has answered. A
// purpose that takes several of them is granted only when all are.
type googleParts struct{ granted, denied, presets googleType }

// missing returns the types that a purpose takes and that are not among those granted.
func (p *purpose) missing(types googleType) googleType { return p.google &^ types }

// appendGoogleNames writes types as words: ad_storage and ad_user_data.
func appendGoogleNames(b []byte, types googleType) []byte {
	first := true
	for t, name := range googleTypeNames {
		if types&(1<<t) == 0 {
			continue
		}
		if !first {
			b = append(b, " and "...)
		}
		b, first = append(b, name...), false
	}
	return b
}

// googleTypeOf returns the type of a name as pages and consent tools write it, 0 when there is none.
func googleTypeOf(name string) googleType {
	return googleTypes[strings.ReplaceAll(strings.ToLower(name), "-", "_")]
}

// setType notes what was said of one of Google's types. A refusal refuses all purposes that it is a part of; a grant
// grants those of which all parts have been granted.
func (s *reading) setType(p *Policy, t googleType, yes bool, text, tail string) {
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

// googleState is what was said of one type.
type googleState struct {
	known, granted bool
	preset         bool   // by default only: the visitor has not answered
	how            string // " denied by default"
}

// gather turns states of types into a reading: a purpose is granted when all its types are, denied when one is.
func (s *reading) gather(p *Policy, states []googleState) {
	for i := range p.purposes {
		types := p.purposes[i].google
		var all, denies, preset bool
		var what, how string
		all = types != 0
		for t := range googleTypeNames {
			if types&(1<<t) == 0 {
				continue
			}
			if t >= len(states) || !states[t].known {
				all = false
				continue
			}
			state := states[t]
			if state.granted {
				s.types.granted |= 1 << t
			} else {
				s.types.denied |= 1 << t
			}
			if state.preset {
				s.types.presets |= 1 << t
			}
			// A denial outweighs, and among denials the visitor's own does.
			if !state.granted && (!denies || preset && !state.preset) {
				denies, preset, what, how = true, state.preset, googleTypeNames[t], state.how
			}
			if state.granted && !denies {
				preset = preset || state.preset
				what, how = googleTypeNames[t], state.how
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
// a tag whose default is granted sends G111 before anybody has answered. So a 1 is taken as a default, unless gcu says
// that the hit follows an update by the visitor; where gcd is sent, which says it exactly, a 1 adds nothing. A 0 denies.
var gcsFormat = format{source: familyGoogle, family: familyGoogle, read: readGCS}

func readGCS(r *reader, s reading) {
	states, ok := parseGCS(s.value)
	if !ok {
		r.unreadable(s, "not of the form G1xy")
		return
	}
	updated := r.in.value("gcu") == "1"
	exact := r.in.has("gcd")
	for i := range states {
		states[i].preset = !updated
		if exact && states[i].granted {
			states[i] = googleState{}
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

func parseGCS(v string) (states [2]googleState, ok bool) {
	if len(v) != 4 || v[:2] != "G1" {
		return states, false
	}
	for i := range states {
		switch v[2+i] {
		case '1':
			states[i] = googleState{known: true, granted: true, how: " granted"}
		case '0':
			states[i] = googleState{known: true, how: " denied"}
		case '-':
		default:
			return states, false
		}
	}
	return states, true
}

// gcdFormat is `gcd`: per type what was set by default and by update, whether it is delegated to another type, and what
// is implied. The visitor's answer is the update; all else is a default.
var gcdFormat = format{source: familyGoogle, family: familyGoogle, read: readGCD}

func readGCD(r *reader, s reading) {
	g, ok := parseGCD(s.value)
	if !ok {
		r.unreadable(s, "not of the form 1, four pairs, flags")
		return
	}
	states := g.states()
	s.gather(r.policy, states[:])
	if s.granted|s.denied == 0 {
		s.says = "not set"
	}
	if !g.active {
		s.says = joined(s.says, "consent mode is not in use")
	}
	r.add(s)
	if g.gpc {
		objection := reading{source: familyGPC, family: familyGPC, name: s.name, value: s.value, optOut: true,
			says: "Global Privacy Control is on"}
		objection.set(r.policy.optOuts(), false, "Global Privacy Control", "")
		r.add(objection)
	}
}

// gcd is the value of that name, taken apart. Two-bit states: 1 not set, 2 denied, 3 granted.
type gcd struct {
	types       [4]gcdType
	gpc, active bool
}

type gcdType struct{ delegation, implicit, declared, preset, update byte }

func parseGCD(v string) (g gcd, ok bool) {
	if len(v) < 9 || len(v) > 64 || v[0] != '1' {
		return gcd{}, false
	}
	for i := range g.types {
		first, second := a64(v[1+2*i]), a64(v[2+2*i])
		if first > 63 || second > 63 {
			return gcd{}, false
		}
		g.types[i] = gcdType{first >> 2, first & 3, second >> 4, second >> 2 & 3, second & 3}
	}
	if len(v) > 9 {
		flags := a64(v[9])
		if flags > 63 {
			return gcd{}, false
		}
		g.gpc, g.active = flags>>3&1 == 1, flags>>2&1 == 1
	}
	if len(v) > 11 {
		g.containerDefaults(a64(v[10]), a64(v[11]))
	}
	return g, true
}

// containerDefaults puts the container's defaults in the place of the tag's where they are used.
func (g *gcd) containerDefaults(first, second byte) {
	if first > 63 || second > 63 || second>>2 == 0 {
		return
	}
	for i, d := range [4]byte{first >> 4, first >> 2 & 3, first & 3, second & 3} {
		if d > 1 {
			g.types[i].preset = d
		}
	}
}

// states resolves each type as Google's own tag does, except that what is only implied to be granted counts as not said:
// nobody said it.
func (g *gcd) states() (out [4]googleState) {
	for i := range g.types {
		t := g.types[i]
		s, known := t.said()
		if !known && t.delegation >= 12 && int(t.delegation-12) != i {
			s, known = g.types[t.delegation-12].said()
			if known {
				s.how += ", delegated to " + googleTypeNames[t.delegation-12]
			}
		}
		switch {
		case known:
		case t.declared >= 2:
			s = googleState{known: true, granted: t.declared == 3, preset: true, how: worded(t.declared, " granted for the region", " denied for the region")}
		case t.implicit == 2:
			s = googleState{known: true, preset: true, how: " denied implicitly"}
		}
		out[i] = s
	}
	return out
}

func (t gcdType) said() (s googleState, known bool) {
	switch {
	case t.update >= 2:
		return googleState{known: true, granted: t.update == 3, how: worded(t.update, " granted by the visitor's answer", " denied by the visitor's answer")}, true
	case t.preset >= 2:
		return googleState{known: true, granted: t.preset == 3, preset: true, how: worded(t.preset, " granted by default", " denied by default")}, true
	}
	return googleState{}, false
}

// worded picks the words for a two-bit state that is 2, denied, or 3, granted.
func worded(state byte, granted, denied string) string {
	if state == 3 {
		return granted
	}
	return denied
}

// a64 returns the index of a character in Google's alphabet 0-9a-zA-Z-_, 255 for any other.
func a64(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 10
	case c >= 'A' && c <= 'Z':
		return c - 'A' + 36
	case c == '-':
		return 62
	case c == '_':
		return 63
	}
	return 255
}

// npaFormat is `npa`: 1 asks for non-personalised ads. Tags set it by default too, so it is no proof of an answer.
var npaFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "1", adPersonalization, "non-personalised ads asked for")
}}

// pscdlFormat is `pscdl`, which is "denied" while ad_storage is.
var pscdlFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "denied", adStorage, "ad_storage denied")
}}

// dmaFormat is `dma_cps`: the Google services that ad_user_data was granted to, - for none.
var dmaFormat = format{source: familyGoogle, family: familyGoogle, read: func(r *reader, s reading) {
	googleDenial(r, s, s.value == "-", adUserData, "ad_user_data granted to no service")
}}

// googleDenial reads a parameter that can only deny one type, by default.
func googleDenial(r *reader, s reading, denies bool, t googleType, how string) {
	if !denies {
		s.says = "denies nothing"
		r.add(s)
		return
	}
	states := make([]googleState, len(googleTypeNames))
	states[slices.Index(googleTypeNames, googleTypeName(t))] = googleState{known: true, preset: true, how: how}
	s.gather(r.policy, states)
	for i := range s.details {
		s.details[i].text, s.details[i].tail = how, ""
	}
	r.add(s)
}

func googleTypeName(t googleType) string {
	for i, name := range googleTypeNames {
		if t == 1<<i {
			return name
		}
	}
	return ""
}
