package cmp

import (
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// Compact is the value that a snippet on the page sends, as `_c` in a parameter or cookie, for consent tools that keep the
// answer where no server sees it: pairs of a name and 1 or 0 with commas between them.
//
//	_c=by:termly,t:1764756000,analytics:1,ads:0
//
// The names are purposes, common categories, or what `cmp: <by>: map:` says. `t` is when the person answered, in unix
// seconds; `preset:1` says that nobody has answered yet; `sale:0` or `do_not_sell:1` is the opt-out of the United States.
var Compact = Tool{Name: "compact", Cookies: []string{"_c"}, read: readCompact}

// Forwarded reports whether a consent tool is known only by what a snippet sends of it.
func Forwarded(tool string) bool {
	switch tool {
	case "usercentrics", "termly", "osano", "sourcepoint", "inmobi":
		return true
	}
	return false
}

func readCompact(a *Answer, _, value string) {
	for rest := Plain(value); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		name, said, ok := strings.Cut(strings.TrimSpace(pair), ":")
		if !ok || name == "" {
			a.Fault = "not of the form Name:1,Name:0"
			continue
		}
		switch name {
		case "v":
		case "by":
			if isName(said) {
				a.Tool = said
			}
		case "t":
			a.When = answered(event.String(said))
		case "preset":
			no, known := Truth(said)
			a.Preset = no || !known
		case "basis":
			a.Preset = a.Preset || !strings.EqualFold(said, "choice")
		case "do_not_sell", "do_not_share", "opt_out":
			no, known := Truth(said)
			a.add(name, sharing, !no && known)
		default:
			yes, known := Truth(said)
			if !known {
				a.Fault = "neither 1 nor 0 for " + name
			}
			a.add(name, name, yes)
		}
	}
	if a.Fault == "" && len(a.Claims) == 0 {
		a.Fault = "no purpose in it"
	}
}

// isName reports whether s can be the name of a tool: small letters, digits and _.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && !wire.IsDigit(c) && c != '_' {
			return false
		}
	}
	return s != ""
}
