// Command verdict reads what `go test -json` prints and says in the end how it went: what failed with its output, what was
// skipped and why, the reasons of all failures once more, and a last line that counts. It fails when a test failed or was
// skipped, or when there was none. A skip whose message holds one of the arguments is allowed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	ok, err := judge(os.Stdin, os.Stdout, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "verdict:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// result is one line of `go test -json`: https://pkg.go.dev/cmd/test2json
type result struct {
	Action     string
	Package    string
	ImportPath string // of a package that did not build
	Test       string
	Elapsed    float64
	Output     string
}

type name struct{ pkg, test string }

// judge reads the lines and writes the verdict.
func judge(in io.Reader, out io.Writer, allowed []string) (ok bool, err error) {
	said := map[name]*strings.Builder{}
	passed, failed, skipped, broken := 0, 0, 0, 0
	var reasons []string // why the failed ones failed
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var r result
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			fmt.Fprintln(out, lines.Text()) // of the script around it
			continue
		}
		key := name{r.Package + r.ImportPath, r.Test}
		switch r.Action {
		case "output", "build-output":
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			said[key].WriteString(r.Output)
			continue
		case "pass":
			if r.Test == "" {
				fmt.Fprintf(out, "ok    %-32s %6.1fs\n", r.Package, r.Elapsed)
			} else {
				passed++
			}
		case "fail", "build-fail":
			if r.Test == "" {
				broken++
			} else {
				failed++
			}
			fmt.Fprintf(out, "FAIL  %s %s\n%s", key.pkg, key.test, text(said[key]))
			reasons = append(reasons, reasonsOf(key, text(said[key]))...)
		case "skip":
			if r.Test != "" && !contains(text(said[key]), allowed) {
				skipped++
				fmt.Fprintf(out, "SKIP  %s %s\n%s", key.pkg, key.test, text(said[key]))
			}
		default:
			continue
		}
		delete(said, key)
	}
	if broken > 0 && failed == 0 {
		failed = broken // a package that did not build, or ended before its tests did
	}
	for _, reason := range reasons {
		fmt.Fprintln(out, reason)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return passed > 0 && failed+broken+skipped == 0, lines.Err()
}

// reasonsOf are the lines of a test's output that say where it was unhappy: file_test.go:LINE: what. They are said again at
// the end, since the output of a test that runs the program may be long.
func reasonsOf(key name, output string) (reasons []string) {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if place, _, ok := strings.Cut(line, ": "); ok && strings.Contains(place, "_test.go:") {
			reasons = append(reasons, key.test+": "+line)
		}
	}
	return reasons
}

func text(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	return b.String()
}

func contains(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
