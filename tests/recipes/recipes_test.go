// Package recipes_test holds what the documentation tells the programs around Headgate, web servers and systemd, to those
// programs, which are Debian's.
package recipes_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"headgate/tests/docs"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

// install has Debian's programs installed.
func install(t *testing.T, packages ...string) {
	t.Helper()
	if said, err := exec.Command("../../dev/scripts/debian.sh", packages...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// behind serves with what docs/running.md says of web servers before Headgate. What its destination gets comes through the channel.
func behind(t *testing.T) (p *trial.Process, came <-chan map[string]any) {
	t.Helper()
	events := make(chan map[string]any, 10)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var some []map[string]any
		if err := json.NewDecoder(r.Body).Decode(&some); err != nil {
			t.Error(err)
		}
		for _, e := range some {
			events <- e
		}
	}))
	t.Cleanup(sink.Close)
	trusted := ""
	for _, b := range docs.On(t, "docs/running.md", "yaml") {
		if trusted == "" && strings.HasPrefix(b.Text, "trusted_proxies:") {
			trusted = b.Text
		}
	}
	p = trial.New(t, trusted+strings.ReplaceAll(`
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
egress: {allow: [127.0.0.0/8]}
enrich: {address: keep}
destinations:
  sink: {use: webhook, settings: {url: "%SINK%"}, delivery: {wait: 10ms}, consent: {needs: none, reason: the test's own}}
`, "%SINK%", sink.URL))
	p.Start()
	return p, events
}

// run starts a program until the test ends, and waits until it listens there.
func run(t *testing.T, address, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	output := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // which nginx hands on to its workers
		t.Logf("it ended: %v", <-ended)
	})
	if !trial.Listens(address, ended) {
		t.Fatalf("%s does not listen\n%s", name, output)
	}
}

// passesOn sends an event through a web server, and looks at what arrives, from which address, and what comes back.
func passesOn(t *testing.T, url, address string, came <-chan map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"name":"page_view","client_id":"1.2","consent":{"analytics":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "t.shop.example"
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Origin", "https://www.shop.example")
	r.Header.Set("X-Forwarded-For", claimed)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		t.Fatalf("answered %s", resp.Status)
	}
	cookies := strings.Join(resp.Header.Values("Set-Cookie"), "\n")
	if !strings.Contains(cookies, "_hg=") {
		t.Errorf("no cookie of the visitor's: %s", cookies)
	}
	e := <-came
	device, _ := e["device"].(map[string]any)
	if device["ip"] != address {
		t.Errorf("the visitor's address is %v, want %s", device["ip"], address)
	}
}

// claimed is the address that a visitor says is his. Here the visitor himself is on this machine, which is trusted.
const claimed = "198.51.100.7"

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns a file of the project.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs.Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
