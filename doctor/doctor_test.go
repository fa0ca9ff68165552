package doctor_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/doctor"
)

// world is a small internet: names, and a server that answers for all of them.
type world struct {
	addresses map[string]string // by host: addresses with blanks between
	aliases   map[string]string
	fails     map[string]error // of DNS, by host
	server    *httptest.Server
	answers   map[string]http.HandlerFunc // by host and path

	mu    sync.Mutex
	asked []string
}

func newWorld(t *testing.T) *world {
	w := &world{addresses: map[string]string{"www.example.com": "198.51.100.7 2001:db8:1:1::7", "t.example.com": "198.51.200.9 2001:db8:1:1::9"},
		aliases: map[string]string{}, fails: map[string]error{}, answers: map[string]http.HandlerFunc{}}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, r.Method+" "+r.Host+r.URL.RequestURI())
		w.mu.Unlock()
		if answer := w.answers[r.Host+r.URL.Path]; answer != nil {
			answer(rw, r)
			return
		}
		headgate(rw, r)
	}))
	w.server.Config.ErrorLog = log.New(io.Discard, "", 0) // certificates that are refused on purpose
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	return w
}

// requests are those that were asked so far.
func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

// headgate answers as ours does.
func headgate(rw http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); origin != "" {
		rw.Header().Set("Access-Control-Allow-Origin", origin)
		rw.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	if strings.HasSuffix(r.URL.Path, "/id") {
		rw.Header().Set("Cache-Control", "no-store")
		rw.Header().Set("Set-Cookie", "_hg=1.1795341600.5.6; Max-Age=34560000; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax")
	}
}

func (w *world) LookupCNAME(_ context.Context, host string) (string, error) {
	if alias := w.aliases[host]; alias != "" {
		return alias + ".", nil
	}
	return host + ".", nil
}

func (w *world) LookupNetIP(_ context.Context, network, host string) (found []netip.Addr, err error) {
	if err := w.fails[host]; err != nil {
		return nil, err
	}
	for _, text := range strings.Fields(w.addresses[host]) {
		if a := netip.MustParseAddr(text); a.Is4() == (network == "ip4") {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return found, nil
}

func (w *world) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, w.server.Listener.Addr().String())
}

