package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// measured logs how long what people wait for takes. Nothing fails by it: the goals are those of `docs/console.md`.
func (s *shop) measured(n int) {
	s.t.Helper()
	text, err := os.ReadFile(s.process.Path())
	if err != nil {
		s.t.Fatal(err)
	}
	files := map[string]any{"files": map[string]string{"headgate.yaml": string(text)}}
	for _, q := range []struct {
		what, method, path string
		body               any
	}{
		{"an exact id, the newest 50", "GET", fmt.Sprintf("/api/search?q=many-%d&limit=50", n/2), nil},
		{"a client id", "GET", fmt.Sprintf("/api/search?q=%d.1793265120", 2_000_000_000+n/20), nil},
		{"a filter over the last hour", "GET", "/api/search?destination=stats&state=delivered&since=1h&limit=50", nil},
		{"a check of the configuration", "POST", "/api/check", files},
		{"10,000 events through two configurations", "POST", "/api/diff", map[string]any{"files": files["files"], "since": "24h", "sample": 10_000}},
		{"the overview of insight", "GET", "/api/insight/overview?site=shop", nil},
		{"the status", "GET", "/api/status", nil},
	} {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			s.asked(q.method, q.path, q.body)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		s.t.Logf("%-42s %8v, the slowest of five %v", q.what, took[2].Round(time.Millisecond), took[4].Round(time.Millisecond))
	}
	s.painted()
	s.flooded()
}

// painted logs when the overview shows something, to a person with an empty browser and to one who was here before.
func (s *shop) painted() {
	s.t.Helper()
	s.arrive(1400, 900, false)
	s.signIn()
	var empty, known []float64
	for range 5 {
		s.ask(map[string]any{"do": "empty"}, nil)
		for _, list := range []*[]float64{&empty, &known} {
			s.goTo("/", "This machine")
			var at float64
			s.ask(map[string]any{"do": "painted"}, &at)
			*list = append(*list, at)
		}
	}
	slices.Sort(empty)
	slices.Sort(known)
	s.t.Logf("%-42s %5.0f ms, the slowest of five %.0f ms", "the overview's first paint, empty browser", empty[2], empty[4])
	s.t.Logf("%-42s %5.0f ms, the slowest of five %.0f ms", "the overview's first paint, once more", known[2], known[4])
}

// The flood that a live view is watched under.
const (
	floodRate    = 2000 // hits a second
	floodFor     = 8    // seconds, each time
	floods       = 3    // with a live view, and as many without
	floodClients = 64
)

// flooded logs what a live view costs under many hits: a share of a core in the browser, and what it slows hits by, also where the
// browser is on another machine and takes nothing of this one. These times take turns, since other work slows hits by more.
func (s *shop) flooded() {
	s.t.Helper()
	var without, away, with flood
	for range floods {
		s.goTo("/audit", "sign_in")
		s.flood(&without)
		done := s.reads("/api/live?sampled=true")
		s.flood(&away)
		done()
		s.goTo("/live", "Showing every event")
		s.flood(&with)
	}
	s.t.Logf("the live view under %d hits a second: the browser takes %.1f %% of a core, the page's thread %.1f %%; without, %.1f %% and %.1f %%",
		floodRate, with.browser/floods*100, with.page/floods*100, without.browser/floods*100, without.page/floods*100)
	usual := without.half()
	s.t.Logf("without a live view half of the hits are answered within %v, and Headgate takes %v for each", usual.Round(time.Microsecond), without.each())
	for _, one := range []struct {
		where string
		of    *flood
	}{{"on another machine", &away}, {"on this one", &with}} {
		s.t.Logf("with a browser %s within %v, %+.1f %%, and %v", one.where, one.of.half().Round(time.Microsecond), (float64(one.of.half())/float64(usual)-1)*100, one.of.each())
	}
}

// reads reads an answer that does not end until it is told to stop.
func (s *shop) reads(path string) (stop func()) {
	s.t.Helper()
	resp := s.process.Send("GET", path, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, resp.Body) // it is closed below
	}()
	return func() {
		_ = resp.Body.Close()
		<-done
	}
}

// flood is what was measured of many hits.
type flood struct {
	took          []time.Duration
	spent         time.Duration // by Headgate, of a processor
	browser, page float64       // shares of a core
}

func (f *flood) half() time.Duration {
	slices.Sort(f.took)
	return f.took[len(f.took)/2]
}

func (f *flood) each() time.Duration {
	return (f.spent / time.Duration(len(f.took))).Round(time.Microsecond)
}

// flood sends hits at an even rate, whether they are answered in time or not, and has the browser measured meanwhile.
func (s *shop) flood(into *flood) {
	s.t.Helper()
	due := make(chan int, floodRate)
	var mu sync.Mutex
	var clients sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floodClients}}
	defer client.CloseIdleConnections()
	for range floodClients {
		clients.Go(func() {
			var took []time.Duration
			for n := range due {
				began := time.Now()
				s.hit(client, n)
				took = append(took, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			into.took = append(into.took, took...)
		})
	}
	before := s.spent()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(due)
		ticks := time.NewTicker(10 * time.Millisecond)
		defer ticks.Stop()
		began, sent := time.Now(), 0
		for at := range ticks.C {
			for ; sent < int(at.Sub(began).Seconds()*floodRate); sent++ {
				due <- sent
			}
			if sent >= floodFor*floodRate {
				return
			}
		}
	}()
	var work struct{ Browser, Page float64 }
	s.ask(map[string]any{"do": "works", "seconds": floodFor - 1}, &work)
	<-done
	clients.Wait()
	into.spent += s.spent() - before
	into.browser += work.Browser
	into.page += work.Page
}

// hit sends one page view.
func (s *shop) hit(client *http.Client, n int) {
	body := fmt.Appendf(nil, `{"name":"page_view","user":{"client_id":"%d.1793265120"},"page":{"url":"https://shop.example/product/%d"},"consent":{"analytics":true,"ads":false}}`,
		2_100_000_000+n/10, n%500)
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.process.Public+"/e", bytes.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Host = "t.shop.example"
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	resp, err := client.Do(r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		s.t.Errorf("%s: %s", resp.Status, text)
	}
}

// spent is the processor time that Headgate has taken: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (s *shop) spent() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Pid()))
	if err != nil {
		return 0 // no Linux: it is not measured
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // from the third on
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100
}

// asked asks the admin API as a command does.
func (s *shop) asked(method, path string, body any) {
	s.t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	resp := s.process.Send(method, path, content)
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode >= 300 {
		s.t.Errorf("%s %s: %s %s %v", method, path, resp.Status, text, err)
	}
}
