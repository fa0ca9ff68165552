package http_test

import (
	"compress/gzip"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event/samples"
)

func loopback(d *destinations.Deps) {
	d.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func TestPrivateAddressesAreNotReached(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		d := opened(t, "webhook", fmt.Sprintf(`settings: {url: "http://%s:%s/"}`, host, port), nil)
		v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
		if v.Kind != destinations.Halt || !strings.Contains(v.Why, "private address") || !strings.Contains(v.Why, "egress") {
			t.Errorf("%s: %s %q", host, v.Kind, v.Why)
		}
	}
	if reached {
		t.Error("a private address was reached")
	}
	d := opened(t, "webhook", fmt.Sprintf(`settings: {url: %q}`, server.URL), loopback)
	if v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]; v.Kind != destinations.Delivered || !reached {
		t.Errorf("with egress.allow: %s %q", v.Kind, v.Why)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed = true
			return
		}
		http.Redirect(w, r, "/elsewhere?token=hidden-token", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	d := opened(t, "webhook", fmt.Sprintf(`settings: {url: %q, secret: hidden-token}`, server.URL), loopback)
	v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
	if followed || v.Kind != destinations.Halt || v.Why != "status 307: it redirects to /elsewhere?token=***; redirects are not followed" {
		t.Fatalf("followed %v, %s %q", followed, v.Kind, v.Why)
	}
}

func TestAVendorThatSaysNothingIsRetried(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	defer close(hold)
	d := opened(t, "webhook", fmt.Sprintf(`{settings: {url: %q}, delivery: {timeout: 50ms}}`, server.URL), loopback)
	v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
	if v.Kind != destinations.Retry || v.Why != "no answer: it took longer than 50ms" {
		t.Fatalf("%s %q", v.Kind, v.Why)
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	const most = 64 << 20
	taken := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		for taken < most {
			n, err := io.WriteString(w, strings.Repeat("no ", 64<<10))
			if taken += n; err != nil {
				return
			}
		}
	}))
	d := opened(t, "webhook", fmt.Sprintf(`settings: {url: %q}`, server.URL), loopback)
	v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
	server.Close()
	if v.Kind != destinations.Reject || len(v.Why) > 400 || taken >= most {
		t.Fatalf("%s, %d bytes of words, %d bytes taken", v.Kind, len(v.Why), taken)
	}
}

func TestTheWebhookSignsWhatItSends(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte("s3cret"))
		mac.Write(body)
		if r.Header.Get("X-Signature") != hex.EncodeToString(mac.Sum(nil)) || r.Header.Get("X-Team") != "web" || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusForbidden)
		}
		var events []map[string]any
		if json.Unmarshal(body, &events) != nil || len(events) != 3 {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()
	d := opened(t, "webhook", fmt.Sprintf(`settings: {url: %q, secret: s3cret, headers: {x-team: web}}`, server.URL), loopback)
	if got := kinds(d.Deliver(t.Context(), batchOf(t, 3, "page_view", "purchase"))); got != "delivered delivered delivered" {
		t.Fatal(got)
	}
}

