package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// examination is one under way.
type examination struct {
	Options
	report *Report
	client *http.Client

	page, host   resolved
	sameOrigin   bool
	sameSite     bool
	foreignAlias bool // Safari takes the host for a disguised third party by its name
	farAddress   bool // the same, by its address
	unresolved   bool
	served       bool // the collector answers
}

// resolved is what DNS says of a name.
type resolved struct {
	alias  string // the name at the end of the chain, "" when it is the name itself
	v4, v6 []netip.Addr
}

// names resolves both hosts.
func (e *examination) names(ctx context.Context) {
	page, host := e.Page.Hostname(), e.Collector.Hostname()
	e.page = e.resolve(ctx, page)
	if e.sameOrigin {
		e.host = e.page
		return
	}
	e.host = e.resolve(ctx, host)
}

func (e *examination) resolve(ctx context.Context, host string) (r resolved) {
	if a, err := netip.ParseAddr(host); err == nil {
		if a = a.Unmap(); a.Is4() {
			return resolved{v4: []netip.Addr{a}}
		}
		return resolved{v6: []netip.Addr{a}}
	}
	v4, wrong4 := e.Resolver.LookupNetIP(ctx, "ip4", host)
	v6, wrong6 := e.Resolver.LookupNetIP(ctx, "ip6", host)
	if len(v4)+len(v6) == 0 {
		e.unresolved = true
		if absent(wrong4) && absent(wrong6) {
			e.report.add("dns", Broken, host+" has no address", "give it an A or AAAA record")
		} else {
			e.report.add("dns", Unknown, host+" cannot be resolved: "+errors.Join(wrong4, wrong6).Error(), "look at the resolver of this machine, and try again")
		}
		return r
	}
	for i := range v4 {
		r.v4 = append(r.v4, v4[i].Unmap())
	}
	r.v6 = v6
	e.report.add("dns", Fine, host+" is "+list(append(append([]netip.Addr(nil), r.v4...), r.v6...)), "")
	alias, err := e.Resolver.LookupCNAME(ctx, host)
	if err != nil {
		e.unresolved = true
		e.report.add("cname", Unknown, "whether "+host+" is an alias cannot be found out: "+err.Error(), "look at the resolver of this machine, and try again")
		return r
	}
	if alias = strings.ToLower(strings.TrimSuffix(alias, ".")); alias != strings.ToLower(host) {
		r.alias = alias
	}
	return r
}

// absent reports whether DNS answered that there is nothing.
func absent(err error) bool {
	var wrong *net.DNSError
	return err == nil || errors.As(err, &wrong) && wrong.IsNotFound
}

func list(addresses []netip.Addr) string {
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

// aliases applies Safari's rule about CNAMEs: an alias that ends in another site than the page's, and in another than the page's
// own alias, is a third party in disguise.
func (e *examination) aliases() {
	host, alias := e.Collector.Hostname(), e.host.alias
	switch {
	case e.sameOrigin || !e.sameSite:
	case alias == "":
		if len(e.host.v4)+len(e.host.v6) > 0 {
			e.report.add("cname", Fine, host+" is no alias of another name", "")
		}
	case siteOf(alias) == siteOf(e.Page.Hostname()):
		e.report.add("cname", Fine, host+" is an alias of "+alias+", which is the site's own", "")
	case e.page.alias != "" && siteOf(alias) == siteOf(e.page.alias):
		e.report.add("cname", Fine, host+" is an alias of "+alias+", at the same provider as the page ("+e.page.alias+")", "")
	default:
		e.foreignAlias = true
		e.report.add("cname", Warning, host+" is an alias of "+alias+", which belongs to another site: Safari takes it for a tracker in disguise",
			"give it A and AAAA records in place of the CNAME, or serve Headgate at a path of "+e.Page.Hostname())
	}
}

// How many leading bits Safari compares: half of the bits.
const (
	bits4 = 16
	bits6 = 64
)

// addresses applies Safari's rule about addresses, from version 16.4 on: those of page and host have to agree in the first half. It
// compares the addresses that it has connected to, so that any pair counts.
func (e *examination) addresses() {
	if e.sameOrigin || !e.sameSite || e.foreignAlias || len(e.page.v4)+len(e.page.v6) == 0 || len(e.host.v4)+len(e.host.v6) == 0 {
		return
	}
	host := e.Collector.Hostname()
	cure := "serve Headgate at a path of " + e.Page.Hostname() + ", or put both behind the same CDN or load balancer; identity.keep is no help here, since its own cookie is cut as well"
	far4, far6 := apart(e.page.v4, e.host.v4, bits4), apart(e.page.v6, e.host.v6, bits6)
	switch {
	case far4 != "" || far6 != "":
		e.farAddress = true
		e.report.add("address", Warning, "Safari compares the first half of the addresses, and they differ: "+strings.TrimPrefix(far4+far6, "; "), cure)
	case (len(e.page.v4) == 0) != (len(e.host.v4) == 0), (len(e.page.v6) == 0) != (len(e.host.v6) == 0):
		if len(e.page.v4) > 0 && len(e.host.v4) > 0 || len(e.page.v6) > 0 && len(e.host.v6) > 0 {
			e.report.add("address", Warning, "page and host agree in one version of IP, and one of them has no address of the other: visitors whose browser takes one version for the page and the other for hits keep cookies for 7 days only (unconfirmed)",
				"give "+host+" the versions of IP that the page has, and no others")
			return
		}
		e.farAddress = true
		e.report.add("address", Warning, "page and host have no version of IP in common, so that Safari cannot find their addresses alike", cure)
	default:
		e.report.add("address", Fine, "the addresses of page and host agree in the half that Safari compares (/16 of IPv4, /64 of IPv6)", "")
	}
}

// apart returns the first pair of addresses that differ in their first bits, as "; a and b", "" when all agree.
func apart(page, host []netip.Addr, bits int) string {
	for _, a := range page {
		prefix, err := a.Prefix(bits)
		if err != nil {
			continue
		}
		for _, b := range host {
			if !prefix.Contains(b) {
				return "; " + a.String() + " and " + b.String()
			}
		}
	}
	return ""
}

// siteOf returns the registrable domain of a host, or the host where it has none.
func siteOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}
