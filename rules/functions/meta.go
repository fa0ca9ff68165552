package functions

import (
	"net/netip"
	"strconv"
	"strings"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// fbc is the click id of Meta's ads, in the form of the cookie _fbc. A stored one with the same click stays as it is, time
// and all. The click id itself is never changed: it is case-sensitive.
// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
var fbc = &formula.Function{
	Usage: "fbc(cookie, fbclid, time, domain)", Help: "Meta's click id: the _fbc cookie, or one made from an fbclid that is newer; domain is that of the cookie",
	Example: `fbc(nil, "AbC", "2026-11-22T10:00:00Z", "shop.example") → "fb.1.1795341600000.AbC"`,
	Params:  []formula.Kind{formula.Text, formula.Text, formula.Moment, formula.Text}, Result: formula.Text,
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		stored, clicked, at, where := args[0], args[1], args[2], args[3]
		return c.Fold(formula.TextExpression(offset, "", func(m *formula.Machine) string {
			cookie, _ := stored.TextFor(m, "fbc")
			fbclid, _ := clicked.TextFor(m, "fbc")
			if payload := normalise.MetaPayload(cookie); payload != "" && (fbclid == "" || fbclid == payload) {
				return cookie
			}
			t, ok := at.AsMoment(m)
			if fbclid == "" || !ok || !m.Room(offset, len(fbclid)) {
				return ""
			}
			domain, _ := where.TextFor(m, "fbc")
			return "fb." + normalise.SubdomainIndex(domain) + "." + strconv.FormatInt(t.UnixMilli(), 10) + "." + fbclid
		}), args...)
	},
}

// fbp is the browser's id, in the form of the cookie _fbp.
var fbp = &formula.Function{
	Usage: "fbp(cookie[, time, domain, number])", Help: "Meta's browser id: the _fbp cookie if it is a valid one, else one made from a number of up to 31 bits, if one is given",
	Example: `fbp("fb.1.1700000000000.12345") → "fb.1.1700000000000.12345"`,
	Params:  []formula.Kind{formula.Text, formula.Moment, formula.Text, formula.Number}, Optional: 3, Result: formula.Text, Nils: true,
	Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
		if normalise.MetaPayload(args[0].Text()) != "" {
			return args[0]
		}
		t, timed := event.ParseTime(optional(args, 1))
		n, numbered := optional(args, 3).Float()
		if !timed || !numbered || n < 0 || n >= 1<<31 {
			return event.Value{}
		}
		return event.String("fb." + normalise.SubdomainIndex(optional(args, 2).Text()) + "." + strconv.FormatInt(t.UnixMilli(), 10) + "." + strconv.FormatInt(int64(n), 10))
	},
}

// publicIP picks the visitor's address for vendors that prefer version 6.
var publicIP = &formula.Function{
	Usage: "public_ip(ip, ...)", Help: "the first public IPv6 address of these, else the first public IPv4 one; private addresses are never taken",
	Example: `public_ip("10.0.0.1", "8.8.8.8", "2001:4860:4860::8888") → "2001:4860:4860::8888"`,
	Params:  []formula.Kind{formula.Text}, Variadic: true, Result: formula.Text, Nils: true,
	Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
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
