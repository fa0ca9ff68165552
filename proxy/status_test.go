package proxy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTheStatusWarnsOfTheConfigurationInForce(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	warnings := func() []string {
		t.Helper()
		status, err := r.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return status.Config.Warnings
	}
	if got := warnings(); len(got) != 1 || !strings.Contains(got[0], "visitors whose country is not known are under none") {
		t.Errorf("%q", got)
	}
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	strict := strings.Replace(string(text), "regions: {unknown: none}", "mode: enforce", 1)
	if err := os.WriteFile(r.config, []byte(strict), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := warnings(); got == nil || !slices.Equal(got, []string{}) {
		t.Errorf("after they were heeded: %q", got)
	}
}
