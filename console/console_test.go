package console_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/config/edit"
	"headgate/console"
	"headgate/console/access"
	"headgate/console/versions"
	"headgate/console/web"
	"headgate/proxy"
	"headgate/proxy/status"
	"headgate/subjects"
)

var _ console.Service = (*proxy.Server)(nil)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var _ console.Rights = (*subjects.Rights)(nil)

func handler(m *memory) http.Handler {
	trail, err := access.NewTrail(new(book), func() time.Time { return noon })
	if err != nil {
		panic(err)
	}
	return console.Handler(m, m, console.Options{Listen: "127.0.0.1:8081", Token: testToken, Trail: trail, Versions: kept(), Now: func() time.Time { return noon }})
}

// kept is a record of versions in a folder that the tests remove at their end.
func kept() *versions.Store {
	folder, err := os.MkdirTemp(versionFolder, "")
	if err != nil {
		panic(err)
	}
	store, err := versions.Open(folder, func() time.Time { return noon })
	if err != nil {
		panic(err)
	}
	return store
}

// versionFolder holds the records of all tests.
var versionFolder string

func TestMain(m *testing.M) {
	var err error
	if versionFolder, err = os.MkdirTemp("", "versions-"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(versionFolder)
	os.Exit(status)
}

const testToken = "t0p-s3cret"

// ask sends one request with the token to a console on a loopback address; headers are name, value, name, value.
func ask(t testing.TB, h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8081"
	r.Header.Set("Authorization", "Bearer "+testToken)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		if headers[i] == "Authorization" {
			r.Header.Del("Authorization")
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// exchange is a request and what has to come back. An answer that begins with "~" only has to contain the rest.
type exchange struct {
	name                 string
	method, path, body   string
	status               int
	answer               string
	header, headerAnswer string
}

func run(t *testing.T, h http.Handler, cases []exchange) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var headers []string
			if c.header != "" {
				name, value, _ := strings.Cut(c.header, ": ")
				headers = []string{name, value}
			}
			w := ask(t, h, c.method, c.path, c.body, headers...)
			got := strings.TrimSuffix(w.Body.String(), "\n")
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %s", w.Code, c.status, got)
			}
			if part, loose := strings.CutPrefix(c.answer, "~"); loose && !strings.Contains(got, part) || !loose && got != c.answer {
				t.Errorf("answer\n got %s\nwant %s", got, c.answer)
			}
			if name, value, _ := strings.Cut(c.headerAnswer, ": "); name != "" && w.Header().Get(name) != value {
				t.Errorf("%s: %s, want %s", name, w.Header().Get(name), value)
			}
		})
	}
}

const yes, no = http.StatusOK, http.StatusForbidden