func (w *world) examine(t *testing.T, page, collector string) *doctor.Report {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(w.server.Certificate())
	parse := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	report, err := doctor.Examine(t.Context(), doctor.Options{Page: parse(page), Collector: parse(collector), Endpoint: "/id", Resolver: w, Dial: w.dial,
		Roots: roots, Now: time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// says looks for a finding of a check and a level whose fact contains a text.
func says(r *doctor.Report, check string, level doctor.Level, fact string) bool {
	for _, f := range r.Findings {
		if f.Check == check && f.Level == level && strings.Contains(f.Fact, fact) {
			return level == doctor.Fine || f.Cure != ""
		}
	}
	return false
}

func expect(t *testing.T, r *doctor.Report, check string, level doctor.Level, fact string) {
	t.Helper()
	if !says(r, check, level, fact) {
		t.Errorf("no finding %s %s %q with a cure in\n%v", check, level, fact, r.Findings)
	}
}

const (
	page = "https://www.example.com"
	own  = "https://t.example.com"
)

func TestASubdomainAtTheSameProviderKeepsItsCookies(t *testing.T) {
	w := newWorld(t)
	r := w.examine(t, page, own)
	if r.Safari != doctor.Whole || r.Worst() != doctor.Fine || !strings.Contains(r.Summary, "400 days") {
		t.Errorf("%s, %s: %v", r.Safari, r.Worst(), r.Findings)
	}
	expect(t, r, "cookies", doctor.Fine, "the cookie _hg, which scripts cannot read, is set for 400 days")
	expect(t, r, "cors", doctor.Fine, "https://www.example.com")
	for _, asked := range w.requests() {
		if strings.Contains(asked, "t.example.com") && !strings.Contains(asked, "/healthz") && !strings.Contains(asked, "OPTIONS") && !strings.Contains(asked, "/id?") {
			t.Errorf("asked: %s", asked)
		}
	}
}

func TestAPathOfThePagesOriginKeepsItsCookies(t *testing.T) {
	w := newWorld(t)
	w.addresses["www.example.com"] = "198.51.100.7"
	r := w.examine(t, page, "https://www.example.com/metrics")
	if r.Safari != doctor.Whole || r.Worst() != doctor.Fine {
		t.Errorf("%s, %s: %v", r.Safari, r.Worst(), r.Findings)
	}
	if !strings.Contains(strings.Join(w.requests(), " "), "GET www.example.com/metrics/id?") {
		t.Errorf("asked: %v", w.requests())
	}
}

func TestWhatSafariCuts(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world)
		page   string
		life   doctor.Life
		check  string
		level  doctor.Level
		fact   string
	}{
		{"an address far away", func(w *world) { w.addresses["t.example.com"] = "203.0.113.9" }, page, doctor.SevenDay, "address", doctor.Warning, "198.51.100.7 and 203.0.113.9"},
		{"an address in the same half", func(w *world) {
			w.addresses["www.example.com"], w.addresses["t.example.com"] = "198.51.100.7", "198.51.1.1"
		}, page, doctor.Whole, "address", doctor.Fine, "agree"},
		{"an IPv6 address of another network", func(w *world) { w.addresses["t.example.com"] = "198.51.200.9 2001:db8:1:2::9" }, page, doctor.SevenDay, "address", doctor.Warning, "2001:db8:1:1::7 and 2001:db8:1:2::9"},
		{"one of several addresses", func(w *world) { w.addresses["www.example.com"] = "198.51.100.7 203.0.113.1" }, page, doctor.SevenDay, "address", doctor.Warning, "203.0.113.1 and 198.51.200.9"},
		{"another version of IP", func(w *world) {
			w.addresses["www.example.com"], w.addresses["t.example.com"] = "198.51.100.7", "2001:db8::1"
		}, page, doctor.SevenDay, "address", doctor.Warning, "no version of IP in common"},
		{"one version of IP less", func(w *world) { w.addresses["t.example.com"] = "198.51.200.9" }, page, doctor.Whole, "address", doctor.Warning, "unconfirmed"},
		{"an alias of a provider", func(w *world) { w.aliases["t.example.com"] = "tracking.provider.test" }, page, doctor.SevenDay, "cname", doctor.Warning, "tracking.provider.test"},
		{"an alias of the page's provider", func(w *world) {
			w.aliases["t.example.com"], w.aliases["www.example.com"] = "a.cdn.test", "b.cdn.test"
		}, page, doctor.Whole, "cname", doctor.Fine, "same provider"},
		{"an alias of the site's own", func(w *world) { w.aliases["t.example.com"] = "edge.example.com" }, page, doctor.Whole, "cname", doctor.Fine, "the site's own"},
		{"another site", func(w *world) { w.addresses["www.shop.test"] = "198.51.100.7" }, "https://www.shop.test", doctor.Blocked, "site", doctor.Broken, "block or partition"},
		{"a name that is not there", func(w *world) { delete(w.addresses, "t.example.com") }, page, doctor.NotKnown, "dns", doctor.Broken, "t.example.com has no address"},
		{"a resolver that fails", func(w *world) { w.fails["t.example.com"] = errors.New("i/o timeout") }, page, doctor.NotKnown, "dns", doctor.Unknown, "i/o timeout"},
	} {
		w := newWorld(t)
		c.change(w)
		r := w.examine(t, c.page, own)
		if r.Safari != c.life || r.Summary == "" {
			t.Errorf("%s: Safari keeps %s, want %s: %s", c.name, r.Safari, c.life, r.Summary)
		}
		if !says(r, c.check, c.level, c.fact) {
			t.Errorf("%s: no finding %s %s %q in\n%v", c.name, c.check, c.level, c.fact, r.Findings)
		}
	}
}

func TestWhatStandsBeforeHeadgateIsFound(t *testing.T) {
	status := func(n int) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(n) }
	}
	cookie := func(text string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			headgate(rw, r)
			rw.Header().Del("Set-Cookie")
			if text != "" {
				rw.Header().Set("Set-Cookie", text)
			}
		}
	}
	headers := func(pairs ...string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			headgate(rw, r)
			for i := 0; i < len(pairs); i += 2 {
				rw.Header().Del(pairs[i])
				if pairs[i+1] != "" {
					rw.Header().Set(pairs[i], pairs[i+1])
				}
			}
		}
	}
	for _, c := range []struct {
		at     string
		answer http.HandlerFunc
		check  string
		level  doctor.Level
		fact   string
	}{
		{"t.example.com/consent", status(421), "cors", doctor.Broken, "does not serve the host"},
		{"t.example.com/consent", status(403), "cors", doctor.Broken, "refuses pages of https://www.example.com"},
		{"t.example.com/consent", status(405), "cors", doctor.Broken, "answered 405"},
		{"t.example.com/consent", headers("Access-Control-Allow-Origin", "*"), "cors", doctor.Broken, `is "*"`},
		{"t.example.com/consent", headers("Access-Control-Allow-Credentials", ""), "cors", doctor.Broken, "carry no cookies"},
		{"t.example.com/id", status(404), "cookies", doctor.Unknown, "/id answers 404"},
		{"t.example.com/id", headers("Cache-Control", "public, max-age=60"), "caching", doctor.Broken, "everybody's"},
		{"t.example.com/id", headers("Age", "5"), "caching", doctor.Broken, "everybody's"},
		{"t.example.com/id", cookie(""), "cookies", doctor.Warning, "no cookie is set"},
		{"t.example.com/id", cookie("_hg=1; Path=/; Max-Age=60; Secure"), "cookies", doctor.Warning, "has no Domain"},
		{"t.example.com/id", cookie("_hg=1; Path=/; Max-Age=60; Secure; Domain=other.test"), "cookies", doctor.Broken, "browsers drop it"},
		{"t.example.com/id", cookie("_hg=1; Path=/; Max-Age=60; Domain=example.com"), "cookies", doctor.Warning, "is not Secure"},
		{"t.example.com/id", cookie("_hg=1; Path=/; Max-Age=60; Domain=example.com; SameSite=None"), "cookies", doctor.Broken, "SameSite=None"},
		{"t.example.com/id", cookie("_hg=1; Path=/id; Max-Age=60; Domain=example.com; Secure"), "cookies", doctor.Warning, "for the path /id only"},
		{"t.example.com/id", cookie("_hg=1; Path=/; Domain=example.com; Secure"), "cookies", doctor.Warning, "ends with the browser's session"},
		{"t.example.com/id", cookie("_fbp=1; Path=/; Max-Age=7776000; Domain=example.com; Secure"), "cookies", doctor.Fine, "which scripts can read, is set for 90 days"},
		{"www.example.com/", headers("Set-Cookie", "sid=1", "Cache-Control", "public, max-age=60"), "caching", doctor.Broken, "others get the same one"},
		{"www.example.com/", headers("Set-Cookie", "sid=1"), "caching", doctor.Warning, "does not say that it is for one visitor"},
		{"www.example.com/", headers("Set-Cookie", "sid=1", "Cache-Control", "private"), "caching", doctor.Fine, "no cache keeps it"},
		{"www.example.com/", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://shop.example.com/", http.StatusMovedPermanently)
		}, "site", doctor.Note, "leads to shop.example.com"},
		{"www.example.com/", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/", http.StatusFound) }, "site", doctor.Warning, "leads on and on"},
	} {
		w := newWorld(t)
		w.answers[c.at] = c.answer
		r := w.examine(t, page+"/", own)
		if !says(r, c.check, c.level, c.fact) {
			t.Errorf("%s: no finding %s %s %q in\n%v", c.at, c.check, c.level, c.fact, r.Findings)
		}
	}
}

