package sdks_test

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

// Every source is where its page in docs/senders has it, all in one process.
const config = `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0, connections_per_address: 0, age: 30d}
egress: {allow: [127.0.0.0/8]}
trusted_proxies: [127.0.0.0/8]
enrich: {bots: keep}
consent: {regions: {unknown: none}}
sources:
  events: {}
  pixel: {}
  segment: {path: /v1, keys: [WRITE_KEY]}
  rudderstack: {path: /rudder, keys: [WRITE_KEY]}
  jitsu: {path: /, keys: ["id:secret"]}
  snowplow: {}
  posthog: {path: /ph, keys: [POSTHOG_API_KEY]}
  amplitude: {path: /amplitude, keys: [AMPLITUDE_API_KEY]}
  mixpanel: {path: /mixpanel, keys: [MIXPANEL_TOKEN]}
  plausible: {}
  umami: {}
  walkeros: {path: /walkeros, data_item: true}
destinations:
  sink: {use: webhook, settings: {url: "%SINK%"}, delivery: {wait: 10ms}}
%MORE%
`

// shop is a site whose pages have every SDK, with its Headgate before a sink, and another Headgate whose log is full.
type shop struct {
	t       *testing.T
	process *trial.Process
	full    *trial.Process
	browser *browser
	front   *httptest.Server
	bundles string // the folder of the built scripts
	sink    *sink

	mu     sync.Mutex
	faults map[string]fault // by the host and the SDK
	failed map[string]int   // requests that met one, by the same
}

// fault is what happens to the requests of one page's SDK.
type fault string

const (
	busy fault = "busy" // they meet the Headgate that is full
	lost fault = "lost" // Headgate takes one of them, and its answer does not arrive
)

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, faults: map[string]fault{}, failed: map[string]int{}, bundles: t.TempDir(), sink: newSink(t)}
	s.browser = newBrowser(t)
	var building sync.WaitGroup
	building.Go(func() {
		if err := s.browser.ask(map[string]any{"do": "build", "into": s.bundles}, nil); err != nil {
			t.Error(err)
		}
	})
	s.process = trial.New(t, strings.NewReplacer("%SINK%", s.sink.URL, "%MORE%", "").Replace(config))
	s.process.Start()
	s.full = fullHeadgate(t)
	building.Wait()
	s.front = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.front.Close)
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// fullHeadgate has a log that can take nothing more: its destination never answers, and a small log is filled for that.
func fullHeadgate(t *testing.T) *trial.Process {
	t.Helper()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	config := strings.Replace(config, "delivery: {wait: 10ms}", "delivery: {wait: 10ms, timeout: 10m, at_once: 1}", 1)
	p := trial.New(t, strings.NewReplacer("%SINK%", silent.URL, "%MORE%", "queue: {max_bytes: 16MiB}").Replace(config))
	p.Start()
	for _, size := range []int{400 << 10, 40 << 10, 4 << 10, 1 << 10} {
		fill(t, p, size)
	}
	return p
}

// fill sends events of a size until the log has no room for them.
func fill(t *testing.T, p *trial.Process, size int) {
	t.Helper()
	body := `{"name":"fill","params":{"x":"` + strings.Repeat("x", size) + `"}}`
	for refused := 0; refused < 3; {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Public+"/e", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Cookie", knownVisitor)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusServiceUnavailable {
			refused++
		}
	}
}

// knownVisitor is the cookie of an earlier visit, for whom a log that is nearly full has still room.
const knownVisitor = "_hg=1.0195f3a2-8d7c-7b1e-9f64-5c1d00000000.1795300000"

// sdkOf returns which SDK a request to Headgate is of, by the paths in docs/senders.
func sdkOf(path string) string {
	for _, one := range sdks {
		if strings.HasPrefix(path, one.path) {
			return one.name
		}
	}
	return ""
}

// serve is the site: its pages and scripts, and Headgate at all other paths and under its own name.
func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.Host)
	if host == "www.shop.localhost" {
		switch folder, name := filepath.Split(r.URL.Path); {
		case strings.HasPrefix(folder, "/shop/"):
			s.page(w, r)
			return
		case folder == "/assets/", name == "script.js":
			http.ServeFile(w, r, filepath.Join(s.bundles, name))
			return
		}
	}
	place := host + " " + sdkOf(r.URL.Path)
	s.mu.Lock()
	fault := s.faults[place]
	if r.Method == http.MethodOptions {
		fault = ""
	}
	if fault != "" {
		s.failed[place]++
	}
	if fault == lost { // one answer: the browser sends again at once, as often as that fails
		delete(s.faults, place)
	}
	s.mu.Unlock()
	switch fault {
	case busy:
		s.passToFull(w, r)
	case lost:
		s.pass(s.process).ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		s.pass(s.process).ServeHTTP(w, r)
	}
}

// pass hands requests on to a Headgate.
func (s *shop) pass(to *trial.Process) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL.Scheme, p.Out.URL.Host = "http", strings.TrimPrefix(to.Public, "http://")
		p.Out.Host = p.In.Host
		p.SetXForwarded()
	}, ModifyResponse: func(resp *http.Response) error {
		r := resp.Request
		if resp.StatusCode >= 400 && to == s.process && !strings.HasPrefix(r.URL.Path, "/ph/static/") { // parts of PostHog that there are none of
			s.t.Errorf("%s %s was answered %d", r.Method, r.URL, resp.StatusCode)
		}
		return nil
	}, ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }} // the client has gone
}

// passToFull hands a request on to the Headgate that is full. Its log finds a little room now and then: that is filled first.
func (s *shop) passToFull(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	for {
		answer := httptest.NewRecorder()
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		s.pass(s.full).ServeHTTP(answer, again)
		if answer.Code == http.StatusServiceUnavailable {
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
			return
		}
		fill(s.t, s.full, 16)
	}
}

// page is /shop/<sdk>/<same|cross>/<run>: a page with an SDK that sends to its own host or to another one.
func (s *shop) page(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(r.URL.Path, "/")
	text, err := os.ReadFile("browser/page.html")
	if err != nil {
		s.t.Error(err)
	}
	_, port, _ := net.SplitHostPort(r.Host)
	headgate := "http://" + hosts[part[3]] + ":" + port
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = strings.NewReplacer("%SDK%", part[2], "%RUN%", strconv.Quote(part[4]), "%HEADGATE%", strconv.Quote(headgate)).WriteString(w, string(text))
}

// hosts are those that SDKs send to, by the kind of mount.
var hosts = map[string]string{"same": "www.shop.localhost", "cross": "t.shop.localhost"}

// url is an address of the site.
func (s *shop) url(path string) string {
	u, err := url.Parse(s.front.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return "http://www.shop.localhost:" + u.Port() + path
}

// have makes requests of an SDK meet a fault, "" for none.
func (s *shop) have(place string, f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[place], s.failed[place] = f, 0
}

func (s *shop) met(place string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed[place]
}
