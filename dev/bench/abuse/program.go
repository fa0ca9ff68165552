package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// program is a running Headgate.
type program struct {
	address string // host and port
	folder  string
	command []string
	cmd     *exec.Cmd
	output  bytes.Buffer
	ended   chan struct{}
	sink    *sink
	group   string // control group, "" without
}

// sink is a destination that can be unavailable.
type sink struct {
	*httptest.Server
	down  atomic.Bool
	calls atomic.Int64
}

func newSink() *sink {
	s := new(sink)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.calls.Add(1)
		if s.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	return s
}

const configuration = `listen: %q
data: %s
admin: {listen: "off"}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
destinations:
  one: {use: webhook, settings: {url: %q}}
  two: {use: webhook, settings: {url: %q}}
queue: {max_bytes: 1GiB}
%s
`

// start runs the program with the built-in limits and more YAML, behind a command such as sh -c.
func (b *bench) start(ctx context.Context, more string, before ...string) (*program, error) {
	b.starts++
	p := &program{folder: filepath.Join(b.folder, strconv.Itoa(b.starts)), sink: newSink()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.address = l.Addr().String()
	if err := errors.Join(l.Close(), os.MkdirAll(p.folder, 0o700)); err != nil {
		return nil, err
	}
	path := filepath.Join(p.folder, "headgate.yaml")
	text := fmt.Sprintf(configuration, p.address, p.data(), p.sink.URL, p.sink.URL, more)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p.command = append(before, b.binary, "serve", "--config", path)
	return p, p.run(ctx)
}

func (p *program) data() string { return filepath.Join(p.folder, "data") }

// run starts the process and waits until it answers.
func (p *program) run(ctx context.Context) error {
	p.output.Reset()
	p.cmd = exec.Command(p.command[0], p.command[1:]...) // ended by stop, whatever ctx does
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.confine()
	p.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in ProcessState
	}(p.cmd, p.ended)
	return p.await(ctx, time.Minute, "it answers", p.healthy)
}

// await waits until something holds, as long as the program runs.
func (p *program) await(ctx context.Context, most time.Duration, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for !holds() {
		select {
		case <-p.ended:
			return p.dead()
		case <-ctx.Done():
			return fmt.Errorf("waited %v in vain until %s", most, what)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// dead is an error when the process has ended, with the last it said.
func (p *program) dead() error {
	select {
	case <-p.ended:
		said := p.output.String()
		return fmt.Errorf("the process ended: %v: %s", p.cmd.ProcessState, said[max(0, len(said)-600):])
	default:
		return nil
	}
}

func (p *program) healthy() bool {
	c := newClient(p.address, 200)
	defer c.close()
	return c.get("/healthz") == 200
}

// kill ends the process as the system would.
func (p *program) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // or it has ended already
	<-p.ended
}

// stop ends everything.
func (p *program) stop() {
	p.kill()
	p.sink.Close()
	if p.group != "" {
		_ = os.Remove(p.group) // what is left of it costs nothing
	}
}

// peak is the most memory the process has had, in bytes.
func (p *program) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// disk is what the data folder takes.
func (p *program) disk() (n int64) {
	_ = filepath.WalkDir(p.data(), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // a file that was just removed takes nothing
		}
		if info, err := d.Info(); err == nil {
			n += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return nil
	})
	return n
}

// bench is what the trials share.
type bench struct {
	binary string
	folder string
	short  bool
	starts int // processes so far: each has a folder of its own
}

// time is how long an attack continues.
func (b *bench) time(long, short time.Duration) time.Duration {
	if b.short {
		return short
	}
	return long
}
