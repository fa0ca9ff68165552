// Package keeper remembers the marketing cookies that Safari removes too early, and says which of them to set again.
//
// Safari keeps a cookie that a script wrote for 7 days, or for 24 hours after a visit from a link with a click id. A cookie that
// the server of the site sets is not cut. So the values are remembered in a cookie of ours, and set again as they were when
// the browser comes without them: https://webkit.org/tracking-prevention/
//
// It promises that a value is set again only in the browser it came from, for the purpose that is granted now, in the format of
// its tag, and for no longer than its tag would have kept it, counted from the first sight. A cookie that is missing sooner than
// Safari removes any was deleted by somebody, the visitor or the site's consent tool: it is forgotten. When its purpose is
// refused, what was remembered is forgotten, and what was set again is taken back.
//
// The cookie of ours is not signed: whoever can write it can write the others as well. The package is pure; it knows no hit.
package keeper

import (
	"slices"
	"time"

	"headgate/event/wire"
)

// Keeper keeps some of the Known cookies.
type Keeper struct {
	Cookie  string // the name of the cookie that remembers them
	cookies []Cookie
}

// New returns a keeper of the cookies of these names, of all Known when there are none. Unknown names are left out: see Names.
func New(cookie string, names []string) *Keeper {
	k := &Keeper{Cookie: cookie}
	for i := range Known {
		if len(names) == 0 || slices.Contains(names, Known[i].Name) {
			k.cookies = append(k.cookies, Known[i])
		}
	}
	return k
}

// Visit is what one request says.
type Visit struct {
	Cookies string   // the raw Cookie header
	Granted []string // the purposes to which the visitor's consent is certain
	Now     time.Time
}

// Set is a cookie that the answer is to set. MaxAge 0 removes it.
type Set struct {
	Name, Value string
	MaxAge      time.Duration
}

// cutAfter is how soon Safari removes a script's cookie at the earliest.
const cutAfter = day

// seenStep is how old the note of the last sight may become: not every answer needs to carry it.
const seenStep = time.Hour

// Keep returns the cookies that the answer is to set: those that Safari removed, and the one that remembers them all when
// there is something new. There are none when nothing changes.
func (k *Keeper) Keep(v *Visit) (sets []Set) {
	jar, remembered := k.look(v.Cookies)
	entries := parse(remembered, k.cookies, v.Now)
	changed := false
	kept := entries[:0]
	for i := range entries {
		e := &entries[i]
		said := k.update(e, jar, v, &sets)
		changed = changed || said != same
		if said != forgotten {
			kept = append(kept, *e)
		}
	}
	for i := range jar {
		c := &k.cookies[jar[i].index]
		if slices.Contains(v.Granted, c.Purpose) && !has(kept, jar[i].name) {
			kept, changed = append(kept, entry{jar[i].name, jar[i].value, v.Now.Unix(), v.Now.Unix(), false, jar[i].index}), true
		}
	}
	switch {
	case len(kept) == 0 && remembered != "":
		sets = append(sets, Set{Name: k.Cookie})
	case len(kept) > 0 && changed:
		sets = append(sets, Set{k.Cookie, write(kept), longest})
	}
	return sets
}

// Remembered calls do with each cookie that a request remembers, as redaction has to know what it holds.
func (k *Keeper) Remembered(remembered string, now time.Time, do func(name, value string)) {
	entries := parse(remembered, k.cookies, now)
	for i := range entries {
		do(entries[i].name, entries[i].value)
	}
}

// outcome is what became of an entry.
type outcome uint8

const (
	same outcome = iota
	updated
	forgotten
)

// update brings an entry up to date with what the browser has.
func (k *Keeper) update(e *entry, jar []crumb, v *Visit, sets *[]Set) outcome {
	c, now := &k.cookies[e.index], v.Now
	at := slices.IndexFunc(jar, func(one crumb) bool { return one.name == e.name })
	switch {
	case !slices.Contains(v.Granted, c.Purpose):
		if e.restored && at >= 0 {
			*sets = append(*sets, Set{Name: e.name})
		}
		return forgotten
	case at >= 0 && jar[at].value != e.value:
		e.value, e.seen = jar[at].value, now.Unix()
		if !c.evolves {
			e.born, e.restored = now.Unix(), false
		}
		return updated
	case at >= 0:
		if now.Sub(time.Unix(e.seen, 0)) < seenStep {
			return same
		}
		e.seen = now.Unix() // also past its life: the same value does not begin anew
		return updated
	}
	left := min(c.Life-now.Sub(time.Unix(e.born, 0)), longest)
	if left < time.Second || now.Sub(time.Unix(e.seen, 0)) < cutAfter {
		return forgotten
	}
	*sets = append(*sets, Set{e.name, e.value, left})
	e.seen, e.restored = now.Unix(), true
	return updated
}

// crumb is a cookie of the request that is kept.
type crumb struct {
	name, value string
	index       int // in Keeper.cookies
}

// look finds the cookies that are kept, in the order of Known, and the one that remembers them. A cookie that is there twice
// counts once.
func (k *Keeper) look(header string) (jar []crumb, remembered string) {
	for rest := header; rest != ""; {
		var name, value string
		name, value, rest, _ = wire.CutCookie(rest)
		if name == k.Cookie {
			if remembered == "" {
				remembered = value
			}
			continue
		}
		index := find(k.cookies, name)
		if index < 0 || !k.cookies[index].valid(value) || slices.ContainsFunc(jar, func(one crumb) bool { return one.name == name }) {
			continue
		}
		jar = append(jar, crumb{name, value, index})
	}
	slices.SortStableFunc(jar, func(a, b crumb) int { return a.index - b.index })
	return jar, remembered
}