func TestWhoIsLetIn(t *testing.T) {
	for _, c := range []struct {
		name, listen, token, path string
		headers                   []string
		status                    int
	}{
		{"loopback", "127.0.0.1:8081", testToken, "/api/status", nil, yes},
		{"loopback by name", "127.0.0.1:8081", testToken, "/api/status", []string{"Host", "localhost:8081"}, yes},
		{"loopback by IPv6", "[::1]:8081", testToken, "/api/status", []string{"Host", "[::1]:8081"}, yes},
		{"another user of this machine, without the token", "127.0.0.1:8081", testToken, "/api/status", []string{"Authorization", ""}, http.StatusUnauthorized},
		{"a foreign name that was pointed here", "127.0.0.1:8081", testToken, "/api/status", []string{"Host", "evil.example:8081"}, no},
		{"a foreign name that ends like ours", "127.0.0.1:8081", testToken, "/api/status", []string{"Host", "evil-localhost"}, no},
		{"no name at all", "127.0.0.1:8081", testToken, "/api/status", []string{"Host", ""}, no},
		{"the page under a foreign name", "127.0.0.1:8081", testToken, "/", []string{"Host", "evil.example"}, no},
		{"a name of ours", "127.0.0.1:8081", testToken, "/api/status", []string{"Host", "Headgate.Internal.example.:8081"}, yes},
		{"a page of ours", "127.0.0.1:8081", testToken, "/api/status", []string{"Origin", "http://127.0.0.1:8081"}, yes},
		{"a page of another port", "127.0.0.1:8081", testToken, "/api/status", []string{"Origin", "http://127.0.0.1:3000"}, no},
		{"a page of another site", "127.0.0.1:8081", testToken, "/api/status", []string{"Origin", "https://evil.example"}, no},
		{"a page in a sandbox", "127.0.0.1:8081", testToken, "/api/status", []string{"Origin", "null"}, no},
		{"two origins", "127.0.0.1:8081", testToken, "/api/status", []string{"Origin", "http://127.0.0.1:8081", "Origin", "https://evil.example"}, no},
		{"an image of another site", "127.0.0.1:8081", testToken, "/api/status", []string{"Sec-Fetch-Site", "cross-site"}, no},
		{"a link of another site to the page", "127.0.0.1:8081", testToken, "/", []string{"Sec-Fetch-Site", "cross-site"}, yes},
		{"back from the provider", "127.0.0.1:8081", testToken, "/api/sign-in/oidc/done", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusFound},
		{"an address that was typed", "127.0.0.1:8081", testToken, "/api/status", []string{"Sec-Fetch-Site", "none"}, yes},
		{"no token is set, and none comes", "127.0.0.1:8081", "", "/api/status", []string{"Authorization", ""}, http.StatusUnauthorized},
		{"no token is set, and an empty one comes", "127.0.0.1:8081", "", "/api/status", []string{"Authorization", "Bearer "}, http.StatusUnauthorized},
		{"no token is set, metrics", ":8081", "", "/metrics", nil, http.StatusUnauthorized},
		{"without the token", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", ""}, http.StatusUnauthorized},
		{"metrics without the token", "0.0.0.0:8081", "s3cret", "/metrics", []string{"Authorization", ""}, http.StatusUnauthorized},
		{"with the token", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", "Bearer s3cret"}, yes},
		{"with another token", "0.0.0.0:8081", "s3cret", "/api/status", nil, http.StatusUnauthorized},
		{"with the token, scheme in small letters", "0.0.0.0:8081", "s3cret", "/metrics", []string{"Authorization", "bearer  s3cret"}, yes},
		{"with a part of the token", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", "Bearer s3cre"}, http.StatusUnauthorized},
		{"with an empty token", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", "Bearer "}, http.StatusUnauthorized},
		{"with the token as a password", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", "Basic s3cret"}, http.StatusUnauthorized},
		{"with the token under a foreign name", "0.0.0.0:8081", "s3cret", "/api/status", []string{"Authorization", "Bearer s3cret", "Host", "evil.example"}, no},
		{"what is not there, without the token", "0.0.0.0:8081", "s3cret", "/api/nothing", []string{"Authorization", ""}, http.StatusUnauthorized},
		{"the page without the token", "0.0.0.0:8081", "s3cret", "/", []string{"Authorization", ""}, yes},
		{"a probe without anything", "0.0.0.0:8081", "s3cret", "/healthz", []string{"Host", "10.1.2.3.evil.example", "Authorization", ""}, yes},
		{"a probe for readiness", "0.0.0.0:8081", "", "/readyz", []string{"Authorization", ""}, yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := console.Handler(newMemory(), newMemory(), console.Options{Listen: c.listen, Token: c.token, Hosts: []string{"headgate.internal.example"}, Trail: trail(t, new(book))})
			w := ask(t, h, "GET", c.path, "", c.headers...)
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if w.Code >= 400 && w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("the refusal is no JSON but %s", w.Header().Get("Content-Type"))
			}
			if got := w.Header().Get("WWW-Authenticate"); (w.Code == http.StatusUnauthorized) != (got != "") {
				t.Errorf("WWW-Authenticate %q at %d", got, w.Code)
			}
		})
	}
}

func TestStatusAddsUpAndHasItsShape(t *testing.T) {
	run(t, handler(newMemory()), []exchange{{"status", "GET", "/api/status", "", 200, `{"config":{"hash":"c0ffee","loaded_at":"2026-11-22T12:00:00Z","error":"","warnings":["consent is only monitored"]},` +
		`"accepted":10,"queue":{"bytes":4096,"oldest":"2026-11-22T12:00:00Z","pending":3},"suppression":{"subjects":0},"destinations":{` +
		`"archive":{"state":"halted","delivered":8,"redacted":0,"filtered":0,"denied":0,"rejected":0,"pending":2,"retrying":1,"lag_seconds":1.5,"last_error":"no right to write","misfit_values":2,"added_columns":1},` +
		`"meta":{"state":"running","delivered":4,"redacted":1,"filtered":1,"denied":1,"rejected":3,"pending":1,"retrying":0,"lag_seconds":0,"last_error":""}}}`, "", ""}})
}

func TestHealthIsTheLogsHealth(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"healthy", "GET", "/healthz", "", 200, `{"status":"ok"}`, "", ""},
		{"ready", "GET", "/readyz", "", 200, `{"status":"ok"}`, "", ""},
	})
	m := newMemory()
	m.sick = errors.New("the disk is full")
	run(t, handler(m), []exchange{
		{"not healthy", "GET", "/healthz", "", 503, `{"error":"the disk is full"}`, "", ""},
		{"not ready", "GET", "/readyz", "", 503, `{"error":"the disk is full"}`, "", ""},
		{"no status", "GET", "/api/status", "", 500, `{"error":"the disk is full"}`, "", ""},
		{"no metrics that lie", "GET", "/metrics", "", 500, "~the disk is full", "", ""},
	})
}

