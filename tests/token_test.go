package tests_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tokenConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: %DATA%
destinations:
  archive: {use: parquet, settings: {to: "%DATA%/archive"}}
`

// TestTheAdminSideIsClosedToOtherUsersOfTheMachine starts without a token in the configuration: one is generated that only its
// owner can read, the commands find it by themselves, and nobody gets in without it.
func TestTheAdminSideIsClosedToOtherUsersOfTheMachine(t *testing.T) {
	p := newProcess(t, tokenConfig)
	p.Start()
	path := filepath.Join(p.Folder, "data", "admin-token")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the token's file: %v %v", info, err)
	}
	for _, path := range []string{"/api/status", "/api/config", "/metrics"} {
		resp, err := http.Get(p.Admin + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without the token: %d", path, resp.StatusCode)
		}
	}
	p.Status()
	p.command(0, "queue", "status", "--config", p.Path())

	token, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p.Stop()
	if strings.Contains(p.Output.String(), strings.TrimSpace(string(token))) {
		t.Error("the token was printed")
	}
	p.Start()
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, token) {
		t.Errorf("the token is another after a restart: %v", err)
	}

	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if said := p.command(1, "queue", "status", "--config", p.Path()); !strings.Contains(said, "other users can read") {
		t.Errorf("a token that others can read: %s", said)
	}
}
