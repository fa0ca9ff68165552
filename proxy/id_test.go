package proxy

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// As in the European Union: nothing is granted that nobody chose.
const identified = `
enrich: {geo: {headers: {country: X-Land}}}
trusted_proxies: [loopback]
sites: {shop: {hosts: [t.shop.example]}}
identity: {endpoint: /id, secret: a secret of the shop, link: {domains: [shop.example, shop.test]}, keep: {}}
`

const safariAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"

// asks sends a request as a script of a page does.
func (r *running) asks(t *testing.T, method, path, body, origin, cookie string) (*http.Response, string, map[string]string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "t.shop.example"
	for name, value := range map[string]string{"X-Land": "DE", "User-Agent": safariAgent, "Origin": origin, "Cookie": cookie} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if origin == "" { // as an image
		req.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for _, text := range resp.Header.Values("Set-Cookie") {
		name, rest, _ := strings.Cut(text, "=")
		set[name] = rest
	}
	return resp, string(said), set
}

func TestThePagesScriptRenewsCookiesBeforeTheTagsRun(t *testing.T) {
	const shop = "https://www.shop.example"
	before := strconv.FormatInt(time.Now().Add(-10*24*time.Hour).Unix(), 36)
	s := newSink(t)
	r := start(t, t.TempDir(), s, identified)
	for _, c := range []struct {
		name, method, path, body, origin, cookie string
		status                                   int
		said                                     string // its beginning
		set                                      string // names
	}{
		{"the first script", "GET", "/id.js?_c=analytics:1", "", shop, "", 200, "/* cookies are renewed */", "_hg"},
		{"what Safari removed", "GET", "/id.js?_c=analytics:1", "", shop, "_hg_keep=1!_ga:GA1.1.5.6:" + before + ":" + before, 200, "/* cookies are renewed */", "_ga _hg _hg_keep"},
		{"Jitsu", "GET", "/id?domain=shop.example&_c=analytics:1", "", shop, "", 200, `{"stored":true,"link":"_hgl=`, "__eventn_id _hg"},
		{"RudderStack", "POST", "/rsaRequest?_c=analytics:1", `{"reqType":"setCookies","workspaceId":"w","data":{"options":{"maxAge":31536000000,"domain":"evil.test"},"cookies":[{"name":"rl_anonymous_id","value":"RS_ENC_v3_ImY4YjEi"},{"name":"sid","value":"x"}]}}`, shop, "", 200, `{"stored":true`, "_hg rl_anonymous_id"},
		{"a visitor who refused", "GET", "/id?domain=shop.example&_c=analytics:0", "", shop, "_hg=1.1700000000.5.6", 200, `{"stored":false}`, "_hg"},
		{"a visitor whom nobody has asked", "GET", "/id.js", "", shop, "_hg=1.1700000000.5.6; _hg_keep=1!_ga:GA1.1.5.6:" + before + ":" + before, 200, "/* cookies are renewed */", ""},
		{"by image from another site", "GET", "/id?domain=shop.example&_c=analytics:1", "", "", "__eventn_id=k3j4h5g6f7", 200, `{"stored":false}`, ""},
		{"from another site", "GET", "/id", "", "https://evil.test", "", 403, "", ""},
		{"no JSON", "POST", "/id", "[1", shop, "", 400, "", ""},
		{"too much", "POST", "/id", `{"a":"` + strings.Repeat("x", 33<<10) + `"}`, shop, "", 413, "", ""},
		{"too many parameters", "GET", "/id?" + strings.Repeat("a=1&", 65), "", shop, "", 413, "", ""},
		{"another method", "DELETE", "/id", "", shop, "", 404, "", ""},
		{"the preflight", "OPTIONS", "/id", "", shop, "", 204, "", ""},
	} {
		resp, said, set := r.asks(t, c.method, c.path, c.body, c.origin, c.cookie)
		if resp.StatusCode != c.status || !strings.HasPrefix(said, c.said) {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, said)
		}
		for _, name := range strings.Fields(c.set) {
			if _, there := set[name]; !there {
				t.Errorf("%s: %s is not set", c.name, name)
			}
		}
		if len(set) != len(strings.Fields(c.set)) {
			t.Errorf("%s: set %v, want %s", c.name, set, c.set)
		}
		if c.status == 200 && c.origin != "" && (resp.Header.Get("Access-Control-Allow-Origin") != shop || resp.Header.Get("Access-Control-Allow-Credentials") != "true" || resp.Header.Get("Cache-Control") != "no-store") {
			t.Errorf("%s: %v", c.name, resp.Header)
		}
		if strings.Contains(set["rl_anonymous_id"], "evil") || strings.Contains(set["rl_anonymous_id"], "HttpOnly") {
			t.Errorf("%s: %s", c.name, set["rl_anonymous_id"])
		}
	}
	if status, err := r.Status(t.Context()); err != nil || status.Accepted != 0 {
		t.Errorf("the log has %d events, %v", status.Accepted, err)
	}
}

func TestALinkFromTheOtherDomainIsTakenOverByTheScript(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), identified)
	_, said, _ := r.asks(t, "GET", "/id?_c=analytics:1", "", "https://www.shop.example", "_hg=1.1700000000.77.88")
	_, rest, _ := strings.Cut(said, `"link":"`)
	link, _, _ := strings.Cut(rest, `"`)
	at := "/id?_c=analytics:1&url=https%3A%2F%2Fwww.shop.example%2F%3F" + strings.Replace(link, "=", "%3D", 1) + "&referrer=https%3A%2F%2F"
	for referrer, want := range map[string]bool{"www.shop.test%2F": true, "evil.test%2F": false, "": false} {
		_, _, set := r.asks(t, "GET", at+referrer, "", "https://www.shop.example", "")
		if linked := strings.Contains(set["_hg"], ".77.88;"); linked != want || set["_hg"] == "" {
			t.Errorf("from %q: %v", referrer, set)
		}
	}
}

func TestWithoutAnEndpointNothingAnswersThere(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	for _, path := range []string{"/id", "/id.js", "/rsaRequest"} {
		if resp := r.ask(t, "POST", path, "{}"); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, resp.StatusCode)
		}
	}
}
