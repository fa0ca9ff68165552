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
	"time"
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
