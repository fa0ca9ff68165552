package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// cookies has the endpoint of the identity set a cookie, as for a visitor who accepts analytics, and looks at its attributes. Nothing
// of it is logged.
func (e *examination) cookies(ctx context.Context) {
	if !e.served {
		return
	}
	if e.Endpoint == "" {
		e.report.add("cookies", Note, "what cookies look like is not known, since the configuration has no identity.endpoint", "`identity: {endpoint: /id}` has cookies renewed before the tags run, and lets us look at one")
		return
	}
	to := e.Collector.JoinPath(e.Endpoint)
	to.RawQuery = "_c=analytics:1"
	headers := map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Referer": e.Page.String()}
	if e.sameOrigin {
		headers["Sec-Fetch-Site"] = "same-origin"
	} else {
		headers["Origin"] = e.Page.Scheme + "://" + e.Page.Host
	}
	resp, err := e.ask(ctx, "GET", to, headers)
	if err != nil {
		e.report.add("cookies", Unknown, "the endpoint does not answer: "+reason(err), "try again")
		return
	}
	if resp.status != http.StatusOK {
		e.report.add("cookies", Unknown, fmt.Sprintf("the endpoint %s answers %d", e.Endpoint, resp.status), "look whether identity.endpoint is what the running process has, and whether the CDN passes the path on")
		return
	}
	if control := resp.header.Get("Cache-Control"); !strings.Contains(control, "no-store") || resp.header.Get("Age") != "" {
		e.report.add("caching", Broken, fmt.Sprintf("answers of %s may be cached (Cache-Control: %s): one visitor's cookie would be everybody's", e.Endpoint, control), "have the CDN cache nothing of Headgate's")
	}
	set := resp.set
	if len(set) == 0 {
		e.report.add("cookies", Warning, "no cookie is set for a visitor who accepts analytics", "look at identity.purpose and consent: `headgate explain` says what was concluded; or the CDN takes Set-Cookie away")
		return
	}
	for _, c := range set {
		e.attributes(c)
	}
}

// attributes says what is wrong with one cookie.
func (e *examination) attributes(c *http.Cookie) {
	found := len(e.report.Findings)
	warn := func(level Level, fact, cure string) {
		e.report.add("cookies", level, "the cookie "+c.Name+" "+fact, cure)
	}
	site, domain := siteOf(e.Page.Hostname()), strings.TrimPrefix(strings.ToLower(c.Domain), ".")
	if domain == "" && !e.sameOrigin && strings.Contains(site, ".") && !strings.EqualFold(site, e.Page.Hostname()) {
		warn(Warning, "has no Domain: only "+e.Collector.Hostname()+" gets it", "set `sites: {NAME: {cookie_domain: "+site+"}}`")
	}
	if host := strings.ToLower(e.Collector.Hostname()); domain != "" && host != domain && !strings.HasSuffix(host, "."+domain) {
		warn(Broken, "is for the domain "+domain+", which "+host+" does not belong to: browsers drop it", "correct `sites: {NAME: {cookie_domain: ...}}`, or have the proxy pass the Host on")
	}
	if !c.Secure && e.Collector.Scheme == "https" {
		warn(Warning, "is not Secure, though it is set over HTTPS: Headgate does not know that the visitor uses HTTPS", "have the proxy send X-Forwarded-Proto, and name it under trusted_proxies")
	}
	if c.SameSite == http.SameSiteNoneMode && !c.Secure {
		warn(Broken, "is SameSite=None and not Secure: browsers drop it", "leave SameSite to Headgate")
	}
	if c.Path != "/" {
		warn(Warning, "is for the path "+c.Path+" only", "have the proxy leave Set-Cookie as it is")
	}
	if c.MaxAge <= 0 && c.Expires.IsZero() {
		warn(Warning, "ends with the browser's session", "have the proxy leave Set-Cookie as it is")
	}
	if len(e.report.Findings) == found {
		kind := "which scripts can read"
		if c.HttpOnly {
			kind = "which scripts cannot read"
		}
		e.report.add("cookies", Fine, fmt.Sprintf("the cookie %s, %s, is set for %d days", c.Name, kind, c.MaxAge/86400), "")
	}
}
