package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// damages collects what Open says; what is not expected fails the test.
type damages struct {
	t        *testing.T
	expected bool
	said     []string
}

func (d *damages) add(what string) {
	if d.said = append(d.said, what); !d.expected {
		d.t.Errorf("damage: %s", what)
	}
}

// opened opens a folder, and closes it at the test's end.
func opened(t *testing.T, dir string, d *damages, change ...func(*Options)) *Store {
	t.Helper()
	d.t = t
	o := Options{Dir: dir, MaxBytes: 16 << 20, MaxMessage: 1 << 20, Damaged: d.add}
	for _, c := range change {
		c(&o)
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func published(t *testing.T, s *Store, subject string, data []byte) uint64 {
	t.Helper()
	seq, err := s.Publish(t.Context(), subject, data, stream.Expectation{})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// texts is what a stream has, as "sequence text".
func texts(t *testing.T, s *Store, name string) (all []string) {
	t.Helper()
	for from := uint64(1); ; {
		some, err := s.Read(t.Context(), name, "", from, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		for _, m := range some {
			text, _, _ := strings.Cut(string(m.Data), " ")
			all = append(all, fmt.Sprint(m.Seq, " ", text))
			from = m.Seq + 1
		}
	}
}

func wantTexts(t *testing.T, s *Store, name string, want ...string) {
	t.Helper()
	if got := texts(t, s, name); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("there is %q, not %q", got, want)
	}
}

// change edits a file in place.
func change(t *testing.T, path string, edit func(b []byte)) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edit(b)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// InMemory is a folder for a test that asks much of its files and nothing of the disk: in memory where there is such a place.
func InMemory(tb testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "headgate")
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

// readFiles returns the files of a folder by their paths, with slashes.
func readFiles(tb testing.TB, dir string) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// writeFiles makes a folder of files.
func writeFiles(tb testing.TB, files map[string][]byte) (dir string) {
	tb.Helper()
	dir = InMemory(tb)
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}
