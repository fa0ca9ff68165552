package consent

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/event"
)

// uspFormat is the US Privacy string. Only its opt-out of sale says something here; a string that cannot be read is an
// opt-out, too.
var uspFormat = format{source: familyUSP, family: familyUSP, optOut: true, read: readUSP}

func readUSP(r *reader, s reading) {
	s.optOut = true
	text := uspText(cmp.Plain(s.value))
	u, ok := iab.ParseUSP(text)
	if !ok {
		r.unreadable(s, "no US Privacy string")
		return
	}
	switch {
	case !u.Applies:
		s.says = "the law does not apply"
	case u.OptOut:
		s.set(r.policy.optOuts(), false, strings.ToUpper(text), "")
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
