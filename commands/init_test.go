package commands

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"headgate/commands/cli"
	"headgate/commands/starter"
	"headgate/proxy/explain"
)

func TestWhatInitWritesPassesCheckAndItsOwnTests(t *testing.T) {
	for _, kind := range starter.Kinds() {
		t.Chdir(t.TempDir())
		if status, _, errs := runHeadgate(t, "init", "--kind", kind, "--site", "https://www.shop.example/", "--ga4", "G-ABC1234567", "--meta", "1234567890"); status != fine {
			t.Fatalf("%s: %d %s", kind, status, errs)
		}
		if status, out, errs := runHeadgate(t, "check"); status != fine || !strings.Contains(out, "2 off, 0 warnings") {
			t.Errorf("%s: %d %s%s", kind, status, out, errs)
		}
		parts, err := cli.NewWorld(t.Context(), nil, io.Discard, io.Discard, "headgate.yaml").Parts()
		if err != nil {
			t.Fatal(err)
		}
		results := explain.RunCases(parts, time.Now())
		for _, r := range results {
			if len(r.Mistakes) > 0 {
				t.Errorf("%s: %s: %v", kind, r.Name, r.Mistakes)
			}
		}
		if err := parts.Close(t.Context()); err != nil || len(results) != 2 {
			t.Errorf("%s: %d cases, %v", kind, len(results), err)
		}
	}
	if status, _, errs := runHeadgate(t, "init", "--kind", "shop", "--site", "www.shop.example"); status != mistake || !strings.Contains(errs, "headgate.yaml is there already") {
		t.Errorf("a second time: %d %s", status, errs)
	}
	if status, _, errs := runHeadgate(t, "init", "--force"); status != mistake || !strings.Contains(errs, "say what the site is") {
		t.Errorf("nothing said and nobody there: %d %s", status, errs)
	}
}

func TestInitAsksOnATerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	w := cli.NewWorld(t.Context(), strings.NewReader("leads\nwww.office.example\n\nG-ABC1234567\n\n"), &out, &errs, "")
	w.Asks = true
	if err := (initVerb{}).Run(w); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("headgate.yaml")
	if err != nil || !strings.Contains(string(text), "hosts: [t.office.example, localhost]") || !strings.Contains(string(text), "G-ABC1234567") || strings.Contains(string(text), "meta:") {
		t.Errorf("%v\n%s", err, text)
	}
	if !strings.Contains(errs.String(), "reached by? [t.office.example]") {
		t.Errorf("it asks: %s", errs.String())
	}
	w = cli.NewWorld(t.Context(), strings.NewReader("bakery\n"), &out, &errs, "other.yaml")
	w.Asks = true
	if err := (initVerb{}).Run(w); err == nil || !strings.Contains(err.Error(), `--kind "bakery"`) {
		t.Errorf("a kind that is none: %v", err)
	}
}
