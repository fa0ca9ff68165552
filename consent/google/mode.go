package google

// State is what was said of one type.
type State struct {
	Known, Granted bool
	Preset         bool   // by default only: the visitor has not answered
	How            string // " denied by default"
}

// ParseGCS reads `gcs`: G1, then ad_storage and analytics_storage, each 1, 0 or -. ok is false for anything else.
func ParseGCS(v string) (states [2]State, ok bool) {
	if len(v) != 4 || v[:2] != "G1" {
		return states, false
	}
	for i := range states {
		switch v[2+i] {
		case '1':
			states[i] = State{Known: true, Granted: true, How: " granted"}
		case '0':
			states[i] = State{Known: true, How: " denied"}
		case '-':
		default:
			return states, false
		}
	}
	return states, true
}

// GCD is the value of that name, taken apart. Two-bit states: 1 not set, 2 denied, 3 granted.
type GCD struct {
	types       [4]gcdType
	GPC, Active bool
}

type gcdType struct{ delegation, implicit, declared, preset, update byte }

// ParseGCD takes the value apart; ok is false for anything else.
func ParseGCD(v string) (g GCD, ok bool) {
	if len(v) < 9 || len(v) > 64 || v[0] != '1' {
		return GCD{}, false
	}
	for i := range g.types {
		first, second := a64(v[1+2*i]), a64(v[2+2*i])
		if first > 63 || second > 63 {
			return GCD{}, false
		}
		g.types[i] = gcdType{first >> 2, first & 3, second >> 4, second >> 2 & 3, second & 3}
	}
	if len(v) > 9 {
		flags := a64(v[9])
		if flags > 63 {
			return GCD{}, false
		}
		g.GPC, g.Active = flags>>3&1 == 1, flags>>2&1 == 1
	}
	if len(v) > 11 {
		g.containerDefaults(a64(v[10]), a64(v[11]))
	}
	return g, true
}

// containerDefaults puts the container's defaults in the place of the tag's where they are used.
func (g *GCD) containerDefaults(first, second byte) {
	if first > 63 || second > 63 || second>>2 == 0 {
		return
	}
	for i, d := range [4]byte{first >> 4, first >> 2 & 3, first & 3, second & 3} {
		if d > 1 {
			g.types[i].preset = d
		}
	}
}

// States resolves each type as Google's own tag does, except that what is only implied to be granted counts as not said:
// nobody said it.
func (g *GCD) States() (out [4]State) {
	for i := range g.types {
		t := g.types[i]
		s, known := t.said()
		if !known && t.delegation >= 12 && int(t.delegation-12) != i {
			s, known = g.types[t.delegation-12].said()
			if known {
				s.How += ", delegated to " + Names[t.delegation-12]
			}
		}
		switch {
		case known:
		case t.declared >= 2:
			s = State{Known: true, Granted: t.declared == 3, Preset: true, How: worded(t.declared, " granted for the region", " denied for the region")}
		case t.implicit == 2:
			s = State{Known: true, Preset: true, How: " denied implicitly"}
		}
		out[i] = s
	}
	return out
}

func (t gcdType) said() (s State, known bool) {
	switch {
	case t.update >= 2:
		return State{Known: true, Granted: t.update == 3, How: worded(t.update, " granted by the visitor's answer", " denied by the visitor's answer")}, true
	case t.preset >= 2:
		return State{Known: true, Granted: t.preset == 3, Preset: true, How: worded(t.preset, " granted by default", " denied by default")}, true
	}
	return State{}, false
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