func TestFormats(t *testing.T) {
	type request struct{ method, query, contentType, encoding, body string }
	var got request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reader := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			reader, _ = gzip.NewReader(r.Body)
		}
		body, _ := io.ReadAll(reader)
		got = request{r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), string(body)}
	}))
	defer server.Close()
	for _, c := range []struct {
		name, send string
		want       request
	}{
		{"json", `{post: "URL", body: {id: =id, n: =params.n, none: =params.none, list: [], deep: {none: =params.none}}}`,
			request{"POST", "", "application/json", "", `{"id":"a&b","n":1.50}`}},
		{"form", `{post: "URL", format: form, body: {id: =id, n: =params.n, tags: [x, =name]}}`,
			request{"POST", "", "application/x-www-form-urlencoded", "", `id=a%26b&n=1.50&tags=%5B%22x%22%2C%22ping%22%5D`}},
		{"query only", `{get: "URL", query: {id: =id, n: =params.n, none: =params.none, many: [x, y]}}`,
			request{"GET", "id=a%26b&n=1.50&many=x&many=y", "", "", ""}},
		{"a query that the address has already", `{get: "URL?v=1", query: {n: =params.n}}`, request{"GET", "v=1&n=1.50", "", "", ""}},
		{"json lines", `{put: "URL", format: json_lines, batch: {events: 10}, body: [{each: =batch, as: {id: =id, n: =params.n}}]}`,
			request{"PUT", "", "application/x-ndjson", "", "{\"id\":\"a&b\",\"n\":1.50}\n{\"id\":\"c\\\"d\"}\n"}},
		{"lines", `{post: "URL", format: lines, batch: {events: 10}, body: [{each: =batch, as: "{name} {id}"}]}`,
			request{"POST", "", "text/plain; charset=utf-8", "", "ping a&b\nping c\"d\n"}},
		{"text", `{post: "URL", format: text, content_type: text/csv, body: "{name},{params.n}"}`, request{"POST", "", "text/csv", "", "ping,1.50"}},
		{"compressed", `{post: "URL", gzip: true, body: {id: =id}}`, request{"POST", "", "application/json", "gzip", `{"id":"a&b"}`}},
		{"numbers as text", `{post: "URL", body: {n: =text(params.n)}}`, request{"POST", "", "application/json", "", `{"n":"1.50"}`}},
		{"every item of every event in one list", `{post: "URL", batch: {events: 10}, body: {rows: [first, {each: =batch, as: {each: =items, as: {event: =id, sku: =item.id, i: =index}}}]}}`,
			request{"POST", "", "application/json", "", `{"rows":["first",{"event":"a&b","sku":"s1","i":0},{"event":"a&b","sku":"s2","i":1}]}`}},
		{"an object as a list of names and values", `{post: "URL", body: {props: {each: =params, where: 'item.key != "email"', as: {name: =item.key, value: =text(item.value)}}}}`,
			request{"POST", "", "application/json", "", `{"props":[{"name":"n","value":"1.50"},{"name":"plan","value":"gold"}]}`}},
		{"the rest of the parameters", `{post: "URL", body: {plan: =upper(params.plan), "*": {copy: =params, text: true}}}`,
			request{"POST", "", "application/json", "", `{"plan":"GOLD","n":"1.50"}`}},
		{"an allow-list, a prefix and a shape of their own", `{post: "URL", body: {copy: =params, only: [plan, email], prefix: x_, as: {v: =item.value}}}`,
			request{"POST", "", "application/json", "", `{"x_plan":{"v":"gold"}}`}},
		{"a site's own parameter device, but not what an app says of itself", `{post: "URL", body: {copy: '={"app": {"id": 7}, "device": "kiosk"}'}}`,
			request{"POST", "", "application/json", "", `{"device":"kiosk"}`}},
		{"what an app says of itself, when the file lists it", `{post: "URL", body: {copy: '={"app": {"id": 7}, "device": "kiosk"}', only: [app]}}`,
			request{"POST", "", "application/json", "", `{"app":{"id":7}}`}},
		{"contact data that the file wants all the same", `{post: "URL", body: {copy: =params, only: [email], personal: keep}}`,
			request{"POST", "", "application/json", "", `{"email":"jo@example.com"}`}},
		{"a person's name among the traits stays here", `{post: "URL", body: {copy: =user.traits}}`,
			request{"POST", "", "application/json", "", `{"plan":"gold"}`}},
		{"one or the other", `{post: "URL", body: {a: {when: params.n > 1, then: {big: true}, else: small}, b: {when: params.n > 2, then: big, else: small}}}`,
			request{"POST", "", "application/json", "", `{"a":{"big":true},"b":"small"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := own(t, crm+"send: "+strings.ReplaceAll(c.send, "URL", server.URL)+"\n", "{}", loopback)
			batch := numbered(2)
			for i, yaml := range []string{
				`{name: ping, id: a&b, params: {n: 1.50, plan: gold, email: jo@example.com}, user.traits: {name: Jo Meier, Nachname: Meier, username: jo, plan: gold}, items: [{id: s1}, {id: s2}]}`,
				`{name: ping, id: 'c"d'}`,
			} {
				e, ms := samples.Read(parsed(t, yaml))
				if len(ms) > 0 {
					t.Fatal(ms)
				}
				batch[i].Event = e
			}
			if !strings.Contains(c.send, "batch") {
				batch = batch[:1]
			}
			if v := d.Deliver(t.Context(), batch); v[0].Kind != destinations.Delivered {
				t.Fatalf("%s %q", v[0].Kind, v[0].Why)
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// issuer gives out tokens and takes the newest; its vendor side checks them.
type issuer struct {
	mu      sync.Mutex
	issued  int
	expires int
	status  int
	forms   []url.Values
	basic   string
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.URL.Path != "/token" {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", i.issued) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"`+r.Header.Get("Authorization")+` is no good"}`)
		}
		return
	}
	_ = r.ParseForm()
	i.forms = append(i.forms, r.PostForm)
	i.basic, _, _ = r.BasicAuth()
	w.Header().Set("Content-Type", "application/json")
	if i.status != 0 {
		w.WriteHeader(i.status)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"the refresh token hidden-secret has expired"}`)
		return
	}
	i.issued++
	_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":%d}`, i.issued, i.expires)
}

const oauthSettings = `
settings:
  secret: {type: secret, help: x}
  endpoint: {type: url, help: x, example: "https://a.example"}
`

