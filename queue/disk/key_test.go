package disk

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"headgate/queue/stream"
)

const testKey = "a key of some length"

// withKey is a folder of a log with three messages, of which one was removed.
func withKey(t *testing.T, key string) files {
	t.Helper()
	dir := InMemory(t)
	s := opened(t, dir, &damages{}, func(o *Options) { o.Key = key })
	for i := range 3 {
		published(t, s, stream.LogSubject("w"), []byte(fmt.Sprint("m", i)))
	}
	if err := s.Remove(t.Context(), stream.Log, 2); err != nil {
		t.Fatal(err)
	}
	s.Close()
	return readFiles(t, dir)
}

// TestAWrongKeyChangesNothing: neither a key nor its file may be wrong, or missing, and take the log with it.
func TestAWrongKeyChangesNothing(t *testing.T) {
	plain, encrypted := withKey(t, ""), withKey(t, testKey)
	for _, c := range []struct {
		name string
		f    files
		key  string
		says string
	}{
		{"another key", encrypted, "another key that is long", "is not the one"},
		{"no key", encrypted, "", "is encrypted"},
		{"a key for a log without one", plain, testKey, "was made without"},
		{"the key's file is lost", without(encrypted, keyFile), testKey, "is missing"},
		{"the key and its file are lost", without(encrypted, keyFile), "", "is missing"},
		{"a key for a log without one, whose file is lost", without(plain, keyFile), testKey, "was made without"},
		{"the key's file is damaged", with(encrypted, keyFile, encrypted[keyFile][:20]), testKey, "is damaged"},
	} {
		for _, only := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", check only ", only), func(t *testing.T) {
				dir := writeFiles(t, c.f)
				s, err := Open(t.Context(), Options{Dir: dir, MaxBytes: 16 << 20, MaxMessage: 1 << 20, Key: c.key, CheckOnly: only})
				if err == nil {
					s.Close()
					t.Error("it opens")
				} else if !strings.Contains(err.Error(), c.says) {
					t.Errorf("it says %v", err)
				}
				if after := readFiles(t, dir); !maps.EqualFunc(c.f, after, bytes.Equal) {
					t.Errorf("there were %v, and are %v", slices.Sorted(maps.Keys(c.f)), slices.Sorted(maps.Keys(after)))
				}
			})
		}
	}
}

func TestALogWithoutAKeyDoesWithoutItsFile(t *testing.T) {
	dir := writeFiles(t, without(withKey(t, ""), keyFile))
	for range 2 {
		s := opened(t, dir, &damages{})
		wantTexts(t, s, stream.Log, "1 m0", "3 m2")
		s.Close()
	}
}

// TestTheKeyFileOfAnotherLogHarmsNothing: it fits the key, but nothing can be read with it. With the right one all is there again, and
// what was removed is not.
func TestTheKeyFileOfAnotherLogHarmsNothing(t *testing.T) {
	f, another := withKey(t, testKey), withKey(t, testKey)
	key := func(o *Options) { o.Key = testKey }
	dir, d := writeFiles(t, with(f, keyFile, another[keyFile])), damages{expected: true}
	for range 2 {
		s := opened(t, dir, &d, key)
		wantTexts(t, s, stream.Log)
		s.Close()
	}
	if len(d.said) != len(folders) {
		t.Errorf("it says %q", d.said)
	}
	restored := files{keyFile: f[keyFile]}
	for name, b := range readFiles(t, dir) {
		of, damaged := strings.CutSuffix(name, ".damaged")
		if damaged || strings.HasSuffix(name, removedEnding) {
			restored[of] = b
		}
	}
	s := opened(t, writeFiles(t, restored), &damages{}, key)
	wantTexts(t, s, stream.Log, "1 m0", "3 m2")
}
