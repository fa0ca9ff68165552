package disk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/queue/disk"
	"headgate/queue/stream/conform"
)

func TestFilesConform(t *testing.T) {
	for kind, key := range map[string]string{"plain": "", "encrypted": "a key of some length"} {
		t.Run(kind, func(t *testing.T) {
			conform.Store(t, func(t *testing.T) conform.Subject {
				s, err := disk.Open(t.Context(), disk.Options{Dir: t.TempDir(), MaxBytes: 64 << 20, MaxMessage: 1 << 20, Key: key,
					Damaged: func(what string) { t.Errorf("damage: %s", what) }})
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
}

func TestTheLogOfAnEarlierVersionStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "jetstream", "$G"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := disk.Open(t.Context(), disk.Options{Dir: dir, MaxBytes: 64 << 20, MaxMessage: 1 << 20})
	if err == nil || !strings.Contains(err.Error(), "move that folder away") || !strings.Contains(err.Error(), dir) {
		t.Errorf("it says %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}