func TestWhatIsNotThereSaysSo(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"nowhere", "GET", "/api/nothing", "", 404, `{"error":"nothing is here: /api/nothing"}`, "", ""},
		{"another method", "GET", "/api/reload", "", 405, `{"error":"GET is not for /api/reload, but POST"}`, "", "Allow: POST"},
		{"two other methods", "DELETE", "/api/config", "", 405, `~GET or PUT`, "", "Allow: GET, PUT"},
	})
}

func TestMetricsEqualTheStatus(t *testing.T) {
	hits := prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_test_total", Help: "A counter of somebody else."})
	hits.Add(7)
	h := console.Handler(newMemory(), newMemory(), console.Options{Listen: "localhost:8081", Token: testToken, Collectors: []prometheus.Collector{hits}})
	text := ask(t, h, "GET", "/metrics", "").Body.String()
	for _, line := range []string{
		"headgate_events_accepted_total 10",
		`headgate_destination_events{destination="meta",state="delivered"} 4`,
		`headgate_destination_events{destination="meta",state="rejected"} 3`,
		`headgate_destination_events{destination="archive",state="pending"} 2`,
		`headgate_destination_state{destination="archive",state="halted"} 1`,
		`headgate_destination_state{destination="archive",state="running"} 0`,
		`headgate_destination_lag_seconds{destination="archive"} 1.5`,
		`headgate_destination_misfit_values{destination="archive"} 2`,
		`headgate_destination_added_columns{destination="archive"} 1`,
		`headgate_queue_bytes 4096`, `headgate_queue_damaged 0`, `headgate_config_error 0`,
		`headgate_config_loaded_timestamp_seconds{hash="c0ffee"} 1.7953488e+09`,
		"headgate_test_total 7", "go_goroutines ",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
}

func TestExplainTakesASampleAnEventOrAHit(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{
		{"a sample", "POST", "/api/explain", `{"sample":"purchase"}`, 200, `~[{"event":{"id":"s1","name":"purchase"},"received":null,"source":"ga4","consent":{"region"`, "", ""},
		{"nothing is escaped as in HTML", "POST", "/api/explain", `{"sample":"purchase"}`, 200, `~ads: denied by <gcs>`, "", ""},
		{"an event", "POST", "/api/explain", `{"event":{"id":"x1","name":"sign_up"}}`, 200, `~"id":"x1"`, "", ""},
		{"a hit with no event in it", "POST", "/api/explain", `{"hit":{"method":"post","url":"/g/collect?v=2&en=page_view","headers":{"User-Agent":"Mozilla/5.0","Cookie":"a=\"1\"","Host":"t.shop.example"},"body":"en=scroll","from":"203.0.113.9"}}`, 200, `[]`, "", ""},
		{"no such sample", "POST", "/api/explain", `{"sample":"prchase"}`, 400, `{"error":"no sample \"prchase\""}`, "", ""},
		{"nothing", "POST", "/api/explain", `{}`, 400, `{"error":"ask about one of sample, event, hit and id"}`, "", ""},
		{"two things", "POST", "/api/explain", `{"sample":"purchase","hit":{"url":"/e"}}`, 400, `{"error":"ask about one of sample, event, hit and id"}`, "", ""},
		{"two other things", "POST", "/api/explain", `{"sample":"purchase","event":{"name":"x"}}`, 400, `{"error":"ask about one of sample, event, hit and id"}`, "", ""},
		{"a typing error", "POST", "/api/explain", `{"smaple":"purchase"}`, 400, `~unknown field`, "", ""},
		{"a field that events do not have", "POST", "/api/explain", `{"event":{"nmae":"x"}}`, 400, `~nmae`, "", ""},
		{"no JSON", "POST", "/api/explain", `sample=purchase`, 400, `~not the JSON that was expected`, "", ""},
		{"more than one value", "POST", "/api/explain", `{"sample":"purchase"}{}`, 400, `~more than one JSON value`, "", ""},
		{"a hit without an address", "POST", "/api/explain", `{"hit":{"method":"GET"}}`, 400, `~hit.url`, "", ""},
		{"a hit from nowhere", "POST", "/api/explain", `{"hit":{"url":"/e","from":"here"}}`, 400, `~hit.from`, "", ""},
		{"too long a body", "POST", "/api/explain", `{"sample":"` + strings.Repeat("x", 9<<20) + `"}`, 413, `{"error":"the body is too large"}`, "", ""},
	})
}