func TestCertificates(t *testing.T) {
	w := newWorld(t)
	w.addresses["t.shop.test"], w.addresses["www.shop.test"] = "198.51.100.7", "198.51.100.8"
	expect(t, w.examine(t, "https://www.shop.test", "https://t.shop.test"), "tls", doctor.Broken, "cannot be reached")
	expect(t, w.examine(t, page, own), "tls", doctor.Fine, "is valid until")
	u, _ := url.Parse(page)
	c, _ := url.Parse(own)
	options := doctor.Options{Page: u, Collector: c, Resolver: w, Dial: w.dial, Now: w.server.Certificate().NotAfter.Add(-72 * time.Hour), Roots: x509.NewCertPool()}
	r, err := doctor.Examine(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, r, "tls", doctor.Broken, "cannot be reached")
	options.Roots.AddCert(w.server.Certificate())
	if r, err = doctor.Examine(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	expect(t, r, "tls", doctor.Warning, "ends in 3 days")
	expect(t, r, "cookies", doctor.Note, "no identity.endpoint")
	options.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") }
	if r, err = doctor.Examine(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	expect(t, r, "tls", doctor.Broken, "connection refused")
	if r.Worst() != doctor.Broken {
		t.Errorf("%s", r.Worst())
	}
}

func TestAnEndedContextIsReported(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u, _ := url.Parse(page)
	if _, err := doctor.Examine(ctx, doctor.Options{Page: u, Collector: u, Resolver: w, Dial: w.dial}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
