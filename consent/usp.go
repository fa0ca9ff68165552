package consent

import "strings"

// uspFormat is the US Privacy string: 1, then notice, opt-out of sale and LSPA, each Y, N or -; 1--- where the law does
// not apply. Only a Y in the second place says something here: it is an opt-out. So is a string that cannot be read.
// https://github.com/InteractiveAdvertisingBureau/USPrivacy
var uspFormat = format{source: familyUSP, family: familyUSP, optOut: true, read: readUSP}

func readUSP(r *reader, s reading) {
	s.optOut = true
	text := uspText(plain(s.value))
	u, ok := parseUSP(text)
	if !ok {
		r.unreadable(s, "no US Privacy string")
		return
	}
	switch {
	case !u.applies:
		s.says = "the law does not apply"
	case u.optOut:
		s.set(r.policy.optOuts(), false, strings.ToUpper(text), "")
	default:
		s.says = "not opted out"
	}
	r.add(s)
}

// uspText returns the string out of iubenda's JSON, {"uspString":"1YNN",...}, and anything else as it is.
func uspText(s string) string {
	if strings.HasPrefix(s, "{") {
		return parseJSON(s).Object().Text("uspString")
	}
	return s
}

// usPrivacy is a US Privacy string, taken apart.
type usPrivacy struct {
	notice, optOut, lspa bool
	applies              bool // false for 1---
}

func parseUSP(s string) (u usPrivacy, ok bool) {
	if len(s) != 4 || s[0] != '1' {
		return usPrivacy{}, false
	}
	for i, field := range []*bool{&u.notice, &u.optOut, &u.lspa} {
		// The grammar allows small letters.
		switch s[i+1] {
		case 'Y', 'y':
			*field = true
		case 'N', 'n', '-':
		default:
			return usPrivacy{}, false
		}
	}
	u.applies = s[1:] != "---"
	return u, true
}
