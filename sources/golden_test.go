package sources_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
)

var update = flag.Bool("update", false, "write what the sources do into testdata")

// received is when every hit of these tests arrives.
var received = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// Each file of testdata is one hit, what is read from it and how it is answered. A line that begins with # says what the
// case is about; `-- config --`, if there is one, is the sources section it is read with.
func TestWhatIsReadAndAnswered(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			intro, parts := sections(string(data))
			got := play(t, open(t, parts["config"], sources.Limits{}), parseHit(t, parts["hit"]))
			if *update {
				write(t, file, intro, parts, got)
				return
			}
			if want := parts["outcome"]; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func write(t *testing.T, file, intro string, parts map[string]string, outcome string) {
	t.Helper()
	text := intro
	if c := parts["config"]; c != "" {
		text += "-- config --\n" + c
	}
	text += "-- hit --\n" + parts["hit"] + "-- outcome --\n" + outcome
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sections takes a case apart at its `-- name --` lines.
func sections(text string) (intro string, parts map[string]string) {
	parts = map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		if head, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(head, " --\n") {
			name = strings.TrimSuffix(head, " --\n")
			continue
		}
		if name == "" {
			intro += line
			continue
		}
		parts[name] += line
	}
	return intro, parts
}

// parseHit reads a request as it is written in HTTP: request line, headers, an empty line, the body.
func parseHit(t testing.TB, text string) *event.Hit {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("no request line: %q", lines[0])
	}
	h := newHit(method, target, strings.TrimSuffix(body, "\n"))
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		h.Headers = append(h.Headers, event.Header{Name: strings.ToLower(name), Value: value})
	}
	return h
}

func newHit(method, target, body string) *event.Hit {
	path, query, _ := strings.Cut(target, "?")
	return &event.Hit{Method: method, Scheme: "https", Host: "t.shop.example", Path: path, Query: query, Body: []byte(body),
		Peer: netip.MustParseAddr("192.0.2.1"), Received: received}
}

// open builds the sources of a configuration; an empty one is the default.
func open(t testing.TB, config string, limits sources.Limits) []sources.Source {
	t.Helper()
	all, mistakes := sources.Open(decode(t, config), limits, nil)
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func decode(t testing.TB, config string) (c sources.Config) {
	t.Helper()
	n, mistakes := document.Parse("sources.yaml", []byte(config))
	if err := append(mistakes, document.Decode(n, &c)...).Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// claimant returns the one source that takes a hit.
func claimant(t testing.TB, all []sources.Source, h *event.Hit) sources.Source {
	t.Helper()
	var found sources.Source
	for _, s := range all {
		if !s.Claims(h.Method, h.Path) {
			continue
		}
		if found != nil {
			t.Fatalf("%s %s is claimed by %s and %s", h.Method, h.Path, found.Name(), s.Name())
		}
		found = s
	}
	if found == nil {
		t.Fatalf("nobody claims %s %s", h.Method, h.Path)
	}
	return found
}

// play is what the server does with a hit: read it, give ids, answer. It returns all of it as text.
func play(t *testing.T, all []sources.Source, h *event.Hit) string {
	t.Helper()
	s := claimant(t, all, h)
	r, err := s.Read(h)
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
		writeAnswer(&b, s.Refuse(h, err))
		return b.String()
	}
	for i := range r.Events {
		fmt.Fprintf(&b, "event %d: %s\n", i, indent(t, r.Events[i].AppendJSON(nil)))
		if r.Events[i].ID == "" {
			r.Events[i].ID = fmt.Sprintf("given-%d", i)
		}
	}
	for _, bad := range r.Rejected {
		fmt.Fprintf(&b, "rejected %d: %s\n", bad.Index, bad.Why)
	}
	writeAnswer(&b, s.Answer(h, r))
	return b.String()
}

func writeAnswer(b *strings.Builder, a sources.Answer) {
	fmt.Fprintf(b, "answer: %d %s\n", a.Status, a.ContentType)
	for _, h := range a.Headers {
		fmt.Fprintf(b, "%s: %s\n", h.Name, h.Value)
	}
	if len(a.Body) > 0 && a.ContentType == "application/json" {
		fmt.Fprintf(b, "%s\n", a.Body)
	} else if len(a.Body) > 0 {
		fmt.Fprintf(b, "%q\n", a.Body)
	}
}

func indent(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return b.String()
}
