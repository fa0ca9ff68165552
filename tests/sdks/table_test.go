package sdks_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/senders/README.md")

const (
	tableFile  = "../../docs/senders/README.md"
	tableStart = "<!-- The rest is written by go test ./tests/sdks -update -->\n"
)

// columns are the events of a visit in the order of the table.
var columns = []struct{ title, event string }{
	{"page view", "page_view"}, {"click", "button_clicked"}, {"identify", "identify"}, {"purchase", "purchase"},
	{"offline", "while_offline"}, {"503", "while_busy"}, {"answer lost", "while_cut"}, {"tab closed", "while_closing"},
}

// checkTable compares the documentation with what was seen, or writes it.
func checkTable(t *testing.T, visits []*visit) {
	t.Helper()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), tableStart)
	if !ok {
		t.Fatalf("%s has no line %q", tableFile, tableStart)
	}
	want := []byte(head + tableStart + table(t, visits))
	switch {
	case bytes.Equal(text, want):
	case *update && !t.Failed():
		if err := os.WriteFile(tableFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is stale; run go test ./tests/sdks -update when this is right:\n%s", tableFile, want)
	}
}

func table(t *testing.T, visits []*visit) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| SDK |")
	for _, c := range columns {
		b.WriteString(" " + c.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	versions := versions(t)
	for i := 0; i < len(visits); i += 2 {
		cross, same := visits[i], visits[i+1]
		fmt.Fprintf(&b, "| [%s](%s.md) `%s` %s |", cross.sdk.title, cross.sdk.name, cross.sdk.pkg, versions[cross.sdk.pkg])
		for _, c := range columns {
			became := cross.became(c.event)
			if other := same.became(c.event); other != became {
				became = "cross-origin: " + became + ", same-origin: " + other
			}
			fmt.Fprintf(&b, " %s |", became)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// became says what became of an event.
func (v *visit) became(name string) outcome {
	want, tried := v.want[name]
	switch n := len(v.sink.of(v.run, name)); {
	case !tried:
		return missing
	case v.let && name == "while_offline":
		return never
	case n == 0 && want != perhaps:
		return never
	}
	return want
}

// versions are those of the packages that the test has installed.
func versions(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("browser/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Dependencies map[string]string
		Umami        struct{ Version string }
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	p.Dependencies["umami"] = p.Umami.Version
	return p.Dependencies
}
