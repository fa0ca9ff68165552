package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"headgate/commands"
	"headgate/proxy"
)

// asHeadgate makes the test binary run as headgate: the real program, in a process of its own that can be killed.
const asHeadgate = "HEADGATE_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asHeadgate) != "" {
		os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"headgate": func() { os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// process is a running Headgate with its configuration in a folder.
type process struct {
	t      *testing.T
	folder string
	public string // http://127.0.0.1:port
	admin  string
	cmd    *exec.Cmd
	output *bytes.Buffer
	ended  chan error
}

// newProcess writes a configuration; %PUBLIC% and %ADMIN% in it become free addresses, %DATA% a folder.
func newProcess(t *testing.T, config string) *process {
	t.Helper()
	p := &process{t: t, folder: t.TempDir()}
	public, admin := freeAddress(t), freeAddress(t)
	p.public, p.admin = "http://"+public, "http://"+admin
	config = strings.NewReplacer("%PUBLIC%", public, "%ADMIN%", admin, "%DATA%", filepath.Join(p.folder, "data")).Replace(config)
	p.write(config)
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
		if t.Failed() {
			t.Logf("what the process said:\n%s", p.output)
		}
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

func (p *process) path() string { return filepath.Join(p.folder, "headgate.yaml") }

func (p *process) write(config string) {
	p.t.Helper()
	if err := os.WriteFile(p.path(), []byte(config), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// start starts the process and waits until it accepts.
func (p *process) start() {
	p.t.Helper()
	if p.output == nil {
		p.output = new(bytes.Buffer)
	}
	p.cmd = exec.Command(os.Args[0], "serve", "--config", p.path())
	p.cmd.Env = append(os.Environ(), asHeadgate+"=1")
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(p.cmd, p.ended)
	p.until("accepts", func() bool {
		resp, err := http.Get(p.public + "/healthz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// until waits for a condition that another process brings about.
func (p *process) until(what string, holds func() bool) {
	p.t.Helper()
	limit := time.After(60 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-limit:
			p.t.Fatalf("waited in vain until it %s; it said:\n%s", what, p.output)
		case <-tick.C:
		}
	}
}

// kill ends the process as a power cut of the program would: SIGKILL.
func (p *process) kill() {
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	<-p.ended //nolint:errcheck // it was killed: that is what it says
	p.cmd = nil
}

// stop asks the process to end, and fails the test when it does not end well.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		p.t.Errorf("it ended badly: %v\n%s", err, p.output)
	}
	p.cmd = nil
}

// status is the answer of /api/status; the sums of every destination are checked each time.
func (p *process) status() proxy.Status {
	p.t.Helper()
	resp, err := http.Get(p.admin + "/api/status")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var s proxy.Status
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		p.t.Fatal(err)
	}
	for name, d := range s.Destinations {
		if sum := d.Delivered + d.Filtered + d.Denied + d.Rejected + d.Pending; sum != s.Accepted {
			p.t.Errorf("%s: accepted %d is not the sum %d of %+v", name, s.Accepted, sum, d)
		}
	}
	return s
}

// drained waits until nothing is pending at the destinations named.
func (p *process) drained(names ...string) proxy.Status {
	p.t.Helper()
	var s proxy.Status
	p.until("has delivered everything", func() bool {
		s = p.status()
		for _, name := range names {
			if s.Destinations[name].Pending > 0 {
				return false
			}
		}
		return true
	})
	return s
}

// ask sends a request to the admin side and fails the test when it refuses.
func (p *process) ask(method, path string) {
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
	if resp.StatusCode >= 300 {
		said, _ := io.ReadAll(resp.Body)
		p.t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, said)
	}
}

// vendor is a webhook's other end: it notes which events came, and how often.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	came   map[string]int
	asked  int // how often
	status int // 0: 200
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{came: map[string]int{}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was killed in the middle: nothing came
		}
		var events []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &events); err != nil {
			t.Errorf("the vendor was sent %q: %v", body, err)
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.asked++
		if v.status != 0 {
			w.WriteHeader(v.status)
			return
		}
		for _, e := range events {
			v.came[e.ID]++
		}
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) answer(status int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status = status
}

// tries counts requests, refused ones too.
func (v *vendor) tries() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked
}

// missing lists ids that never came, and counts those that came more than once.
func (v *vendor) missing(ids []string) (missing []string, duplicates int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		switch n := v.came[id]; {
		case n == 0:
			missing = append(missing, id)
		case n > 1:
			duplicates += n - 1
		}
	}
	return missing, duplicates
}

// load posts events from several clients until it is stopped, and knows which of them were answered with success.
type load struct {
	mu       sync.Mutex
	answered []string
	statuses map[int]int
	broken   int // requests without an answer
	cancel   context.CancelFunc
	clients  sync.WaitGroup
}

func startLoad(t *testing.T, base string, clients int) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{statuses: map[int]int{}, cancel: cancel}
	run := time.Now().UnixNano()
	for c := range clients {
		l.clients.Go(func() {
			client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%x-%d-%d", run, c, i)
				l.post(client, base, id)
			}
		})
	}
	t.Cleanup(func() { cancel(); l.clients.Wait() })
	return l
}

func (l *load) post(client *http.Client, base, id string) {
	resp, err := client.Post(base+"/e", "application/json", strings.NewReader(`{"name":"purchase","id":"`+id+`","params":{"value":1}}`))
	if err != nil || resp.StatusCode >= 500 {
		<-time.After(5 * time.Millisecond) // as a client does that is refused
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.broken++
		return
	}
	_ = resp.Body.Close()
	l.statuses[resp.StatusCode]++
	if resp.StatusCode < 300 {
		l.answered = append(l.answered, id)
	}
}

// count returns how many requests were answered with success so far.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered)
}

// stop ends the load and returns the ids of the answered events.
func (l *load) stop() []string {
	l.cancel()
	l.clients.Wait()
	return l.answered
}
