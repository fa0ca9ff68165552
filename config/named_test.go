package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/config"
)

func TestInsightReadsOldDaysFromWhatCanBeRead(t *testing.T) {
	for _, c := range []struct{ store, want string }{
		{"archive", ""},
		{"hook", "insight.store: hook keeps nothing that can be read again"},
		{"archiv", `did you mean "archive"?`},
		{"off", "insight.store: off is switched off"},
	} {
		folder := t.TempDir()
		path := filepath.Join(folder, "headgate.yaml")
		text := `destinations:
  archive: {use: parquet, settings: {to: ` + folder + `/archive}}
  hook: {use: webhook, settings: {url: "https://hooks.shop.example/"}}
  off: {use: parquet, enabled: false, settings: {to: ` + folder + `/off}}
insight: {store: ` + c.store + `}
`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		parts, ms := config.Open(path, config.Env{}, deps())
		said := ""
		for _, m := range ms {
			said += m.Error() + "\n"
		}
		if parts != nil {
			if err := parts.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q, want %q", c.store, said, c.want)
		}
	}
}

func TestAlertsGoOnlyWhereTheyMay(t *testing.T) {
	for _, c := range []struct{ to, want string }{
		{"hook", ""},
		{"chat", ""},
		{"meta", "meta is an ad platform"},
		{"analytics", "has no event for alerts"},
		{"hok", `did you mean "hook"?`},
		{"off", "which is switched off"},
	} {
		path := filepath.Join(t.TempDir(), "headgate.yaml")
		text := `destinations:
  hook: {use: webhook, settings: {url: "https://hooks.shop.example/"}}
  chat: {use: slack, settings: {webhook: "https://hooks.slack.com/services/T0/B0/secretsecret"}}
  meta: {settings: {pixel_id: "1234567890", access_token: token-secret}}
  analytics: {use: webhook, settings: {url: "https://hooks.shop.example/"}, events: {headgate_alert: off}}
  off: {use: webhook, enabled: false, settings: {url: "https://hooks.shop.example/"}}
alerts: {to: [` + c.to + `]}
`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		parts, ms := config.Open(path, config.Env{}, config.Deps{})
		said := ""
		for _, m := range ms {
			said += m.Error() + "\n"
		}
		if parts != nil {
			for _, w := range parts.Warnings {
				said += w.Error() + "\n"
			}
			if err := parts.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if c.want == "" && ms.Err() != nil || !strings.Contains(said, c.want) {
			t.Errorf("to %s: %s", c.to, said)
		}
		if allowed := parts != nil; allowed != (c.to == "hook" || c.to == "chat" || c.to == "off") {
			t.Errorf("to %s: %v", c.to, allowed)
		}
	}
}
