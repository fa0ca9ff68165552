package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is the running Headgate.
type program struct {
	public, admin string
	folder        string
	cmd           *exec.Cmd
	output        bytes.Buffer
	ended         chan error
}

func start(ctx context.Context, binary, folder, sinks string) (*program, error) {
	addresses := [2]string{}
	for i := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		addresses[i] = l.Addr().String()
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(folder, "headgate.yaml")
	if err := os.WriteFile(path, []byte(settingsOf(addresses[0], addresses[1], folder, sinks)), 0o600); err != nil {
		return nil, err
	}
	p := &program{public: "http://" + addresses[0], admin: "http://" + addresses[1], folder: folder, ended: make(chan error, 1)}
	p.cmd = exec.Command(binary, "serve", "--config", path)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, p.await(ctx, time.Minute, "it answers", func() bool {
		resp, err := http.Get(p.public + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
}

// await waits until something holds, as long as the program runs.
func (p *program) await(ctx context.Context, most time.Duration, what string, holds func() bool) error {
	limit := time.After(most)
	for !holds() {
		select {
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("the process ended: %w: %s", err, &p.output)
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("waited %v in vain until %s", most, what)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func (p *program) reload() { _ = p.cmd.Process.Signal(syscall.SIGHUP) } // that it has ended is seen elsewhere

func (p *program) stop() {
	_ = p.cmd.Process.Kill()
	if err := <-p.ended; err == nil {
		fmt.Println("the process had ended by itself")
	}
}

// resident is the memory that the process has now, in bytes.
func (p *program) resident() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// drained waits until each destination has all events, and fails when one has fewer.
func (p *program) drained(s *sinks, accepted int64) error {
	var status struct {
		Accepted     int64
		Destinations map[string]struct{ Pending, Waiting int64 }
	}
	err := p.await(context.Background(), 5*time.Minute, "everything is delivered", func() bool {
		for _, name := range destinations {
			if s.taken[name].Load() < accepted {
				return false
			}
		}
		return true
	})
	if failed := p.ask("/api/status", &status); failed != nil {
		return errors.Join(err, failed)
	}
	fmt.Printf("accepted %d", status.Accepted)
	for _, name := range destinations {
		fmt.Printf(", %s has %d", name, s.taken[name].Load())
	}
	fmt.Println()
	if status.Accepted != accepted {
		err = errors.Join(err, fmt.Errorf("%d hits were answered with success, and %d events accepted", accepted, status.Accepted))
	}
	return err
}

// ask asks the admin API.
func (p *program) ask(path string, into any) error {
	token, err := os.ReadFile(filepath.Join(p.folder, "data", "admin-token"))
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodGet, p.admin+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return json.NewDecoder(resp.Body).Decode(into)
}

// settingsOf is a configuration with five destinations.
func settingsOf(public, admin, folder, sinks string) string {
	text := fmt.Sprintf(`listen: %q
data: %q
admin: {listen: %q}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
log: {level: warn}
consent: {regions: {unknown: none}}
rules:
  - {name: double, when: name == "purchase" and params.value > 0, set: {params.value: =params.value * 2}}
  - {name: campaign, when: page.url contains "utm_source=", set: {params.campaign_hit: true}}
destinations:
`, public, filepath.Join(folder, "data"), admin)
	for _, name := range destinations {
		text += fmt.Sprintf("  %s: {use: webhook, settings: {url: %q}}\n", name, sinks+"/"+name)
	}
	return text
}
