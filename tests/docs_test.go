package tests_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/destinations/rest/resttest"
	"headgate/proxy/explain"
)

// TestEveryConfigurationInTheDocsPassesCheck opens each piece of a configuration, and runs its own tests.
func TestEveryConfigurationInTheDocsPassesCheck(t *testing.T) {
	found := blocksBy(t, asConfiguration)
	extra := map[string]string{} // what a page says that its pieces need
	for _, b := range found {
		if b.Name == "cookbook" {
			extra[b.Page] = b.Text
		}
	}
	env := readersEnv()
	cases := 0
	for _, b := range found {
		if b.Name == "cookbook" {
			continue
		}
		text := b.Text
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "sources"), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Chdir(folder) // files are named from where the program is started
		files := map[string]string{"extra.yaml": extra[b.Page],
			"hosting.txt": "203.0.113.0/24\n", "gptbot.json": `{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}]}`} // that docs/traffic.md names
		if b.Name == "crm.yaml" { // a webhook of one's own, and not a configuration
			files["sources/crm.yaml"], text = text, `sources: {crm: {use: ./sources/crm.yaml, secret: "${CRM_SECRET}"}}`
		}
		files["block.yaml"] = text
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		parts, ms := config.Open(folder, env, config.Deps{Drivers: cli.Drivers()})
		if ms != nil {
			t.Errorf("%s: %v\n%s", b, ms.Err(), b.Text)
			continue
		}
		for _, r := range explain.RunCases(parts, time.Now()) {
			cases++
			if len(r.Mistakes) > 0 {
				t.Errorf("%s: %s: %v", b, r.Name, r.Mistakes)
			}
		}
		if err := parts.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if cases < 30 {
		t.Errorf("%d tests in the documentation, 30 of them in the cookbook", cases)
	}
}

// readersEnv has what a reader of the documentation would have put into the environment.
func readersEnv() config.Env {
	_, key := resttest.Key()
	account := fmt.Sprintf(`{"type": "service_account", "client_email": "headgate@shop.example", "private_key": %q}`, key)
	return config.Env{Lookup: func(name string) (string, bool) {
		switch {
		case strings.HasSuffix(name, "_LISTEN"):
			return "127.0.0.1:8081", true
		case strings.HasPrefix(name, "WAREHOUSE_"):
			return "postgres://headgate@127.0.0.1/shop", true
		case name == "MYSQL_URL":
			return "mysql://headgate:secret@127.0.0.1/shop", true
		case strings.HasSuffix(name, "_PEM"):
			return key, true
		case strings.HasSuffix(name, "_KEY_JSON"):
			return account, true
		}
		return "a-secret-of-" + name, true
	}}
}

// TestLinksInTheDocsLeadSomewhere follows the links between pages.
func TestLinksInTheDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if u, err := url.Parse(m[1]); err != nil || u.Scheme != "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
		}
	}
}