func TestAHitReachesTheServiceAsTheListenerWouldReadIt(t *testing.T) {
	m := newMemory()
	ask(t, handler(m), "POST", "/api/explain", `{"hit":{"method":"post","url":"https://t.shop.example/g/collect?v=2&dl=%2Fa","headers":{"X-B":"2","User-Agent":"Mozilla/5.0","cookie":"a=\"1\""},"body_base64":"H4sI","from":"203.0.113.9"}}`)
	h := m.asked.Hit
	if h == nil {
		t.Fatal("no hit was asked about")
	}
	switch {
	case h.Method != "POST", h.Scheme != "https", h.Host != "t.shop.example", h.Path != "/g/collect", h.Query != "v=2&dl=%2Fa":
		t.Errorf("line %s %s %s %s %s", h.Method, h.Scheme, h.Host, h.Path, h.Query)
	case h.Cookie != `a="1"`, len(h.Headers) != 2, h.Headers.Get("user-agent") != "Mozilla/5.0":
		t.Errorf("headers %v, cookie %s", h.Headers, h.Cookie)
	case string(h.Body) != "\x1f\x8b\x08", h.Address.String() != "203.0.113.9", !h.Received.Equal(noon):
		t.Errorf("body %q, address %v, received %v", h.Body, h.Address, h.Received)
	}
}

func TestStoredEventsAreFoundByTheirID(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"there", "GET", "/api/events/e%2F1", "", 200, `~[{"event":{"id":"e/1"`, "", ""},
		{"as text", "GET", "/api/events/e%2F1", "", 200, "~purchase  e/1", "Accept: text/plain", "Content-Type: text/plain; charset=utf-8"},
		{"not there", "GET", "/api/events/e2", "", 404, `{"error":"not found"}`, "", ""},
	})
}

func TestReloadAndItsMistakes(t *testing.T) {
	m := newMemory()
	run(t, handler(m), []exchange{{"good", "POST", "/api/reload", "", 200, `{"hash":"c0ffee2","loaded_at":"2026-11-22T12:00:00Z","error":"","warnings":["consent is only monitored"]}`, "", ""}})
	m.files[0].Text = []byte("a mistake")
	run(t, handler(m), []exchange{{"bad", "POST", "/api/reload", "", 422,
		`{"error":"headgate.yaml:3:5: unknown key \"lisen\"; did you mean \"listen\"?","mistakes":[{"file":"headgate.yaml","line":3,"column":5,"fact":"unknown key \"lisen\"","cure":"did you mean \"listen\"?"}]}`, "", ""}})
}

func TestTheConfigurationIsNeverOverwrittenUnseen(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"read", "GET", "/api/config", "", 200, `listen: ":8080"`, "", `ETag: "v29"`},
		{"read again unchanged", "GET", "/api/config", "", 304, "", `If-None-Match: "v29"`, `ETag: "v29"`},
		{"write without having read", "PUT", "/api/config", "listen: \":80\"", 428, `~If-Match is missing`, "", ""},
		{"write what was changed meanwhile", "PUT", "/api/config", "listen: \":80\"", 412, `~changed meanwhile`, `If-Match: "v7"`, ""},
		{"write a mistake", "PUT", "/api/config", "a mistake", 422, `~"mistakes":[{"file":"headgate.yaml","line":3`, `If-Match: "v29"`, ""},
		{"a mistake changes nothing", "GET", "/api/config", "", 200, `listen: ":8080"`, "", `ETag: "v29"`},
		{"write", "PUT", "/api/config", "listen: \":80\"", 200, `~"hash":"c0ffee"`, `If-Match: W/"v1", "v29"`, `ETag: "v26"`},
		{"it is written", "GET", "/api/config", "", 200, `listen: ":80"`, "", ""},
		{"write whatever is there", "PUT", "/api/config", "listen: \":9000\"", 200, `~"hash"`, `If-Match: *`, `ETag: "v28"`},
		{"too long", "PUT", "/api/config", strings.Repeat("#", 1<<20+1), 413, `~too large`, `If-Match: *`, ""},
	})
}

