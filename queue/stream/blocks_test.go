package stream

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func FuzzRepairBlocks(f *testing.F) {
	dir := f.TempDir()
	folder := filepath.Join(dir, "jetstream", "$G", "streams", "HEADGATE_LOG", "msgs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 2, 0, 'a', 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0}, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(folder, "1.blk"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := RepairBlocks(dir, true); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(filepath.Join(folder, "1.blk"))
		if err != nil || len(after) != len(b) {
			t.Fatalf("%d bytes become %d, %v", len(b), len(after), err)
		}
	})
}
