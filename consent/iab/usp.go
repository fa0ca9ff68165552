package iab

// USPrivacy is a US Privacy string: 1, then notice, opt-out of sale and LSPA, each Y, N or -; 1--- where the law does not
// apply. https://github.com/InteractiveAdvertisingBureau/USPrivacy
type USPrivacy struct {
	Notice, OptOut, LSPA bool
	Applies              bool // false for 1---
}

// ParseUSP reads a US Privacy string; ok is false for anything else.
func ParseUSP(s string) (u USPrivacy, ok bool) {
	if len(s) != 4 || s[0] != '1' {
		return USPrivacy{}, false
	}
	for i, field := range []*bool{&u.Notice, &u.OptOut, &u.LSPA} {
		// The grammar allows small letters.
		switch s[i+1] {
		case 'Y', 'y':
			*field = true
		case 'N', 'n', '-':
		default:
			return USPrivacy{}, false
		}
	}
	u.Applies = s[1:] != "---"
	return u, true
}