func TestTokensAreFetchedOnceAndRenewedBeforeTheyExpire(t *testing.T) {
	vendor := &issuer{expires: 3600}
	server := httptest.NewServer(vendor)
	defer server.Close()
	now := atomic.Pointer[time.Time]{}
	start := samples.Now()
	now.Store(&start)
	d := own(t, crm+oauthSettings+`
send:
  post: "{settings.endpoint}/events"
  auth: {oauth2: {token_url: "{settings.endpoint}/token", client_id: me, client_secret: =settings.secret, scope: "a b", fields: {audience: api}}}
  body: {id: =id}
`, fmt.Sprintf(`{settings: {endpoint: %q, secret: hidden-secret}, delivery: {at_once: 8}}`, server.URL), func(deps *destinations.Deps) {
		loopback(deps)
		deps.Now = func() time.Time { return *now.Load() }
	})
	for range 3 {
		for _, v := range d.Deliver(t.Context(), numbered(20)) {
			if v.Kind != destinations.Delivered {
				t.Fatalf("%s %q", v.Kind, v.Why)
			}
		}
	}
	form := vendor.forms[0]
	if vendor.issued != 1 || form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "me" || form.Get("client_secret") != "hidden-secret" || form.Get("scope") != "a b" || form.Get("audience") != "api" {
		t.Fatalf("%d tokens, %v", vendor.issued, form)
	}
	later := start.Add(time.Hour - 30*time.Second)
	now.Store(&later)
	d.Deliver(t.Context(), numbered(3))
	if vendor.issued != 2 {
		t.Fatalf("%d tokens shortly before the end of the first", vendor.issued)
	}
	vendor.mu.Lock()
	vendor.issued = 7 // the vendor withdraws it: ours is not taken any more
	vendor.mu.Unlock()
	if v := d.Deliver(t.Context(), numbered(1))[0]; v.Kind != destinations.Delivered {
		t.Fatalf("after a withdrawal: %s %q", v.Kind, v.Why)
	}
}

func TestATokenThatIsNotGivenHaltsWithTheVendorsWords(t *testing.T) {
	for status, want := range map[int]string{
		400: "halt: no access token: status 400: invalid_grant: the refresh token *** has expired",
		503: "retry: no answer: fetch an access token: status 503: invalid_grant: the refresh token *** has expired",
	} {
		server := httptest.NewServer(&issuer{status: status})
		d := own(t, crm+oauthSettings+`
send:
  post: "{settings.endpoint}/events"
  auth: {oauth2: {token_url: "{settings.endpoint}/token", client_id: me, client_secret: x, refresh_token: =settings.secret, style: basic}}
  body: {id: =id}
`, fmt.Sprintf(`{settings: {endpoint: %q, secret: hidden-secret}}`, server.URL), loopback)
		v := d.Deliver(t.Context(), numbered(1))[0]
		if got := v.Kind.String() + ": " + v.Why; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		server.Close()
	}
}

func TestARefreshTokenIsExchanged(t *testing.T) {
	vendor := &issuer{expires: 60}
	server := httptest.NewServer(vendor)
	defer server.Close()
	d := own(t, crm+oauthSettings+`
send:
  post: "{settings.endpoint}/events"
  auth: {oauth2: {token_url: "{settings.endpoint}/token", client_id: me, client_secret: x, refresh_token: =settings.secret, style: basic}}
  body: {id: =id}
`, fmt.Sprintf(`{settings: {endpoint: %q, secret: hidden-secret}}`, server.URL), loopback)
	if v := d.Deliver(t.Context(), numbered(1))[0]; v.Kind != destinations.Delivered {
		t.Fatalf("%s %q", v.Kind, v.Why)
	}
	if form := vendor.forms[0]; form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != "hidden-secret" || vendor.basic != "me" {
		t.Fatalf("%v, user %q", form, vendor.basic)
	}
}

// serviceAccount is the key of one, as Google gives it out.
func serviceAccount(t *testing.T, tokens string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	account, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "robot@project.example", "private_key_id": "k1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": tokens})
	if err != nil {
		t.Fatal(err)
	}
	return string(account)
}

func TestAServiceAccountSignsItsOwnAssertion(t *testing.T) {
	vendor := &issuer{expires: 3600}
	server := httptest.NewServer(vendor)
	defer server.Close()
	d := own(t, crm+oauthSettings+`
send:
  post: "{settings.endpoint}/events"
  auth: {oauth2: {key: =settings.secret, scope: "https://scope.example/a"}}
  body: {id: =id}
`, fmt.Sprintf(`{settings: {endpoint: %q, secret: %q}}`, server.URL, serviceAccount(t, server.URL+"/token")), loopback)
	if v := d.Deliver(t.Context(), numbered(1))[0]; v.Kind != destinations.Delivered {
		t.Fatalf("%s %q", v.Kind, v.Why)
	}
	form := vendor.forms[0]
	parts := strings.Split(form.Get("assertion"), ".")
	if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(parts) != 3 {
		t.Fatalf("%v", form)
	}
}
