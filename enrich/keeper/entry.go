package keeper

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The cookie that remembers is
//
//	1!<name>:<value>:<born>:<seen>[:r]!...
//
// with name and value percent-encoded and the unix seconds of the first and the last sight in base 36; r says that the cookie
// was set again by us.

// entry is one remembered cookie.
type entry struct {
	name, value string
	born, seen  int64 // unix seconds
	restored    bool
	index       int // in Keeper.cookies
}

const version = "1"

// mostBytes is what the value of the cookie may have: with its attributes it stays below the 4096 that browsers take.
const mostBytes = 3500

// parse reads what write wrote. It leaves out what we did not write, what is not kept any more, and what has no value of its
// tag's format.
func parse(value string, cookies []Cookie, now time.Time) (entries []entry) {
	rest, ok := strings.CutPrefix(value, version+"!")
	if !ok || len(value) > mostBytes {
		return nil
	}
	for part := range strings.SplitSeq(rest, "!") {
		fields := strings.Split(part, ":")
		if len(fields) < 4 || len(fields) > 5 {
			continue
		}
		e := entry{restored: len(fields) == 5 && fields[4] == "r"}
		var wrong [4]error
		e.name, wrong[0] = url.QueryUnescape(fields[0])
		e.value, wrong[1] = url.QueryUnescape(fields[1])
		e.born, wrong[2] = strconv.ParseInt(fields[2], 36, 64)
		e.seen, wrong[3] = strconv.ParseInt(fields[3], 36, 64)
		if slices.ContainsFunc(wrong[:], func(err error) bool { return err != nil }) {
			continue
		}
		if e.index = find(cookies, e.name); e.index < 0 || !cookies[e.index].valid(e.value) || has(entries, e.name) {
			continue
		}
		if e.seen > now.Unix()+60 || e.born > e.seen || e.born <= 0 {
			continue // nobody has seen it tomorrow
		}
		entries = append(entries, e)
	}
	return entries
}

// write returns the cookie's value. Entries that do not fit beside more valuable ones are left out.
func write(entries []entry) string {
	slices.SortStableFunc(entries, func(a, b entry) int { return a.index - b.index })
	out := append(make([]byte, 0, 512), version...)
	for i := range entries {
		e, before := &entries[i], len(out)
		out = append(append(out, '!'), url.QueryEscape(e.name)...)
		out = append(append(out, ':'), url.QueryEscape(e.value)...)
		out = strconv.AppendInt(append(out, ':'), e.born, 36)
		out = strconv.AppendInt(append(out, ':'), e.seen, 36)
		if e.restored {
			out = append(out, ":r"...)
		}
		if len(out) > mostBytes {
			out = out[:before]
		}
	}
	return string(out)
}

func has(entries []entry, name string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return e.name == name })
}
