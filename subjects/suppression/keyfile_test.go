package suppression

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAKeyIsMadeOnceAndABadOneIsNotReplaced(t *testing.T) {
	folder := t.TempDir()
	key, err := Key(folder, SubjectsKey)
	if err != nil || len(key) != 32 {
		t.Fatal(key, err)
	}
	path := filepath.Join(folder, SubjectsKey)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if again, err := Key(folder, SubjectsKey); err != nil || !bytes.Equal(again, key) {
		t.Errorf("%x %v", again, err)
	}
	for text, why := range map[string]string{"": "too short", "00ff": "too short", "no hex": "invalid byte"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Key(folder, SubjectsKey); err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "restore it from a backup") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheHeadgatesOfAClusterHaveOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		share := func(folder string) []byte {
			t.Helper()
			own, err := Key(folder, SubjectsKey)
			if err == nil {
				own, err = SharedKey(t.Context(), folder, b, own)
			}
			if err != nil {
				t.Fatal(err)
			}
			return own
		}
		one, two := t.TempDir(), t.TempDir()
		key := share(one)
		if !bytes.Equal(share(two), key) || !bytes.Equal(share(one), key) || len(b.lines) != 1 {
			t.Fatalf("%d keys on the board", len(b.lines))
		}
		if stored, err := Key(two, SubjectsKey); err != nil || !bytes.Equal(stored, key) {
			t.Errorf("the other did not keep it: %v", err)
		}
		// A keyed entry of one stops at the other, and a board that was lost gets the key again.
		k := newKeeper(t, two, nil)
		k.kill()
		var err error
		if k.List, err = Open(t.Context(), two, key, b, time.Now(), time.Now, k.logger); err != nil {
			t.Fatal(err)
		}
		b.set()
		aWhile()
		if !bytes.Equal(share(t.TempDir()), key) {
			t.Error("after the board was lost a new Headgate has another key")
		}
		if strings.Contains(k.said.String(), "cannot read") {
			t.Errorf("said: %s", k.said)
		}
		k.kill()
		b.be(errAway)
		if _, err := SharedKey(t.Context(), one, b, key); err == nil || !strings.Contains(err.Error(), "nothing is accepted") {
			t.Errorf("without the cluster: %v", err)
		}
	})
}

func TestADamagedKeySaysWhatItIsForAndTheCure(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]string{RotationKey: "in redacted events", SubjectsKey: "found for a withdrawal"} {
		for kind, text := range map[string]string{"empty": "", "zeros": string(make([]byte, 65)), "half": strings.Repeat("ab", 16), "odd": strings.Repeat("a", 65)} {
			folder := t.TempDir()
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Key(folder, name)
			if err == nil {
				t.Errorf("%s, %s: it is taken for a key", name, kind)
				continue
			}
			for _, part := range []string{path + " is damaged", use, "restore it from a backup, or remove the file"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s, %s: %q does not say %q", name, kind, err, part)
				}
			}
		}
	}
}
