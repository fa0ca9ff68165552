package rules

import (
	"net/netip"
	"strconv"
	"strings"

	"headgate/event"
)

// fbc is the click id of Meta's ads, in the form of the cookie _fbc. A stored one with the same click stays as it is, time
// and all. The click id itself is never changed: it is case-sensitive.
// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
var fbc = &function{
	usage: "fbc(cookie, fbclid, time, domain)", help: "Meta's click id: the _fbc cookie, or one made from an fbclid that is newer; domain is that of the cookie",
	example: `fbc(nil, "AbC", "2026-11-22T10:00:00Z", "shop.example") → "fb.1.1795341600000.AbC"`,
	params:  []kind{text, text, moment, text}, result: text,
	build: func(c *compiler, offset int, args []expression) expression {
		stored, clicked, at, where := args[0], args[1], args[2], args[3]
		return c.fold(textExpression(offset, "", func(m *Machine) string {
			cookie, _ := stored.textFor(m, "fbc")
			fbclid, _ := clicked.textFor(m, "fbc")
			if payload := metaPayload(cookie); payload != "" && (fbclid == "" || fbclid == payload) {
				return cookie
			}
			t, ok := at.asMoment(m)
			if fbclid == "" || !ok || !m.room(offset, len(fbclid)) {
				return ""
			}
			domain, _ := where.textFor(m, "fbc")
			return "fb." + subdomainIndex(domain) + "." + strconv.FormatInt(t.UnixMilli(), 10) + "." + fbclid
		}), args...)
	},
}

// fbp is the browser's id, in the form of the cookie _fbp.
var fbp = &function{
	usage: "fbp(cookie[, time, domain, number])", help: "Meta's browser id: the _fbp cookie if it is a valid one, else one made from a number of up to 31 bits, if one is given",
	example: `fbp("fb.1.1700000000000.12345") → "fb.1.1700000000000.12345"`,
	params:  []kind{text, moment, text, number}, optional: 3, result: text, nils: true,
	run: func(m *Machine, offset int, args []event.Value) event.Value {
		if metaPayload(args[0].Text()) != "" {
			return args[0]
		}
		t, timed := event.ParseTime(optional(args, 1))
		n, numbered := optional(args, 3).Float()
		if !timed || !numbered || n < 0 || n >= 1<<31 {
			return event.Value{}
		}
		return event.String("fb." + subdomainIndex(optional(args, 2).Text()) + "." + strconv.FormatInt(t.UnixMilli(), 10) + "." + strconv.FormatInt(int64(n), 10))
	},
}

// metaPayload returns the fourth part of a valid _fbc or _fbp cookie, "" when it is not valid: fb, two numbers, the
// payload, and in some a mark of the library that wrote it.
func metaPayload(cookie string) string {
	version, rest, _ := strings.Cut(cookie, ".")
	index, rest, _ := strings.Cut(rest, ".")
	made, rest, _ := strings.Cut(rest, ".")
	payload, mark, marked := strings.Cut(rest, ".")
	switch {
	case version != "fb" || !isDigits(index) || !isDigits(made):
		return ""
	case marked && len(mark) != 8 && !isIn(mark, libraryMarks) || strings.Contains(mark, "."):
		return ""
	}
	return payload
}

// libraryMarks are those of two letters; newer libraries write eight.
var libraryMarks = []string{"AQ", "Ag", "Aw", "BA", "BQ", "Bg"}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// subdomainIndex is how many dots the cookie's domain has; none count for an address.
func subdomainIndex(domain string) string {
	domain = strings.Trim(strings.TrimSuffix(domain, "."), "[]")
	if _, err := netip.ParseAddr(domain); err == nil {
		return "0"
	}
	return strconv.Itoa(strings.Count(domain, "."))
}

// publicIP picks the visitor's address for vendors that prefer version 6.
var publicIP = &function{
	usage: "public_ip(ip, ...)", help: "the first public IPv6 address of these, else the first public IPv4 one; private addresses are never taken",
	example: `public_ip("10.0.0.1", "8.8.8.8", "2001:4860:4860::8888") → "2001:4860:4860::8888"`,
	params:  []kind{text}, variadic: true, result: text, nils: true,
	run: func(m *Machine, offset int, args []event.Value) event.Value {
		var best event.Value
		for _, v := range args {
			a, err := netip.ParseAddr(strings.TrimSpace(v.Text()))
			if err != nil || !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
				continue
			}
			if a.Is6() && !a.Is4In6() {
				return v
			}
			if best.IsNull() {
				best = v
			}
		}
		return best
	},
}
