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
	"headgate/queue/stream"
)

func TestARepairedSequenceNumberMakesTheRecordWholeAgain(t *testing.T) {
	dir := t.TempDir()
	fillForDamage(t, dir)
	folder := filepath.Join(dir, "queue")
	path := filepath.Join(folder, "jetstream", "$G", "streams", logFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if repaired, err := stream.RepairBlocks(folder, true); err != nil || repaired != nil {
		t.Fatalf("repairs %v in a whole log, %v", repaired, err)
	}
	for record := 1; record < damageGroups; record++ {
		for which := range 8 {
			b := flipSequence(record, which)(bytes.Clone(whole))
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			repaired, err := stream.RepairBlocks(folder, false)
			if err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if which < 3 { // plausible: the server copes
				whole := flipSequence(record, which)(bytes.Clone(whole))
				if repaired != nil || !bytes.Equal(after, whole) {
					t.Fatalf("byte %d of record %d: repairs %v", which, record, repaired)
				}
			} else if len(repaired) != 1 || !bytes.Equal(after, whole) {
				t.Fatalf("byte %d of record %d: repairs %v, whole %v", which, record, repaired, bytes.Equal(after, whole))
			}
		}
	}
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
