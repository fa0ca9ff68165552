package functions

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"headgate/event"
	"headgate/event/wire"
	"headgate/rules/advice"
	"headgate/rules/formula"
)

var urlFunctions = map[string]*formula.Function{
	"url_host": textTo("url_host(url)", "the host of an address, without the port", `url_host("https://www.shop.example:8443/a?b=c") → "www.shop.example"`, urlHost),
	"url_path": textTo("url_path(url)", "the path of an address", `url_path("https://shop.example/a/b?c=d#e") → "/a/b"`, urlPath),
	"registrable_domain": textTo("registrable_domain(host or url)", "the part of a host that is registered; nil for addresses and top-level domains",
		`registrable_domain("www.shop.co.uk") → "shop.co.uk"`, registrableDomain),
	"url_query": {
		Usage: "url_query(url, name)", Help: "a parameter of an address's query, decoded", Example: `url_query("https://shop.example/?q=red+shoes", "q") → "red shoes"`,
		Params: []formula.Kind{formula.Text, formula.Text}, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			h := event.Hit{Query: cutURL(args[0].Text()).Query}
			if s := h.QueryValue(args[1].Text()); s != "" {
				return event.String(s)
			}
			return event.Value{}
		},
	},
	"url_without": {
		Usage: "url_without(url, [names])", Help: "the address without these parameters of its query; a name that ends in * stands for all that begin with the rest",
		Example: `url_without("https://shop.example/?a=1&utm_source=x&utm_medium=y#top", ["utm_*"]) → "https://shop.example/?a=1#top"`,
		Params:  []formula.Kind{formula.Text, formula.List}, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if !m.Spend(offset, 1+len(args[0].Text())/formula.BytesPerSteps*(1+len(args[1].List()))) {
				return event.Value{}
			}
			return event.String(urlWithout(args[0].Text(), args[1].List()))
		},
	},
	"in_cidr": {
		Usage: "in_cidr(ip, range, ...)", Help: "whether an IP address is in a range, or in one of several", Example: `in_cidr("198.51.100.7", "198.51.100.0/24") → true`,
		Params: []formula.Kind{formula.Text, formula.Anything}, Variadic: true, Result: formula.Truth, Build: buildInCIDR,
	},
}

// cutURL takes an address apart without judging it: what browsers send is not always a valid one.
func cutURL(s string) wire.URL { return wire.CutURL(strings.TrimSpace(s)) }

func urlHost(s string) string {
	u := cutURL(s)
	return u.Host()
}

// urlPath returns the path of an address that has a host or begins with a slash.
func urlPath(s string) string {
	if u := cutURL(s); strings.HasPrefix(u.Path, "/") {
		return u.Path
	}
	return ""
}

func registrableDomain(s string) string {
	host := wire.Hostname(s)
	if strings.Contains(s, "/") {
		host = urlHost(s)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(host, "."))
	if err != nil {
		return ""
	}
	return domain
}

func urlWithout(s string, names []event.Value) string {
	s, fragment, hasFragment := strings.Cut(s, "#")
	before, query, ok := strings.Cut(s, "?")
	if ok {
		query, some := wire.FilterQuery(query, func(name string) bool { return !matchesName(wire.Unescape(name), names) })
		if s = before; some {
			s += "?" + query
		}
	}
	if hasFragment {
		s += "#" + fragment
	}
	return s
}

func matchesName(key string, names []event.Value) bool {
	for _, n := range names {
		if prefix, many := strings.CutSuffix(n.Text(), "*"); many && strings.HasPrefix(key, prefix) || n.Text() == key {
			return true
		}
	}
	return false
}

// buildInCIDR reads the ranges that are written out once.
func buildInCIDR(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
	ip, ranges := args[0], args[1:]
	var fixed []netip.Prefix
	var computed []formula.Expression
	for i := range ranges {
		if !ranges[i].Constant {
			computed = append(computed, ranges[i])
			continue
		}
		for _, s := range texts(ranges[i].Fixed) {
			p, ok := parseRange(s)
			if !ok {
				return c.Mistake(ranges[i].Offset, "no address range "+advice.Quote(s), `such as "198.51.100.0/24" or "2001:db8::/32"`)
			}
			fixed = append(fixed, p)
		}
	}
	return c.Fold(formula.TruthExpression(offset, "in_cidr(...)", func(m *formula.Machine) bool {
		s, _ := ip.AsText(m)
		if s == "" {
			return false
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		a = a.Unmap().WithZone("")
		for i := range fixed {
			if fixed[i].Contains(a) {
				return true
			}
		}
		for i := range computed {
			for _, s := range texts(computed[i].Value(m)) {
				if p, ok := parseRange(s); ok && p.Contains(a) {
					return true
				}
			}
		}
		return false
	}), args...)
}

// texts returns a text, or the texts of a list.
func texts(v event.Value) []string {
	if v.Kind() != event.List {
		return []string{v.Text()}
	}
	var all []string
	for _, one := range v.List() {
		all = append(all, one.Text())
	}
	return all
}

// parseRange reads a range, or one address as a range of its own.
func parseRange(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}
