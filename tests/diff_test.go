package tests_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/proxy/impact"
)

func TestAChangeIsComparedOverRealEventsRunningOrNot(t *testing.T) {
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(consentConfig, "VENDOR", v.URL))
	p.Start()
	p.send("/e", `{"name":"purchase","id":"both","client_id":"c1","params":{"value":10},"consent":{"analytics":true,"ads":true}}`)
	p.send("/e", `{"name":"purchase","id":"stats","client_id":"c2","params":{"value":20},"consent":{"analytics":true,"ads":false}}`)
	p.Drained("stats", "ads", "archive")
	now, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(p.Folder, "next.yaml")
	text := string(now) + "rules:\n  - {name: half, when: params.value > 10, set: {params.value: =params.value / 2}}\n"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(said []byte) {
		t.Helper()
		var got impact.Report
		if err := json.Unmarshal(said, &got); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		stats, ads := got.Destinations["stats"], got.Destinations["ads"]
		if got.Events != 2 || !got.Changed || stats == nil || stats.Before != 2 || stats.After != 2 || stats.Change != 1 || ads == nil || ads.Before != 1 || ads.Change != 0 {
			t.Fatalf("%s", said)
		}
		if len(got.Rules) != 1 || got.Rules[0].State != impact.Added || got.Rules[0].After != 1 || len(got.Fields) != 1 || got.Fields[0].Path != "params.value" {
			t.Errorf("%s", said)
		}
	}
	check([]byte(p.command(3, "diff", next, "--config", p.Path(), "--since", "1h", "--json")))
	if said := p.command(3, "diff", next, "--config", p.Path()); !strings.Contains(said, "params.value: 20 → 10") || !strings.Contains(said, "half") || !strings.Contains(said, "nothing was sent") {
		t.Errorf("printed:\n%s", said)
	}
	if said := p.command(0, "diff", p.Path(), "--config", p.Path()); !strings.Contains(said, "Nothing changes") {
		t.Errorf("printed:\n%s", said)
	}
	if said := p.command(0, "diff", next, "--config", p.Path(), "--where", `params.value < 15`); !strings.Contains(said, "1 of 1 events") {
		t.Errorf("printed:\n%s", said)
	}
	p.command(1, "diff", next, "--config", p.Path(), "--where", `nmae == 1`)
	p.command(1, "diff", next, "--config", p.Path(), "--sample", "0")
	p.command(1, "diff", next+"x", "--config", p.Path())

	body, err := json.Marshal(map[string]any{"files": map[string]string{"headgate.yaml": text}})
	if err != nil {
		t.Fatal(err)
	}
	resp := p.Send("POST", "/api/diff", strings.NewReader(string(body)))
	said, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", resp.StatusCode, said, err)
	}
	check(said)
	p.Stop()

	check([]byte(p.command(3, "diff", next, "--config", p.Path(), "--since", "1h", "--json")))
}

func TestTheAuditListIsReadByACommand(t *testing.T) {
	p := newProcess(t, strings.ReplaceAll(consentConfig, "VENDOR", newVendor(t).URL))
	p.Start()
	p.command(0, "subject", "export", "visitor-1", "--as", "client_id", "--config", p.Path())
	if said := p.command(0, "admin", "audit", "--action", "person", "--config", p.Path()); !strings.Contains(said, "person.export") || strings.Contains(said, "visitor-1") {
		t.Errorf("printed:\n%s", said)
	}
	said := p.command(0, "admin", "token")
	token := strings.Fields(said)[1]
	hash := strings.Fields(said)[3]
	if err := os.WriteFile(p.Path(), []byte(strings.Replace(p.text(t), "admin: {", "admin: {users: {anna: {token_hash: \""+hash+"\", roles: [viewer]}}, ", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	resp := p.Send("POST", "/api/reload", nil)
	_ = resp.Body.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.Admin+"/api/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if resp, err = http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || !strings.Contains(string(text), `"anna"`) {
		t.Errorf("signed in: %s %v", text, err)
	}
}

func (p *process) text(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
