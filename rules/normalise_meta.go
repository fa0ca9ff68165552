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
	params:  []kind{text, text, moment, text}, result: text, nils: true,
	run: func(m *Machine, offset int, args []event.Value) event.Value {
		cookie, fbclid := args[0].Text(), args[1].Text()
		stored := metaPayload(cookie)
		if stored != "" && (fbclid == "" || fbclid == stored) {
			return args[0]
		}
		t, ok := event.ParseTime(args[2])
		if fbclid == "" || !ok {
			return event.Value{}
		}
		return event.String("fb." + subdomainIndex(args[3].Text()) + "." + strconv.FormatInt(t.UnixMilli(), 10) + "." + fbclid)
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
	parts := strings.Split(cookie, ".")
	if len(parts) < 4 || len(parts) > 5 || parts[0] != "fb" || !isDigits(parts[1]) || !isDigits(parts[2]) {
		return ""
	}
	if len(parts) == 5 && len(parts[4]) != 8 && !isIn(parts[4], []string{"AQ", "Ag", "Aw", "BA", "BQ", "Bg"}) {
		return ""
	}
	return parts[3]
}

func isDigits(s string) bool { return s != "" && digits(s) == s }

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