func TestAConfigurationOfSeveralFilesIsEditedOneByOne(t *testing.T) {
	m := newMemory()
	m.files = []edit.File{{Name: "main.yaml", Text: []byte("data: x")}, {Name: "rules/a.yaml", Text: []byte("rules: []")}}
	run(t, handler(m), []exchange{
		{"their names", "GET", "/api/config", "", 200, `{"files":["main.yaml","rules/a.yaml"]}`, "", `ETag: "v37"`},
		{"one of them", "GET", "/api/config?file=rules/a.yaml", "", 200, `rules: []`, "", "Content-Type: application/yaml"},
		{"none of them", "GET", "/api/config?file=b.yaml", "", 404, `{"error":"no file \"b.yaml\"; there are main.yaml, rules/a.yaml"}`, "", ""},
		{"write none of them", "PUT", "/api/config", "x", 404, `{"error":"say which file: file=main.yaml or file=rules/a.yaml"}`, "If-Match: *", ""},
		{"write outside of the folder", "PUT", "/api/config?file=../a.yaml", "x", 404, `~no file`, "If-Match: *", ""},
		{"write one", "PUT", "/api/config?file=main.yaml", "data: y2", 200, `~"hash"`, `If-Match: "v37"`, `ETag: "v38"`},
	})
	m.files = nil
	run(t, handler(m), []exchange{
		{"no file at all", "GET", "/api/config", "", 200, `{"files":[]}`, "", ""},
		{"nothing to write", "PUT", "/api/config", "x", 404, `~runs without a configuration file`, "If-Match: *", ""},
	})
}

func TestADestinationIsPausedAndResumed(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"pause", "POST", "/api/destinations/meta/pause", "", 200, `~{"state":"paused","delivered":4,`, "", ""},
		{"resume", "POST", "/api/destinations/archive/resume", "", 200, `~{"state":"running","delivered":8,`, "", ""},
		{"nobody", "POST", "/api/destinations/mta/pause", "", 404, `{"error":"not found"}`, "", ""},
		{"nothing else", "POST", "/api/destinations/meta/explode", "", 404, `~nothing is here`, "", ""},
	})
}

func TestARemovedDestinationIsForgotten(t *testing.T) {
	m := newMemory()
	m.account.Orphans = map[string]status.Orphan{"old": {Pending: 4, Retrying: 1, DeadLetters: 2, LagSeconds: 90}}
	run(t, handler(m), []exchange{
		{"it is shown", "GET", "/api/status", "", 200, `~"orphans":{"old":{"pending":4,"retrying":1,"dead_letters":2,"lag_seconds":90}}`, "", ""},
		{"one that is in force", "DELETE", "/api/orphans/meta", "", 409, `{"error":"forget meta: the destination is in force: take it out of the configuration first"}`, "", ""},
		{"it is forgotten", "DELETE", "/api/orphans/old", "", 200, `{"pending":4,"retrying":1,"dead_letters":2,"lag_seconds":90}`, "", ""},
		{"it is gone", "DELETE", "/api/orphans/old", "", 404, `{"error":"not found"}`, "", ""},
	})
}

// piped is a ResponseWriter whose body is read as it is written.
type piped struct {
	w      io.Writer
	header http.Header
}

func (p *piped) Header() http.Header         { return p.header }
func (p *piped) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p *piped) WriteHeader(int)             {}
func (p *piped) FlushError() error           { return nil }

func TestThePagesLoadNothingFromElsewhere(t *testing.T) {
	h := handler(newMemory())
	for _, address := range web.Addresses() {
		path := strings.NewReplacer("{$}", "", "{id}", "e-1", "{name}", "meta").Replace(address)
		w := ask(t, h, "GET", path, "")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if strings.Contains(w.Body.String(), "://") {
			t.Errorf("%s names another site", path)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'self';") || strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s has no policy, or a weak one", path)
		}
	}
}

func FuzzExplain(f *testing.F) {
	for _, body := range []string{`{"sample":"purchase"}`, `{"event":{"name":"x","items":[{"price":1}]}}`, `{"hit":{"url":"http://[::1","headers":{"":""},"from":"::"}}`, `{"hit":{"url":"%zz"}}`, `[`, `null`} {
		f.Add(body)
	}
	h := handler(newMemory())
	f.Fuzz(func(t *testing.T, body string) {
		w := ask(t, h, "POST", "/api/explain", body)
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func FuzzPick(f *testing.F) {
	for _, query := range []string{"limit=1", "since=2h&id=a&id=b", "since=99999999y", "a=%zz", "where=name"} {
		f.Add(query)
	}
	h := handler(newMemory())
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsAny(query, " \r\n\t#") || strings.ContainsFunc(query, func(r rune) bool { return r < ' ' || r == 127 }) {
			return
		}
		w := ask(t, h, "GET", "/api/dead?"+query, "")
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
