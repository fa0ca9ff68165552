// Package hostile_test attacks the running program over raw sockets. What each request is answered is in
// testdata/answers.txt: none may end the process, cost much memory or bring an event in that its sender may not send.
package hostile_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/tests/trial"
)

var update = flag.Bool("update", false, "write what is answered into testdata")

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

const config = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
sites: {shop: {hosts: [t.shop.example], origins: ["https://www.shop.example"]}}
limits: {per_address: 0, volume_per_address: 0, connections_per_address: 0}
egress: {allow: [127.0.0.0/8]}
enrich: {bots: keep, address: keep, geo: {headers: cloudflare}}
sources:
  events: {keys: [right]}
  ga4: {}
  mp: {secrets: [right]}
  pixel: {}
  segment: {keys: [right]}
  rudderstack: {path: /rudder, keys: [right]}
  jitsu: {path: /, keys: ["right:key"]}
  snowplow: {}
  posthog: {path: /ph, keys: [right]}
  amplitude: {path: /amplitude, keys: [right]}
  mixpanel: {path: /mixpanel, keys: [right]}
  matomo: {}
  plausible: {}
  umami: {}
  meta_pixel: {}
  walkeros: {}
  cloudevents: {keys: [right]}
  data_client: {}
destinations:
  sink:
    use: webhook
    settings: {url: "%SINK%"}
    delivery: {wait: 10ms}
    consent: {needs: none, reason: the test's own}
`

// attack is what is sent on a connection of its own.
type attack struct{ name, bytes string }

// groups are all attacks, in the order of the table.
var groups = []struct {
	name string
	make func() []attack
}{
	{"smuggling", smuggling}, {"chunks", chunks}, {"request lines and headers", lines}, {"slow clients", slow},
	{"bodies", attacked}, {"keys", keyless}, {"origins", foreign}, {"addresses", spoofed}, {"replays", replayed},
}

const answersFile = "testdata/answers.txt"

func TestHostileRequestsAreAnsweredAsDocumented(t *testing.T) {
	var mu sync.Mutex
	var arrived []string
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was stopped in the middle
		}
		mu.Lock()
		defer mu.Unlock()
		arrived = append(arrived, string(text))
	}))
	t.Cleanup(sink.Close)
	p := trial.New(t, strings.ReplaceAll(config, "%SINK%", sink.URL))
	p.Start()
	before := peak(t, p)
	table, n := attackAll(t, strings.TrimPrefix(p.Public, "http://"))
	if n < 300 {
		t.Errorf("only %d requests", n)
	}
	compare(t, table)
	p.Drained()
	if grown := (peak(t, p) - before) >> 20; grown > mostMemory {
		t.Errorf("%d MiB more memory than at the start, at most %d expected", grown, mostMemory)
	}
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(arrived, "\n")
	for _, never := range []string{"forged", "198.51.100.66", "evil.example", `"KP"`} {
		if i := strings.Index(all, never); i >= 0 {
			t.Errorf("%s arrived: %s", never, all[max(0, i-300):min(len(all), i+100)])
		}
	}
	if n := strings.Count(all, `"once-only"`); n != 1 {
		t.Errorf("a replayed event arrived %d times", n)
	}
	if n := strings.Count(all, `"spoofed"`); n != len(spoofed()) {
		t.Errorf("%d events with spoofed addresses arrived, want %d without them", n, len(spoofed()))
	}
}

// mostMemory is in MiB: the budget for what is being read, a batch, and what the collector leaves.
const mostMemory = 160

// attackAll sends everything, many at the same time, and returns the table of the answers.
func attackAll(t *testing.T, address string) (table string, n int) {
	lists, answers := make([][]attack, len(groups)), make([][]string, len(groups))
	next := make(chan [2]int)
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			for at := range next {
				group, i := at[0], at[1]
				answers[group][i] = persist(t, address, lists[group][i], groups[group].name == "slow clients")
			}
		})
	}
	for g := range groups {
		lists[g] = groups[g].make()
		answers[g] = make([]string, len(lists[g]))
	}
	for g := range groups {
		for i := range lists[g] {
			next <- [2]int{g, i}
		}
	}
	close(next)
	all.Wait()
	var b strings.Builder
	for g := range groups {
		fmt.Fprintf(&b, "%s\n", groups[g].name)
		for i, a := range lists[g] {
			fmt.Fprintf(&b, "  %-9s %s\n", answers[g][i], a.name)
		}
		n += len(lists[g])
	}
	return b.String(), n
}

// persist sends again what is answered 503: all requests together have a budget of memory, and wait for each other.
func persist(t *testing.T, address string, a attack, slow bool) (answer string) {
	for range 3000 {
		if answer = send(t, address, a, slow); !strings.Contains(answer, "503") {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	return answer
}

// probe follows each attack on its connection: its answer shows that the connection was still in step.
const probe = "GET /healthz HTTP/1.1\r\nHost: t.shop.example\r\nConnection: close\r\n\r\n"

// send returns the statuses of the answers until the connection is closed: "400" when it was closed with that, "204 200" when
// the probe was answered, too, and "closed" without any.
func send(t *testing.T, address string, a attack, slow bool) string {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Errorf("%s: %v", a.name, err)
		return "refused"
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	text := a.bytes
	if !slow {
		text += probe
	}
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		_, _ = io.WriteString(c, text) // the answer may come before all is sent
	}()
	statuses := []string{}
	for r := bufio.NewReader(c); ; {
		resp, err := http.ReadResponse(r, nil)
		var waited net.Error
		if errors.As(err, &waited) && waited.Timeout() {
			t.Errorf("%s: neither answered nor closed", a.name)
		}
		if err != nil {
			break
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode >= 500 && resp.StatusCode != 503 {
			t.Errorf("%s: %d", a.name, resp.StatusCode)
		}
		if resp.StatusCode != http.StatusContinue {
			statuses = append(statuses, strconv.Itoa(resp.StatusCode))
		}
	}
	_ = c.Close()
	<-wrote
	if len(statuses) == 0 {
		return "closed"
	}
	return strings.Join(statuses, " ")
}

func compare(t *testing.T, table string) {
	t.Helper()
	const head = `# What hostile requests are answered. Each is followed by GET /healthz on the same connection: "400" means that it was closed with
# the answer, "204 200" that it went on in step. Written by go test ./tests/hostile -update; how each is sent is in the tests.
`
	want, err := os.ReadFile(answersFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(answersFile, []byte(head+table), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, documented := strings.Split(head+table, "\n"), strings.Split(string(want), "\n")
	for _, line := range got {
		if !slices.Contains(documented, line) {
			t.Errorf("not documented in %s: %s", answersFile, line)
		}
	}
	if len(got) != len(documented) {
		t.Errorf("%d lines, %s has %d", len(got), answersFile, len(documented))
	}
}

// peak is the most memory that a process has had, in bytes.
func peak(t *testing.T, p *trial.Process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
