package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// agent is Safari's, so that bot filters and caches treat us as it.
const agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"

// patience bounds one request.
const patience = 10 * time.Second

// mostRedirects bounds how far the page may lead.
const mostRedirects = 5

func (e *examination) newClient() *http.Client {
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{DialContext: e.Dial, TLSClientConfig: &tls.Config{RootCAs: e.Roots, MinVersion: tls.VersionTLS12, Time: func() time.Time { return e.Now }},
			ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// reply is what matters of an answer.
type reply struct {
	status int
	header http.Header
	set    []*http.Cookie
	leads  *url.URL // nil when it leads nowhere
	tls    *tls.ConnectionState
}

// ask sends a request and returns its answer.
func (e *examination) ask(ctx context.Context, method string, to *url.URL, headers map[string]string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", agent)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	r := &reply{status: resp.StatusCode, header: resp.Header, set: resp.Cookies(), tls: resp.TLS}
	if at, err := resp.Location(); err == nil && r.status >= 300 && r.status < 400 {
		r.leads = at
	}
	return r, nil
}

// visitPage loads the page, follows it where it leads, and looks at what caches may do with its cookies.
func (e *examination) visitPage(ctx context.Context) {
	if len(e.page.v4)+len(e.page.v6) == 0 {
		return
	}
	at := e.Page
	for range mostRedirects {
		resp, err := e.ask(ctx, "GET", at, map[string]string{"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"})
		if err != nil {
			e.report.add("tls", Unknown, "the page does not answer: "+reason(err), "look whether it can be loaded from here")
			return
		}
		if to := resp.leads; to != nil {
			if !strings.EqualFold(to.Host, at.Host) {
				e.report.add("site", Note, at.Host+" leads to "+to.Host+", which is the page that visitors see", "ask about "+to.Scheme+"://"+to.Host+" instead")
				return
			}
			at = to
			continue
		}
		e.caches(resp)
		return
	}
	e.report.add("site", Warning, "the page leads on and on, more than "+strconv.Itoa(mostRedirects)+" times", "ask about the address at which it ends")
}

// caches looks for a page that gives one visitor's cookie to all.
func (e *examination) caches(resp *reply) {
	control := strings.ToLower(resp.header.Get("Cache-Control"))
	private := strings.Contains(control, "private") || strings.Contains(control, "no-store") || strings.Contains(control, "no-cache")
	shared := strings.Contains(control, "public") || strings.Contains(control, "s-maxage") || resp.header.Get("Age") != ""
	switch set := resp.set; {
	case len(set) == 0:
		e.report.add("caching", Fine, "the page sets no cookie that a cache could give to others", "")
	case shared && !private:
		e.report.add("caching", Broken, "the page sets the cookie "+set[0].Name+" and may be cached ("+strings.TrimSpace("Cache-Control: "+control)+"): others get the same one",
			"answer with Cache-Control: private wherever a cookie is set")
	case !private:
		e.report.add("caching", Warning, "the page sets the cookie "+set[0].Name+" and does not say that it is for one visitor", "answer with Cache-Control: private wherever a cookie is set")
	default:
		e.report.add("caching", Fine, "the page sets cookies, and no cache keeps it", "")
	}
}

// connect opens the collector and looks at its certificate.
func (e *examination) connect(ctx context.Context) {
	if len(e.host.v4)+len(e.host.v6) == 0 {
		return
	}
	host := e.Collector.Hostname()
	if e.Collector.Scheme != "https" {
		level, cure := Broken, "serve it over HTTPS: `tls:` in the configuration, or a CDN or load balancer before it"
		if e.Page.Scheme != "https" {
			level = Warning
		}
		e.report.add("tls", level, host+" is called without TLS: browsers block it on an HTTPS page, and its cookies cannot be Secure", cure)
	}
	resp, err := e.ask(ctx, "GET", e.Collector.JoinPath("/healthz"), nil)
	if err != nil {
		e.report.add("tls", Broken, host+" cannot be reached: "+reason(err), certificateCure(err, host))
		return
	}
	e.served = true
	if resp.tls == nil || len(resp.tls.PeerCertificates) == 0 {
		return
	}
	const soon = 14 * 24 * time.Hour
	until := resp.tls.PeerCertificates[0].NotAfter
	if left := until.Sub(e.Now); left < soon {
		e.report.add("tls", Warning, fmt.Sprintf("the certificate of %s ends in %d days, on %s", host, int(left.Hours()/24), until.UTC().Format(time.DateOnly)), "look at why it has not been renewed")
		return
	}
	e.report.add("tls", Fine, "the certificate of "+host+" is valid until "+until.UTC().Format(time.DateOnly), "")
}

// reason leaves the address out of what a client says of an error.
func reason(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}

func certificateCure(err error, host string) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "get a certificate that names " + host
	case errors.As(err, &authority):
		return "send the whole chain of the certificate, of an authority that browsers know"
	case errors.As(err, &invalid):
		return "renew the certificate"
	}
	return "look whether Headgate runs there, and whether the port is open to the internet"
}

// crossOrigin asks as a browser does before a request that is not simple.
func (e *examination) crossOrigin(ctx context.Context) {
	if e.sameOrigin || !e.served {
		return
	}
	origin := e.Page.Scheme + "://" + e.Page.Host
	resp, err := e.ask(ctx, "OPTIONS", e.Collector.JoinPath("/consent"), map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
	if err != nil {
		e.report.add("cors", Unknown, "the preflight is not answered: "+reason(err), "try again")
		return
	}
	allowed, credentials := resp.header.Get("Access-Control-Allow-Origin"), resp.header.Get("Access-Control-Allow-Credentials")
	switch {
	case resp.status == http.StatusMisdirectedRequest:
		e.report.add("cors", Broken, "Headgate does not serve the host "+e.Collector.Hostname(), "add it to `sites: {NAME: {hosts: [...]}}`")
	case resp.status == http.StatusForbidden:
		e.report.add("cors", Broken, "Headgate refuses pages of "+origin, "add it to `sites: {NAME: {origins: [...]}}`")
	case resp.status >= 400:
		e.report.add("cors", Broken, fmt.Sprintf("the preflight is answered %d: it is not Headgate's, or something before it keeps OPTIONS back", resp.status), "let OPTIONS through to Headgate, and ask with --collector for the path that it is mounted below")
	case allowed != origin:
		e.report.add("cors", Broken, fmt.Sprintf("Access-Control-Allow-Origin is %q and not %s: something before Headgate changes it", allowed, origin), "let the CDN or proxy pass CORS headers on, and cache no answer to OPTIONS")
	case credentials != "true":
		e.report.add("cors", Broken, "Access-Control-Allow-Credentials is missing: requests to "+e.Collector.Hostname()+" carry no cookies", "let the CDN or proxy pass CORS headers on")
	default:
		e.report.add("cors", Fine, "pages of "+origin+" may send hits with cookies", "")
	}
}
