// Package doctor looks at a website and the host that its hits go to from outside, as a browser does, and says what Safari will do
// with the cookies that the host sets, and what to change.
//
// It asks DNS, opens TLS connections and sends a few requests that leave nothing in the log. It changes nothing. The resolver and
// the dialer are passed in.
//
// What Safari does is taken from WebKit's source and documentation: https://webkit.org/tracking-prevention/
package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Level is how much a finding matters.
type Level string

// The levels.
const (
	Fine    Level = "fine"    // as it should be
	Note    Level = "note"    // worth knowing
	Warning Level = "warning" // works, with a loss
	Broken  Level = "broken"  // does not work
	Unknown Level = "unknown" // could not be found out
)

// Finding is one fact, with its cure where there is something to do.
type Finding struct {
	Check string `json:"check"` // dns, site, cname, address, tls, cors, cookies, caching
	Level Level  `json:"level"`
	Fact  string `json:"fact"`
	Cure  string `json:"cure,omitempty"`
}

// Life is how long Safari keeps the cookies that the host sets.
type Life string

// The lives.
const (
	Whole    Life = "whole"     // as long as they say, 400 days at most
	SevenDay Life = "7 days"    // cut to a week
	Blocked  Life = "none"      // not stored at all
	NotKnown Life = "not known" // something could not be found out
)

// Report is what was found.
type Report struct {
	Page      string    `json:"page"`
	Collector string    `json:"collector"`
	Findings  []Finding `json:"findings"`
	Safari    Life      `json:"safari"`  // how long server-set cookies live
	Summary   string    `json:"summary"` // the same in a sentence
}

// Worst returns the worst level of the findings; Unknown counts more than Warning, since it may hide anything.
func (r *Report) Worst() Level {
	worst := Fine
	for _, level := range []Level{Note, Warning, Unknown, Broken} {
		for i := range r.Findings {
			if r.Findings[i].Level == level {
				worst = level
			}
		}
	}
	return worst
}

func (r *Report) add(check string, level Level, fact, cure string) {
	r.Findings = append(r.Findings, Finding{check, level, fact, cure})
}

// Resolver asks DNS. net.Resolver is one.
type Resolver interface {
	// LookupCNAME returns the name at the end of the chain of aliases of a host, which is the host itself without any.
	LookupCNAME(ctx context.Context, host string) (string, error)
	// LookupNetIP returns the addresses of a host; network is ip4 or ip6.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what an examination needs.
type Options struct {
	Page      *url.URL // of the website: http or https, and a host
	Collector *url.URL // where its hits go: http or https, a host, and the path that Headgate is mounted below
	Endpoint  string   // of the identity, "" when there is none: it shows the cookies
	Resolver  Resolver
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	Roots     *x509.CertPool // nil are the system's
	Now       time.Time
}

// Examine looks at everything, and returns what it found. It fails only when ctx ends.
func Examine(ctx context.Context, o Options) (*Report, error) {
	e := &examination{Options: o, report: &Report{Page: o.Page.String(), Collector: o.Collector.String()}}
	e.client = e.newClient()
	defer e.client.CloseIdleConnections()
	e.relation()
	e.names(ctx)
	e.aliases()
	e.addresses()
	e.visitPage(ctx)
	e.connect(ctx)
	e.crossOrigin(ctx)
	e.cookies(ctx)
	e.conclude()
	return e.report, ctx.Err()
}

// relation says how the collector's host stands to the page's.
func (e *examination) relation() {
	page, host := e.Page.Hostname(), e.Collector.Hostname()
	switch {
	case e.Page.Scheme == e.Collector.Scheme && strings.EqualFold(e.Page.Host, e.Collector.Host):
		e.sameOrigin, e.sameSite = true, true
		e.report.add("site", Fine, "hits go to a path of the page's own origin: no preflight, and cookies are sent by themselves", "")
	case siteOf(page) == siteOf(host):
		e.sameSite = true
		e.report.add("site", Fine, host+" belongs to the same site as "+page+" ("+siteOf(host)+")", "")
	default:
		e.report.add("site", Broken, host+" belongs to "+siteOf(host)+", and the page to "+siteOf(page)+": Safari and Firefox block or partition the cookies of another site",
			"give Headgate a name below "+siteOf(page)+", or a path of "+page)
	}
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

// conclude says what Safari will do, from what it compares.
func (e *examination) conclude() {
	r := e.report
	switch {
	case !e.sameSite:
		r.Safari, r.Summary = Blocked, "Safari blocks the cookies of "+e.Collector.Hostname()+", since it belongs to another site than the page: every visit looks like a new visitor."
	case e.sameOrigin:
		r.Safari, r.Summary = Whole, "Safari keeps the cookies that Headgate sets as long as they say, up to 400 days: they come from the page's own origin."
	case e.foreignAlias || e.farAddress:
		r.Safari, r.Summary = SevenDay, "Safari cuts the cookies that Headgate sets to 7 days: a visitor who stays away for a week looks like a new one."
	case e.unresolved:
		r.Safari, r.Summary = NotKnown, "What Safari will do could not be found out: not all names could be resolved."
	default:
		r.Safari, r.Summary = Whole, "Safari keeps the cookies that Headgate sets as long as they say, up to 400 days: name and address are the page's own."
	}
}
