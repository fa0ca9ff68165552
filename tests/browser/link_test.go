package browser_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"headgate/tests/docs"
	"headgate/tests/trial"
)

// A page of a site with the snippet for links, which links to the other site and has its own id before it is settled.
const linkingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A site of two</title>
<link rel="icon" href="data:,">
<a id="link" href="http://%OTHER%/?order=1">The other site</a>
<script>
  let asked = Promise.resolve();
  const real = fetch;
  window.fetch = (...args) => { const answer = real(...args); asked = Promise.all([asked, answer]); return answer; };
  window.settled = () => asked.then(() => location.href);
  document.cookie = "_c=analytics:1; path=/"; // the visitor agreed
  fetch("/t/id?url=" + encodeURIComponent(location.href) + "&referrer=" + encodeURIComponent(document.referrer), { credentials: "include" });
</script>
%SNIPPET%
</html>
`

func TestTheIDGoesAlongALinkToTheOtherDomain(t *testing.T) {
	snippet := ""
	for _, b := range docs.On(t, "docs/identity.md", "html") {
		if strings.Contains(b.Text, "domains") {
			snippet = strings.ReplaceAll(b.Text, "https://t.shop.example/id", "/t/id")
		}
	}
	p := trial.New(t, `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
trusted_proxies: [loopback]
identity: {endpoint: /id, secret: "${LINK_SECRET}", link: {domains: [one.localhost, two.localhost]}}
`)
	p.Env = append(p.Env, "LINK_SECRET="+strings.Repeat("0123456789abcdef", 2))
	p.Start()
	headgate, err := url.Parse(p.Public)
	if err != nil {
		t.Fatal(err)
	}
	pass := http.StripPrefix("/t", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(headgate)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}})
	var port string
	sites := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/t/") {
			pass.ServeHTTP(w, r)
			return
		}
		other := "two.localhost:" + port
		if strings.HasPrefix(r.Host, "two.") {
			other = "one.localhost:" + port
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, strings.NewReplacer("%OTHER%", other, "%SNIPPET%", snippet).Replace(linkingPage))
	}))
	t.Cleanup(sites.Close)
	_, port, _ = net.SplitHostPort(sites.Listener.Addr().String())
	one, two := "http://one.localhost:"+port+"/", "http://two.localhost:"+port+"/"

	b := newBrowser(t)
	id := func(site string) string {
		t.Helper()
		var cookies map[string]string
		b.ask(map[string]any{"do": "cookies", "url": site}, &cookies)
		_, id, _ := strings.Cut(strings.TrimPrefix(cookies["_hg"], "1."), ".") // without the time since when this browser has it
		return id
	}
	b.ask(map[string]any{"do": "open", "url": one}, nil)
	before := id(one)
	var arrived string
	b.ask(map[string]any{"do": "follow", "id": "link", "url": two}, &arrived)
	if !strings.Contains(arrived, "?order=1&_hgl=") {
		t.Errorf("the link leads to %s", arrived)
	}
	if before == "" || id(two) != before {
		t.Errorf("the visitor is %q on one site and %q on the other", before, id(two))
	}
}
