package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func openLines(t *testing.T, path string) (c *Chain, lines []string, d Damage) {
	t.Helper()
	c, d, err := OpenChain(path, func(line []byte) { lines = append(lines, string(line)) })
	if err != nil {
		t.Fatal(err)
	}
	return c, lines, d
}

// aChain makes a chain of n lines and returns its path and the lines.
func aChain(t *testing.T, n int) (path string, lines []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "list.jsonl")
	c, _, _ := openLines(t, path)
	for i := range n {
		lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
		if err := c.Append([]byte(lines[i])); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return path, lines
}

func TestADamagedChainIsMadeWholeFromItsCopy(t *testing.T) {
	halve := func(text []byte) []byte { return text[:len(text)/2] }
	for _, c := range []struct {
		name     string
		damage   func(text []byte) []byte // nil removes the file
		restored int
	}{
		{"halved", halve, 5},
		{"emptied", func([]byte) []byte { return nil }, 10},
		{"removed", nil, 10},
		{"one line changed", func(text []byte) []byte { return bytes.Replace(text, []byte(`"n":3`), []byte(`"n":9`), 1) }, 1},
		{"one line taken out", func(text []byte) []byte {
			lines := bytes.SplitAfter(text, []byte("\n"))
			return bytes.Join(slices.Delete(lines, 4, 5), nil)
		}, 1},
		{"the last line taken out", func(text []byte) []byte {
			return text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1]
		}, 1},
		{"garbage in front", func(text []byte) []byte { return append([]byte("\x00\xff}\n"), text...) }, 0},
	} {
		for _, which := range []string{"list", "copy"} {
			t.Run(c.name+": "+which, func(t *testing.T) {
				path, lines := aChain(t, 10)
				hurt := path
				if which == "copy" {
					hurt = copyFile(path)
				}
				text, err := os.ReadFile(hurt)
				if err != nil {
					t.Fatal(err)
				}
				if c.damage == nil {
					err = os.Remove(hurt)
				} else {
					err = os.WriteFile(hurt, c.damage(text), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := Verify(path); err == nil {
					// One line more or less in the copy is a process that is running.
					if which == "list" || !strings.Contains(c.name, "the last line") {
						t.Error("it is not noticed")
					}
				}
				again, got, d := openLines(t, path)
				for _, line := range lines {
					if !slices.Contains(got, line) {
						t.Errorf("%s is lost: %q", line, got)
					}
				}
				if which == "list" && d.Restored != c.restored {
					t.Errorf("%d restored, want %d", d.Restored, c.restored)
				}
				if err := again.Close(); err != nil {
					t.Fatal(err)
				}
				if n, err := Verify(path); err != nil || n != len(got) {
					t.Errorf("%d lines, %v", n, err)
				}
			})
		}
	}
}

func TestAChainThatLostLinesInBothFilesIsNotOpened(t *testing.T) {
	path, _ := aChain(t, 10)
	for _, p := range []string{path, copyFile(path)} {
		if err := os.Truncate(p, 0); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := OpenChain(path, func([]byte) {})
	if !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "hold 0 of at least 10") || !strings.Contains(err.Error(), "remove "+headFile(path)) {
		t.Fatalf("%v", err)
	}
	if err := os.Remove(headFile(path)); err != nil {
		t.Fatal(err)
	}
	if c, lines, d := openLines(t, path); len(lines) != 0 || d.Restored != 0 || c.Close() != nil {
		t.Errorf("%v %+v", lines, d)
	}
}

func TestAListOfAnOlderVersionIsSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.jsonl")
	old := "{\"n\":0}\nwhatever that is\n{\"n\":1}\n"
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	c, lines, d := openLines(t, path)
	if len(lines) != 3 || d.Restored != 0 || d.Changed {
		t.Errorf("%q %+v", lines, d)
	}
	if err := errors.Join(c.Append([]byte(`{"n":2}`)), c.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := Verify(path); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	text, _ := os.ReadFile(path)
	if !strings.Contains(string(text), `{"unreadable":"whatever that is","seal":"`) {
		t.Errorf("%s", text)
	}
}

// A crash can stop a compaction between any two of its files.
func TestACompactionThatIsCutShortLosesNothingAndAlarmsNobody(t *testing.T) {
	before, _ := aChain(t, 10)
	after := filepath.Join(t.TempDir(), "list.jsonl")
	files := func(path string) []string { return []string{path, copyFile(path)} }
	text := map[string][]byte{}
	remember := func(path string) {
		for _, f := range append(files(path), headFile(path)) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text[f] = b
		}
	}
	remember(before)
	c, _, _ := openLines(t, after)
	if err := errors.Join(c.Append([]byte(`{"n":8}`), []byte(`{"n":9}`)), c.Close()); err != nil {
		t.Fatal(err)
	}
	remember(after)
	both := strings.Replace(string(text[headFile(before)]), "]}", ","+strings.TrimPrefix(strings.TrimSpace(string(text[headFile(after)])), `{"states":[`), 1)
	for replaced := range 3 {
		path := filepath.Join(t.TempDir(), "list.jsonl")
		contents := [][]byte{text[files(before)[0]], text[files(before)[1]]}
		for i := range replaced {
			contents[i] = text[files(after)[i]]
		}
		for i, f := range files(path) {
			if err := os.WriteFile(f, contents[i], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(headFile(path), []byte(both), 0o600); err != nil {
			t.Fatal(err)
		}
		c, lines, d := openLines(t, path)
		want := 10
		if replaced > 0 {
			want = 2
		}
		if len(lines) != want || d.Restored != 0 || d.Changed || c.Close() != nil {
			t.Errorf("%d files replaced: %d lines, %+v", replaced, len(lines), d)
		}
	}
}

func TestAChainIsWrittenByManyAndCompactedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.jsonl")
	c, _, _ := openLines(t, path)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				if err := c.Append(fmt.Appendf(nil, `{"w":%d,"n":%d}`, w, i)); err != nil {
					t.Error(err)
				}
				if i%10 == 9 {
					if err := c.Compact(func(bodies [][]byte) [][]byte { return bodies }); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := Verify(path); n != 80 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
