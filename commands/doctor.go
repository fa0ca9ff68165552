package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/doctor"
)

type doctorVerb struct {
	Page      string   `arg:"" help:"The website, as visitors call it." placeholder:"URL"`
	Collector string   `help:"Where its hits go, with the path that Headgate is mounted below; the site's host of the configuration when left out." placeholder:"URL"`
	Resolve   []string `help:"Take this address for a host in place of asking DNS: www.shop.example=198.51.100.7, with :PORT to connect to another port." placeholder:"HOST=ADDRESS"`
	JSON      bool     `help:"Print the findings as JSON."`
}

// Run looks at a website and its collector from outside, and says what Safari will do. The status is 0 when nothing needs a cure, 1
// when something does, and 2 when something could not be found out.
func (d doctorVerb) Run(w *cli.World) error {
	page, err := webAddress(d.Page)
	if err != nil {
		return err
	}
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	collector, err := d.collector(&loaded.Config, page)
	if err != nil {
		return err
	}
	fixed, err := parseFixed(d.Resolve)
	if err != nil {
		return err
	}
	report, err := doctor.Examine(w.Ctx, doctor.Options{Page: page, Collector: collector, Endpoint: loaded.Config.Identity.Endpoint.Value,
		Resolver: fixed, Dial: fixed.dial, Now: time.Now()})
	if err != nil {
		return err
	}
	if err := d.print(w, report); err != nil {
		return err
	}
	switch report.Worst() {
	case doctor.Broken, doctor.Warning:
		return cli.Wrong("something needs a cure")
	case doctor.Unknown:
		return fmt.Errorf("something could not be found out")
	}
	return nil
}

func webAddress(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, cli.Wrong("%q is no address of a website; write https://www.shop.example", s)
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u, nil
}

// collector returns where hits go: what was named, else the host of the configuration's site that belongs to the page.
func (d doctorVerb) collector(c *config.Config, page *url.URL) (*url.URL, error) {
	if d.Collector != "" {
		return webAddress(d.Collector)
	}
	site := registrable(page.Hostname())
	for _, entry := range c.Sites {
		for _, host := range entry.Value.Hosts {
			if name, _, _ := strings.Cut(host.Value, ":"); registrable(name) == site {
				return &url.URL{Scheme: page.Scheme, Host: host.Value}, nil
			}
		}
	}
	return nil, cli.Wrong("the configuration names no host of %s under sites; write --collector https://t.%s", site, site)
}

func registrable(host string) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(host)); err == nil {
		return domain
	}
	return strings.ToLower(host)
}

func (d doctorVerb) print(w *cli.World, r *doctor.Report) error {
	if d.JSON {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.Out, "%s\n", text)
		return err
	}
	signs := map[doctor.Level]string{doctor.Fine: "ok", doctor.Note: "note", doctor.Warning: "warning", doctor.Broken: "broken", doctor.Unknown: "unknown"}
	fmt.Fprintf(w.Out, "%s\nhits go to %s\n\n", r.Page, r.Collector)
	for _, f := range r.Findings {
		fmt.Fprintf(w.Out, "%-8s %-8s %s\n", signs[f.Level], f.Check, f.Fact)
		if f.Cure != "" {
			fmt.Fprintf(w.Out, "%-8s %-8s → %s\n", "", "", f.Cure)
		}
	}
	_, err := fmt.Fprintf(w.Out, "\n%s\n", r.Summary)
	return err
}

// fixedNames are hosts whose addresses were given; all others are asked of DNS.
type fixedNames map[string]fixedName

type fixedName struct {
	address netip.Addr
	port    string // "" for the one that is asked for
}

func parseFixed(pairs []string) (fixedNames, error) {
	fixed := fixedNames{}
	for _, pair := range pairs {
		host, at, _ := strings.Cut(pair, "=")
		if a, err := netip.ParseAddr(at); err == nil {
			fixed[strings.ToLower(host)] = fixedName{address: a}
			continue
		}
		a, err := netip.ParseAddrPort(at)
		if err != nil || host == "" {
			return nil, cli.Wrong("--resolve takes a host and an address, not %q; write www.shop.example=198.51.100.7", pair)
		}
		fixed[strings.ToLower(host)] = fixedName{a.Addr(), fmt.Sprint(a.Port())}
	}
	return fixed, nil
}

// LookupCNAME returns the name at the end of a host's aliases.
func (f fixedNames) LookupCNAME(ctx context.Context, host string) (string, error) {
	if _, ok := f[strings.ToLower(host)]; ok {
		return host, nil
	}
	return net.DefaultResolver.LookupCNAME(ctx, host)
}

// LookupNetIP returns a host's addresses of one version of IP.
func (f fixedNames) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	name, ok := f[strings.ToLower(host)]
	switch {
	case !ok:
		return net.DefaultResolver.LookupNetIP(ctx, network, host)
	case name.address.Is4() != (network == "ip4"):
		return nil, nil
	}
	return []netip.Addr{name.address}, nil
}

func (f fixedNames) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil {
		if name, ok := f[strings.ToLower(host)]; ok {
			if name.port != "" {
				port = name.port
			}
			address = net.JoinHostPort(name.address.String(), port)
		}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}
