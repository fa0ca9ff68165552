package tests_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

const secretsConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
egress: {allow: [127.0.0.0/8]}
rules:
  - {name: a careless copy, set: {params.copied: "key ${HOOK_KEY}"}}
destinations:
  hook:
    use: webhook
    settings:
      url: "VENDOR?key=${HOOK_KEY}"
      headers: {Authorization: "Bearer ${HOOK_TOKEN}"}
    delivery: {batch: 1, wait: 1ms}
    consent: {needs: none, reason: the test's own}
`

// TestNoSecretIsShownThatAVendorSendsBack has a vendor that returns the secrets it was sent, in every form, and looks
// everywhere a person or a log could see them.
func TestNoSecretIsShownThatAVendorSendsBack(t *testing.T) {
	const key, token = "k3y-of-the-h00k", "T0ken+of/the=h00k"
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := []string{r.URL.String(), r.Header.Get("Authorization")}
		for _, s := range []string{key, token} {
			said = append(said, s, base64.StdEncoding.EncodeToString([]byte("user:"+s)), hex.EncodeToString([]byte(s)), url.QueryEscape(s))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":%q}}`, strings.Join(said, " "))
	}))
	t.Cleanup(vendor.Close)
	p := newProcess(t, strings.ReplaceAll(secretsConfig, "VENDOR", vendor.URL))
	p.Env = []string{"HOOK_KEY=" + key, "HOOK_TOKEN=" + token}
	p.Start()
	p.post(`{"id":"evt-secret-1","name":"page_view","consent":{"analytics":true}}`)
	p.Until("has its dead letter", func() bool { return p.Status().Destinations["hook"].Rejected == 1 })

	shown := map[string]string{}
	for _, path := range []string{"/api/status", "/api/dead", "/api/dead/hook/evt-secret-1", "/api/events/evt-secret-1", "/metrics"} {
		resp := p.Send(http.MethodGet, path, nil)
		said, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", path, resp.StatusCode, said, err)
		}
		shown[path] = string(said)
	}
	if !strings.Contains(shown["/api/dead"], "***") || !strings.Contains(shown["/api/events/evt-secret-1"], "Bearer ***") {
		t.Errorf("nothing was hidden, so nothing was looked at: %s", shown["/api/events/evt-secret-1"])
	}
	t.Setenv("HOOK_KEY", key)
	t.Setenv("HOOK_TOKEN", token)
	for _, args := range [][]string{{"explain", "--sample", "purchase"}, {"explain", "--sample", "purchase", "--json"},
		{"explain", "--id", "evt-secret-1"}, {"dead", "list"}, {"dead", "show", "hook", "evt-secret-1"}, {"check"}} {
		shown["headgate "+strings.Join(args, " ")] = p.command(0, append(args, "--config", p.Path())...)
	}
	p.Write(strings.ReplaceAll(readFile(t, p.Path()), "batch: 1", "batch: \"${HOOK_KEY}\""))
	shown["mistakes"] = p.command(1, "check", "--config", p.Path())
	p.Stop()
	shown["output"] = p.Output.String()
	for where, text := range shown {
		for _, s := range []string{key, token} {
			for form, secret := range map[string]string{"in clear": s, "in base64": base64.StdEncoding.EncodeToString([]byte("user:" + s))[8:20],
				"in hex": hex.EncodeToString([]byte(s)), "percent-encoded": url.QueryEscape(s)} {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows %q %s:\n%s", where, s, form, text)
				}
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
