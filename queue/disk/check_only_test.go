package disk

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"headgate/queue/stream"
)

func checkOnly(o *Options) { o.CheckOnly = true }

// TestACheckChangesNothingAndFindsDamage reads folders as they may be left behind, and damaged ones.
func TestACheckChangesNothingAndFindsDamage(t *testing.T) {
	middle, last := retrySegment(6), retrySegment(11)
	for _, c := range []struct {
		name    string
		spoil   func(f files)
		damages int
	}{
		{"whole", func(files) {}, 0},
		{"left over", func(f files) {
			f["retries/next"], f[middle+newEnding], f[retryRemoved(99)] = []byte("x"), []byte("x"), []byte("x")
		}, 0},
		{"half a message at the end", func(f files) { f[last] = f[last][:len(f[last])-10] }, 0}, // as a crash leaves it
		{"without the last summary", func(f files) { f[middle] = f[middle][:len(f[middle])-1] }, 1},
		{"a flipped byte in a finished segment", func(f files) { f[middle][firstRecord+500] ^= 1 }, 1},
		{"a flipped byte in the last segment", func(f files) { f[last][firstRecord+500] ^= 1 }, 1},
		{"both heads lost", func(f files) { clear(f[middle][:firstRecord]) }, 1},
		{"three at once", func(f files) {
			clear(f[last][:firstRecord])
			f[middle][firstRecord+500] ^= 1
			f[retrySegment(1)][firstRecord+500] ^= 1
		}, 3},
		{"a lost folder", func(f files) {
			maps.DeleteFunc(f, func(name string, _ []byte) bool { return filepath.Dir(name) == "checkpoints" })
		}, 0},
		{"a lost key file", func(f files) { delete(f, keyFile) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newStopped(t, 13)
			f.remove(3, 12)
			before := f.now()
			c.spoil(before)
			dir := writeFiles(t, before)
			d := damages{expected: c.damages > 0}
			s := opened(t, dir, &d, checkOnly)
			texts(t, s, stream.Retries)
			if seq, err := s.Publish(t.Context(), stream.LogSubject("w"), nil, stream.Expectation{}); !errors.Is(err, stream.ErrClosed) {
				t.Errorf("publish returns %d, %v", seq, err)
			}
			for _, err := range []error{s.Remove(t.Context(), stream.Retries, 1), s.Purge(t.Context(), stream.Retries, "", 0)} {
				if !errors.Is(err, stream.ErrClosed) {
					t.Errorf("a removal says %v", err)
				}
			}
			s.Close()
			if len(d.said) != c.damages {
				t.Errorf("it says %q", d.said)
			}
			after := readFiles(t, dir)
			if !maps.EqualFunc(before, after, bytes.Equal) {
				t.Errorf("there were %v, and are %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
			}
			if _, err := os.Stat(filepath.Join(dir, "checkpoints")); err == nil && c.name == "a lost folder" {
				t.Error("it has made the folder")
			}
		})
	}
}

func TestACheckOfNothingMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	var d damages
	opened(t, dir, &d, checkOnly)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it has made the folder: %v", err)
	}
}

func TestACheckKeepsNothingOpen(t *testing.T) {
	dir := newStopped(t, 3).dir
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Skip("files cannot be counted here")
	}
	open := func() int {
		all, _ := os.ReadDir("/proc/self/fd")
		return len(all)
	}
	before := open()
	for range 10 {
		s, err := Open(t.Context(), Options{Dir: dir, MaxBytes: 16 << 20, MaxMessage: 1 << 20, CheckOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if after := open(); after > before+5 { // the runtime may open some of its own
		t.Errorf("%d files were open, and %d are", before, after)
	}
}
