// Package vendors_test holds a strict fake of each vendor, written from the vendor's documentation and not from our files,
// and drives them all with the running program: what is taken, what is refused, and in which words. It knows no secret and
// talks to nobody but itself.
package vendors_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"headgate/commands"
	"headgate/event"
	"headgate/event/samples"
	"headgate/proxy"
)

// asHeadgate makes the test binary run as headgate: the real program, in a process of its own.
const asHeadgate = "HEADGATE_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asHeadgate) != "" {
		os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// trusted is the write key whose senders are believed when they state a visitor's address.
const trusted = "secret-of-the-shop"

// around is the configuration but for its destinations.
const around = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0}
egress: {allow: [127.0.0.0/8]}
sources: {events: {path: /e, server_keys: ["${TRUSTED}"]}}
destinations:
`

// process is a running Headgate.
type process struct {
	t      *testing.T
	public string
	admin  string
	cmd    *exec.Cmd
	output *bytes.Buffer
}

// start starts the program with these destinations, each entry on lines of its own, and waits until it accepts.
func start(t *testing.T, destinations string) *process {
	t.Helper()
	folder, public, admin := t.TempDir(), freeAddress(t), freeAddress(t)
	p := &process{t: t, public: "http://" + public, admin: "http://" + admin, output: new(bytes.Buffer)}
	config := strings.NewReplacer("%PUBLIC%", public, "%ADMIN%", admin, "%DATA%", filepath.Join(folder, "data")).Replace(around + destinations)
	file := filepath.Join(folder, "headgate.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(os.Args[0], "serve", "--config", file)
	p.cmd.Env = append(os.Environ(), asHeadgate+"=1", "SECRET=secret", "TRUSTED="+trusted)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("what the process said:\n%s", p.output)
		}
	})
	p.until("accepts", func() bool {
		select {
		case <-ended:
			t.Fatalf("it ended: %s", p.output)
		default:
		}
		resp, err := http.Get(p.public + "/healthz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// until waits for a condition that another process brings about.
func (p *process) until(what string, holds func() bool) {
	p.t.Helper()
	limit := time.After(90 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-limit:
			p.t.Fatalf("waited in vain until it %s", what)
		case <-tick.C:
		}
	}
}

// ask sends a request to the admin side and reads the JSON of the answer into one of the caller's.
func (p *process) ask(method, path string, into any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.admin+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, said, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(said, into); err != nil {
		p.t.Fatal(err)
	}
}

// status is the answer of /api/status; the sums of every destination are checked each time.
func (p *process) status() proxy.Status {
	p.t.Helper()
	var s proxy.Status
	p.ask("GET", "/api/status", &s)
	for name, d := range s.Destinations {
		if sum := d.Delivered + d.Filtered + d.Denied + d.Rejected + d.Pending; sum != s.Accepted {
			p.t.Errorf("%s: accepted %d is not the sum %d of %+v", name, s.Accepted, sum, d)
		}
	}
	return s
}

// dead are the words that were kept of a destination's dead letters, by event id.
func (p *process) dead(destination string) map[string]string {
	p.t.Helper()
	var page struct {
		Dead []struct {
			ID  string `json:"event_id"`
			Why string `json:"why"`
		} `json:"dead"`
	}
	p.ask("GET", "/api/dead?limit=1000&destination="+url.QueryEscape(destination), &page)
	words := map[string]string{}
	for _, letter := range page.Dead {
		words[letter.ID] = letter.Why
	}
	return words
}

// post sends events as a server of the shop does; all of them must be accepted.
func (p *process) post(events []*event.Event) {
	p.t.Helper()
	body := []byte{'['}
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = e.AppendJSON(body)
	}
	resp, err := http.Post(p.public+"/e?k="+trusted, "application/json", bytes.NewReader(append(body, ']')))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	var answer struct {
		Accepted int `json:"accepted"`
	}
	if err != nil || json.Unmarshal(said, &answer) != nil || answer.Accepted != len(events) {
		p.t.Fatalf("of %d events were taken: %d %s %v", len(events), resp.StatusCode, said, err)
	}
}

// sample is an event of the samples that happens now, with an id by which all vendors' rows can be told apart.
func sample(t *testing.T, name, id string) *event.Event {
	t.Helper()
	e, ok := samples.Get(name)
	if !ok {
		t.Fatalf("no sample %s", name)
	}
	samples.Move(e, time.Now().Add(-time.Second))
	e.ID, e.Received, e.Source, e.Site = id, time.Time{}, "", "" // the rest is not the sender's to say
	if e.Params.Get("transaction_id").Text() != "" {
		e.Params.Set("transaction_id", event.String(id))
	}
	e.Params.Set("ref", event.String(id))
	return e
}
