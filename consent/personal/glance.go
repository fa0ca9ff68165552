package personal

import (
	"net/netip"
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// glance is a first look through the texts of an event for network addresses and for what looks like personal data. Most events
// hold none, and a look costs a fraction of what cleaning and scrubbing them does. It may see something where there is nothing,
// but it never misses any: a text that trail.clean would change because of an address, plain or encoded, sets known, and a
// parameter that scrubAny would change sets personal.
type glance struct {
	addresses []netip.Addr // those that are looked for
	any       bool         // a text may hold an address
	known     bool         // a text may hold one of addresses
	named     bool         // a parameter that is named for an address may hold one
	personal  bool         // a parameter may hold what is recognised by its look
}

// event looks at all that a rewriter would change and that is not the same as before.
func (g *glance) event(e, before *event.Event) {
	for _, f := range swept {
		switch ref := f.Ref(e).(type) {
		case *string:
			g.field(*ref, *f.Ref(before).(*string))
		case *event.Map:
			g.object(*ref, *f.Ref(before).(*event.Map))
		}
	}
	if !sameItems(e.Items, before.Items) {
		g.items(e.Items)
	}
	g.field(e.ID, before.ID)
	personal := g.personal
	g.object(e.User.Traits, before.User.Traits)
	g.personal = personal
}

// field looks at a text that is no parameter, and so not for what looks personal.
func (g *glance) field(s, before string) {
	personal := g.personal
	g.personal = true
	g.changed(s, before)
	g.personal = personal
}

func (g *glance) items(items []event.Item) {
	for i := range items {
		for k := range event.ItemFields {
			switch ref := event.ItemFields[k].Ref(&items[i]).(type) {
			case *string:
				g.text(*ref)
			case *event.Map:
				g.object(*ref, nil)
			}
		}
	}
}

// object looks at the keys and values of a map. Rules write to a copy, in which what they leave alone stays where it was.
func (g *glance) object(m, seen event.Map) {
	if sameMap(m, seen) {
		return
	}
	for i := range m {
		old := event.Pair{}
		if i < len(seen) && seen[i].Key == m[i].Key {
			old = seen[i]
		}
		g.changed(m[i].Key, old.Key)
		before := g.any
		g.any = false
		g.value(m[i].Value, old.Value)
		if g.any && !g.named {
			g.named = keys.MeaningOf(m[i].Key)&keys.Address != 0
		}
		g.any = g.any || before
	}
}

func (g *glance) value(v, before event.Value) {
	switch v.Kind() {
	case event.Text:
		s := v.Text()
		if before.Kind() == event.Text && before.Text() == s {
			return
		}
		g.text(s)
		if g.any && strings.IndexByte(s, '=') >= 0 {
			g.named = true // by a key of a query
		}
	case event.Object:
		g.object(v.Object(), before.Object())
	case event.List:
		for _, one := range v.List() {
			g.value(one, event.Value{})
		}
	}
}

func (g *glance) changed(s, before string) {
	if s != before {
		g.text(s)
	}
}

func (g *glance) text(s string) {
	has := patterns.LookAt(s)
	if has == 0 {
		return
	}
	if !g.personal {
		g.personal = patterns.HoldsPersonal(s, has)
	}
	if has&patterns.ADot != 0 && strings.Count(s, ".") >= 3 {
		g.dots(s)
	}
	if has&patterns.AColon != 0 && (has&patterns.AnEscape != 0 || strings.Count(s, ":") >= 2) {
		g.colons(s)
	}
	if has&patterns.AnEscape != 0 {
		g.escapes(s)
	}
	if has&patterns.ACapital != 0 && len(s) >= shortestBase64 || has&patterns.ADigit != 0 && len(s) >= shortestHex {
		if has&patterns.AnEscape != 0 || hasWord(s) {
			g.codes(s)
		}
	}
}

// unclear assumes that a text holds an address that is looked for.
func (g *glance) unclear() { g.any, g.known = true, true }

// dots looks for four numbers with dots between them.
func (g *glance) dots(s string) {
	for i := strings.IndexByte(s, '.'); i >= 0 && i < len(s); i++ {
		if s[i] != '.' || i == 0 || !wire.IsDigit(s[i-1]) {
			continue
		}
		second, dot := octet(s, i+1)
		third, last := octet(s, dot+1)
		if dot == 0 || last == 0 || last+1 == len(s) || !wire.IsDigit(s[last+1]) {
			continue
		}
		g.any = true
		for _, a := range g.addresses {
			if b := a.As16(); a.Is4() && int(b[13]) == second && int(b[14]) == third && ends(s[:i], int(b[12])) && begins(s[last+1:], int(b[15])) {
				g.known = true
			}
		}
	}
}

// octet reads up to three digits and returns where the dot after them stands, 0 when there is none.
func octet(s string, at int) (n, dot int) {
	i := at
	for ; i < len(s) && i < at+3 && wire.IsDigit(s[i]); i++ {
		n = 10*n + int(s[i]-'0')
	}
	if i == at || i == len(s) || s[i] != '.' {
		return 0, 0
	}
	return n, i
}

// ends reports whether a text ends in a number of up to three digits. Others may stand right before it.
func ends(s string, number int) bool {
	n, digits := 0, 1
	for i := len(s) - 1; i >= max(0, len(s)-3) && wire.IsDigit(s[i]); i-- {
		n, digits = n+digits*int(s[i]-'0'), 10*digits
		if n == number {
			return true
		}
	}
	return false
}

// begins reports whether a text begins with a number of up to three digits.
func begins(s string, number int) bool {
	n := 0
	for i := 0; i < min(3, len(s)) && wire.IsDigit(s[i]); i++ {
		if n = 10*n + int(s[i]-'0'); n == number {
			return true
		}
	}
	return false
}

func (g *glance) colons(s string) {
	for i := range len(s) {
		if s[i] == ':' {
			g.colon(s, i)
		}
	}
}

// colon looks at what stands before a colon that ends at position i, which may be the first group of an address, or, of one
// of IPv4 within IPv6, its first half.
func (g *glance) colon(s string, i int) {
	if i > 0 && patterns.AddressByte[s[i-1]] {
		g.any = true
	}
	for _, a := range g.addresses {
		b := a.As16()
		group := int(b[0])<<8 | int(b[1])
		if a.Is4() {
			group = int(b[12])<<8 | int(b[13])
		}
		if group == 0 {
			g.unclear() // it may have been left out
		}
		before := 0
		for k := 0; k < 4 && k < i; k++ {
			c := wire.HexDigit(s[i-1-k])
			if c < 0 {
				break
			}
			if before |= int(c) << (4 * k); before == group {
				g.unclear()
			}
		}
	}
}

// escapes looks at what is percent-encoded, once or more often. A text in which letters, digits or dots are encoded, which
// never need it, may hide anything.
func (g *glance) escapes(s string) {
	for i := range len(s) {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && s[i+1] == 'u' {
				g.unclear()
			}
		case '%':
			c, _ := escaped(s, i)
			switch {
			case c == ':':
				g.colon(s, i)
			case c == '.' || c != '_' && patterns.WordByte(c):
				g.unclear()
			}
		}
	}
}
