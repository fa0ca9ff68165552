package tests_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/commands"
	"headgate/proxy/explain"
)

const consentConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: "%DATA%"
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: opt_in}}
destinations:
  stats: {use: webhook, consent: {needs: [analytics]}, settings: {url: "VENDOR"}, delivery: {wait: 10ms}}
  ads: {use: webhook, consent: {needs: [analytics, ads]}, settings: {url: "VENDOR"}, delivery: {wait: 10ms}}
  archive: {use: parquet, settings: {to: "%DATA%/archive", wait: 20ms, decisions: true}}
`

// command runs a command of the program against the process's configuration, or another one, and returns what it printed.
func (p *process) command(status int, args ...string) string {
	p.t.Helper()
	var out, errs bytes.Buffer
	if got := commands.Main(args, strings.NewReader(""), &out, &errs); got != status {
		p.t.Fatalf("headgate %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), got, status, &out, &errs)
	}
	return out.String() + errs.String()
}

func (p *process) send(path, body string) {
	p.t.Helper()
	p.sendAs("", path, body)
}

// sendAs sends from the browser whose cookie holds that client id; "" has none.
func (p *process) sendAs(clientID, path, body string) {
	p.t.Helper()
	if status, said := p.postAs(clientID, path, body); status != http.StatusAccepted {
		p.t.Fatalf("%s: %d %s", path, status, said)
	}
}

func (p *process) postAs(clientID, path, body string) (status int, said string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "POST", p.Public+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if clientID != "" {
		req.Header.Set("Cookie", "_hg=1.1700000000."+clientID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestAChangedPolicyIsTriedOnRealDecisionsRunningOrNot(t *testing.T) {
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(consentConfig, "VENDOR", v.URL))
	p.Start()
	p.send("/e", `{"name":"purchase","id":"both","client_id":"c1","consent":{"analytics":true,"ads":true}}`)
	p.send("/e", `{"name":"purchase","id":"stats","client_id":"c2","consent":{"analytics":true,"ads":false}}`)
	p.send("/e", `{"name":"purchase","id":"none","client_id":"c3","consent":{"analytics":false,"ads":false}}`)
	p.Drained("stats", "ads", "archive")
	for _, files := range []string{"date=*/*.parquet", "decisions/date=*/*.parquet"} {
		if found, err := filepath.Glob(filepath.Join(p.Folder, "data", "archive", files)); err != nil || len(found) == 0 {
			t.Errorf("%s: %v %v", files, found, err)
		}
	}

	now, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(p.Folder, "next.yaml")
	text := strings.Replace(string(now), "consent: {needs: [analytics]}", "consent: {needs: [analytics, ads], refused: {redact: cookieless}, reason: counting without ids}", 1) +
		"  fresh: {use: webhook, consent: {needs: [analytics]}, settings: {url: \"" + v.URL + "\"}}\n"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	replay := func() explain.Reconsideration {
		var got explain.Reconsideration
		if err := json.Unmarshal([]byte(p.command(0, "consent", "replay", "--config", next, "--since", "1h", "--json")), &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	check := func(got explain.Reconsideration) {
		t.Helper()
		want := []explain.Reconsidered{
			{Destination: "stats", Was: explain.ActionCounts{Delivered: 2}, Would: explain.ActionCounts{Delivered: 1, Redacted: 1}, Changed: 1},
			{Destination: "ads", Was: explain.ActionCounts{Delivered: 1, Denied: 1}, Would: explain.ActionCounts{Delivered: 1, Denied: 1}},
			{Destination: "archive", Was: explain.ActionCounts{Delivered: 2}, Would: explain.ActionCounts{Delivered: 2}},
			{Destination: "fresh", New: true, Would: explain.ActionCounts{Delivered: 2}, Changed: 2},
		}
		if got.Events != 2 || got.Changed != 2 || len(got.Destinations) != len(want) {
			t.Fatalf("%+v", got)
		}
		for i := range want {
			if got.Destinations[i] != want[i] {
				t.Errorf("%+v, want %+v", got.Destinations[i], want[i])
			}
		}
	}
	check(replay())
	if text := p.command(0, "consent", "replay", "--config", next); !strings.Contains(text, "2 → 1") || !strings.Contains(text, "new: 2") || !strings.Contains(text, "are not stored") {
		t.Errorf("printed:\n%s", text)
	}
	if text := p.command(0, "subject", "export", "c1", "--config", p.Path()); strings.Count(text, "\n") != 3 || !strings.Contains(text, "understood as client id: c1") || !strings.Contains(text, `"receipt"`) || !strings.Contains(text, `"both"`) {
		t.Errorf("exported:\n%s", text)
	}
	if text := p.command(0, "subject", "delete", "c1", "--why", "ticket 7", "--config", p.Path()); !strings.Contains(text, "1 of the events still in the log were delivered before") || !strings.Contains(text, "no deletion by event") || !strings.Contains(text, "still in ") {
		t.Errorf("deleted:\n%s", text)
	}
	p.command(1, "subject", "suppress", " ", "--config", p.Path())
	p.Stop()

	check(replay())
	if text := p.command(0, "consent", "verify", "--config", p.Path()); !strings.HasPrefix(text, "ok: 2 receipts, 1 entries of the suppression list") {
		t.Errorf("verified: %s", text)
	}
	names, err := filepath.Glob(filepath.Join(p.Folder, "data", "receipts", "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	receipts, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names[0], bytes.Replace(receipts, []byte(`"granted":true`), []byte(`"granted":false`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := p.command(2, "consent", "verify", "--config", p.Path()); !strings.Contains(text, "was changed") {
		t.Errorf("verified: %s", text)
	}
}
