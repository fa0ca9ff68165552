// Package trial runs the real program in a process of its own, for tests: it starts, is looked at, is killed or stopped, and
// starts again. No program imports it.
package trial

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"headgate/commands"
	"headgate/proxy/status"
)

// AsHeadgate makes a test binary run as headgate: it goes into its environment, and its TestMain calls BeHeadgate.
const AsHeadgate = asHeadgate + "=1"

const asHeadgate = "HEADGATE_TEST_RUN"

// BeHeadgate must come first in TestMain: in a process that was started as headgate it runs headgate and never returns.
func BeHeadgate() {
	if os.Getenv(asHeadgate) != "" {
		os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
}

// Process is a Headgate with its configuration in a folder of its own.
type Process struct {
	Folder string
	Public string // http://127.0.0.1:port
	Admin  string
	Env    []string      // in addition to the test's own: KEY=value
	Output *bytes.Buffer // what it has said; to be read when it has ended

	t     *testing.T
	cmd   *exec.Cmd  // nil while it does not run
	ended chan error // what it ended with
}

// New writes a configuration; %PUBLIC% and %ADMIN% in it become free addresses, %DATA% a folder. The process ends with the
// test at the latest, and a test that fails shows what it said.
func New(t *testing.T, config string) *Process {
	t.Helper()
	p := &Process{t: t, Folder: t.TempDir(), Output: new(bytes.Buffer)}
	public, admin := FreeAddress(t), FreeAddress(t)
	p.Public, p.Admin = "http://"+public, "http://"+admin
	p.Write(strings.NewReplacer("%PUBLIC%", public, "%ADMIN%", admin, "%DATA%", filepath.Join(p.Folder, "data")).Replace(config))
	t.Cleanup(func() {
		if p.cmd != nil {
			p.Kill()
		}
		if t.Failed() {
			t.Logf("what the process said:\n%s", p.Output)
		}
	})
	return p
}

// FreeAddress is 127.0.0.1 with a port that nobody listened on a moment ago. The port is none of those that systems give to
// connections and to listeners that ask for any, so that none of these takes it before the process does.
func FreeAddress(t *testing.T) string {
	t.Helper()
	const lowest, below = 10_000, 32_000
	for range 1000 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(below-lowest)))
		if _, used := given.LoadOrStore(address, true); used {
			continue
		}
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

var given sync.Map // addresses, which no other test of this binary gets

// Path is that of the configuration.
func (p *Process) Path() string { return filepath.Join(p.Folder, "headgate.yaml") }

// Write changes the configuration.
func (p *Process) Write(config string) {
	p.t.Helper()
	if err := os.WriteFile(p.Path(), []byte(config), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Start starts the process and waits until it accepts.
func (p *Process) Start() {
	p.t.Helper()
	p.run(exec.Command(os.Args[0], "serve", "--config", p.Path()))
}

// StartActivated starts the process as systemd does that holds its public socket, and waits until it accepts.
func (p *Process) StartActivated(l *net.TCPListener) {
	p.t.Helper()
	f, err := l.File()
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=headgate.socket exec "$0" serve --config "$1"`, os.Args[0], p.Path())
	cmd.ExtraFiles = []*os.File{f}
	p.run(cmd)
}

// TakeOver starts another process that takes over from the running one, and waits until that has ended and it accepts.
func (p *Process) TakeOver() {
	p.t.Helper()
	before, output := p.ended, p.Output
	p.Output = new(bytes.Buffer) // the one before still writes its own
	p.StartTakingOver()
	if err := <-before; err != nil {
		p.t.Errorf("the process before ended badly: %v\n%s", err, output)
	}
}

// StartTakingOver starts a process that takes over from one that runs, if any does, and waits until it or that accepts.
func (p *Process) StartTakingOver() {
	p.t.Helper()
	p.run(exec.Command(os.Args[0], "serve", "--take-over", "--config", p.Path()))
}

// run starts a process and waits until it, or one before it, accepts.
func (p *Process) run(cmd *exec.Cmd) {
	p.t.Helper()
	p.cmd = cmd
	p.cmd.Env = append(append(os.Environ(), AsHeadgate), p.Env...)
	p.cmd.Stdout, p.cmd.Stderr = p.Output, p.Output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(p.cmd, p.ended)
	p.Until("accepts", func() bool {
		resp, err := http.Get(p.Public + "/healthz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// Until waits for a condition that a running process brings about, for 90 seconds at most.
func (p *Process) Until(what string, holds func() bool) {
	p.t.Helper()
	limit := time.After(90 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case err := <-p.ended:
			p.cmd = nil
			p.t.Fatalf("it ended before it %s: %v", what, err)
		case <-limit:
			p.t.Fatal("waited in vain until it " + what)
		case <-tick.C:
		}
	}
}

// Kill ends the process as a power cut of the program would: SIGKILL.
func (p *Process) Kill() {
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	<-p.ended //nolint:errcheck // it was killed: that is what it says
	p.cmd = nil
}

// Stop asks the process to end, and fails the test when it does not end well.
func (p *Process) Stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	if err := <-p.ended; err != nil {
		p.t.Errorf("it ended badly: %v\n%s", err, p.Output)
	}
	p.cmd = nil
}

// Pid is the number of the running process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Signal sends the process a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Send sends a request to the admin side with its token, which the configuration must not set. The caller closes the body.
func (p *Process) Send(method, path string, body io.Reader) *http.Response {
	p.t.Helper()
	token, err := os.ReadFile(filepath.Join(p.Folder, "data", "admin-token"))
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.Admin+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp
}

// Ask sends a request to the admin side, which must not refuse it, and reads the JSON of the answer into into unless that
// is nil.
func (p *Process) Ask(method, path string, into any) {
	p.t.Helper()
	resp := p.Send(method, path, nil)
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

// Status is the answer of /api/status; the sums of every destination are checked each time.
func (p *Process) Status() status.Status {
	p.t.Helper()
	var s status.Status
	p.Ask(http.MethodGet, "/api/status", &s)
	for name, d := range s.Destinations {
		if sum := d.Delivered + d.Filtered + d.Denied + d.Rejected + d.Pending; sum != s.Accepted {
			p.t.Errorf("%s: accepted %d is not the sum %d of %+v", name, s.Accepted, sum, d)
		}
	}
	return s
}

// Drained waits until nothing is pending at the destinations named, or at any when none is.
func (p *Process) Drained(names ...string) status.Status {
	p.t.Helper()
	var s status.Status
	p.Until("has delivered everything", func() bool {
		s = p.Status()
		for _, name := range names {
			if s.Destinations[name].Pending > 0 {
				return false
			}
		}
		return len(names) > 0 || s.Queue.Pending == 0
	})
	return s
}

// Listens waits until something accepts connections at an address, for 90 seconds at most and no longer than the program that is
// expected to, and reports whether it does.
func Listens(address string, ended <-chan error) bool {
	limit := time.After(90 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return true
		}
		select {
		case <-limit:
			return false
		case <-tick.C:
			if len(ended) > 0 {
				return false
			}
		}
	}
}
