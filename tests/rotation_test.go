package tests_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

const rotationConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
egress: {allow: [127.0.0.0/8]}
destinations:
  hook:
    use: webhook
    settings: {url: VENDOR, headers: {Authorization: "Bearer ${file:FOLDER/token}"}}
    delivery: {batch: 1, wait: 1ms}
    consent: {needs: none, reason: the test's own}
`

// TestARotatedSecretIsTakenUpWithoutARestart replaces the file of a secret, as a secrets manager does, and nothing else.
func TestARotatedSecretIsTakenUpWithoutARestart(t *testing.T) {
	var last atomic.Value
	vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { last.Store(r.Header.Get("Authorization")) }))
	t.Cleanup(vendor.Close)
	p := newProcess(t, strings.ReplaceAll(rotationConfig, "VENDOR", vendor.URL))
	p.Write(strings.ReplaceAll(readFile(t, p.Path()), "FOLDER", p.Folder))
	token := filepath.Join(p.Folder, "token")
	rotate := func(value string) {
		t.Helper()
		if err := os.WriteFile(token+".new", []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(token+".new", token); err != nil {
			t.Fatal(err)
		}
	}
	rotate("first-token")
	p.Start()
	first := p.Status().Config.Hash
	p.post(`{"id":"evt-1","name":"page_view"}`)
	p.Until("sends the first token", func() bool { return last.Load() == "Bearer first-token" })
	rotate("second-token")
	p.Until("has seen the new file", func() bool { return p.Status().Config.Hash != first })
	p.post(`{"id":"evt-2","name":"page_view"}`)
	p.Until("sends the second token", func() bool { return last.Load() == "Bearer second-token" })
	p.Stop()
	if out := p.Output.String(); strings.Contains(out, "first-token") || strings.Contains(out, "second-token") {
		t.Error("a token was logged")
	}
}
