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
