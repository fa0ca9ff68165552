package wire

import (
	"strconv"
	"strings"
)

// GoogleClientID reads the client id out of the cookie _ga: GA1.<depth>.<31 random bits>.<unix s>, of which it is the last
// two. It is "" for what is no such cookie.
func GoogleClientID(cookie string) string {
	version, rest, _ := strings.Cut(cookie, ".")
	_, id, ok := strings.Cut(rest, ".")
	random, since, two := strings.Cut(id, ".")
	if !ok || !two || !strings.HasPrefix(version, "GA") || !IsDigits(random) || !IsDigits(since) {
		return ""
	}
	return id
}

// GoogleSession reads the session's id and number out of a cookie _ga_<ID>: GS1.<depth>.<sid>.<sct>.… or
// GS2.<depth>.s<sid>$o<sct>$…, in any order. The id, which is the unix second of the session's start, is "" for what is no
// such cookie.
func GoogleSession(cookie string) (id string, number int64) {
	version, rest, _ := strings.Cut(cookie, ".")
	_, rest, _ = strings.Cut(rest, ".")
	var count string
	switch version {
	case "GS1":
		id, rest, _ = strings.Cut(rest, ".")
		count, _, _ = strings.Cut(rest, ".")
	case "GS2":
		for part := range strings.SplitSeq(rest, "$") {
			if v, ok := strings.CutPrefix(part, "s"); ok && id == "" {
				id = v
			} else if v, ok := strings.CutPrefix(part, "o"); ok && count == "" {
				count = v
			}
		}
	}
	if !IsDigits(id) || len(id) > 19 {
		return "", 0
	}
	number, err := strconv.ParseInt(count, 10, 64)
	if err != nil || number < 0 {
		number = 0
	}
	return id, number
}
