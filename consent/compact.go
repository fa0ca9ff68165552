package consent

import (
	"strings"

	"headgate/event"
)

// compactFormat is the value that a snippet on the page sends, as `_c` in a parameter or cookie, for consent tools that
// keep the answer where no server sees it: pairs of a name and 1 or 0 with commas between them.
//
//	_c=by:termly,t:1764756000,analytics:1,ads:0
//
// The names are purposes, common categories, or what `cmp: <by>: map:` says. `t` is when the person answered, in unix
// seconds; `preset:1` says that nobody has answered yet; `sale:0` or `do_not_sell:1` is the opt-out of the United States.
var compactFormat = format{source: "compact", family: familyCMP, read: readCompact}

// forwarded are consent tools that are known only by what a snippet sends of them.
var forwarded = map[string]bool{"usercentrics": true, "termly": true, "osano": true, "sourcepoint": true, "inmobi": true}

func readCompact(r *reader, s reading) {
	c := claims{in: r.in}
	for rest := plain(s.value); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		name, value, ok := strings.Cut(strings.TrimSpace(pair), ":")
		if !ok || name == "" {
			c.fault = "not of the form name:1,name:0"
			continue
		}
		switch name {
		case "v":
		case "by":
			if isPurposeName(value) {
				c.tool = value
			}
		case "t":
			c.when = answered(event.String(value))
		case "preset":
			no, known := truth(value)
			c.preset = no || !known
		case "basis":
			c.preset = c.preset || !strings.EqualFold(value, byChoice)
		case "do_not_sell", "do_not_share", "opt_out":
			no, known := truth(value)
			c.add(name, Sharing, !no && known)
		default:
			yes, known := truth(value)
			if !known {
				c.fault = "neither 1 nor 0 for " + name
			}
			c.add(name, name, yes)
		}
	}
	if c.fault == "" && len(c.list) == 0 {
		c.fault = "no purpose in it"
	}
	r.claims(s, &c)
}
