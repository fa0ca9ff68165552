package queue_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/queue"
)

func TestAMendedSequenceNumberMakesTheRecordWholeAgain(t *testing.T) {
	dir := t.TempDir()
	fillForDamage(t, dir)
	folder := filepath.Join(dir, "queue")
	path := filepath.Join(folder, "jetstream", "$G", "streams", logFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if mended, err := queue.MendBlocks(folder, true); err != nil || mended != nil {
		t.Fatalf("mends %v in a whole log, %v", mended, err)
	}
	for record := 1; record < damageGroups; record++ {
		for which := range 8 {
			b := flipSequence(record, which)(bytes.Clone(whole))
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			mended, err := queue.MendBlocks(folder, false)
			if err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if which < 3 { // not beyond belief: the server copes
				whole := flipSequence(record, which)(bytes.Clone(whole))
				if mended != nil || !bytes.Equal(after, whole) {
					t.Fatalf("byte %d of record %d: mends %v", which, record, mended)
				}
			} else if len(mended) != 1 || !bytes.Equal(after, whole) {
				t.Fatalf("byte %d of record %d: mends %v, whole %v", which, record, mended, bytes.Equal(after, whole))
			}
		}
	}
}

func FuzzMendBlocks(f *testing.F) {
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
		if _, err := queue.MendBlocks(dir, true); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(filepath.Join(folder, "1.blk"))
		if err != nil || len(after) != len(b) {
			t.Fatalf("%d bytes become %d, %v", len(b), len(after), err)
		}
	})
}

func TestStartsThatEndBadlyAreCounted(t *testing.T) {
	dir := t.TempDir()
	count := func() string {
		b, err := os.ReadFile(filepath.Join(dir, "queue", "starts"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(b)
	}
	var got []string
	for range 3 {
		l, err := queue.Open(context.Background(), embedded(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, count())
		queue.Abandon(l)
	}
	l := open(t, embedded(t, dir))
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due))
	if g := d.next("a", time.Minute); g == nil {
		t.Error("nothing comes")
	}
	closeLog(t, l)
	if strings.Join(got, "") != "123" || count() != "" {
		t.Errorf("counts %v, then %q", got, count())
	}
}
