package queue_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/document"
	"headgate/queue"
)

// findInFiles returns the files below dir that hold a text.
func findInFiles(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWithAKeyNothingIsReadableOnDisk(t *testing.T) {
	const marker = "a-marker-that-is-nowhere-else"
	for _, c := range []struct {
		name    string
		options func(testing.TB, string) queue.Options
		shows   bool
	}{{"without a key", embedded, true}, {"with a key", encrypted, false}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, c.options(t, dir))
			d := newDesk(t, l, "a")
			for range 3 {
				d.append(d.entry(marker, queue.Due))
			}
			d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Reject, Why: marker})
			d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour, Why: marker})
			closeLog(t, l)
			if found := findInFiles(t, dir, marker); (len(found) > 0) != c.shows {
				t.Errorf("found in %v", found)
			}
		})
	}
}

func TestAWrongKeyOpensNothingAndHarmsNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, encrypted(t, dir))
	newDesk(t, l, "a").append(newDesk(t, l, "a").entry("one", queue.Due))
	closeLog(t, l)
	for _, key := range []string{"another key altogether", ""} {
		o := encrypted(t, dir)
		o.Config.EncryptionKey = document.NewSecret(key)
		if l, err := queue.Open(context.Background(), o); err == nil {
			closeLog(t, l)
			t.Errorf("opened with key %q", key)
		} else if !strings.Contains(err.Error(), "queue.encryption_key") {
			t.Errorf("with key %q it says %v", key, err)
		}
	}
	d := newDesk(t, open(t, encrypted(t, dir)), "a")
	d.want("a", "1 = 0 delivered 0 filtered 0 denied 0 rejected 1 pending (0 retrying)")
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	dir := t.TempDir()
	open(t, embedded(t, dir))
	for name, do := range map[string]func() error{
		"open": func() error {
			_, err := queue.Open(context.Background(), embedded(t, dir))
			return err
		},
		"verify": func() error {
			_, err := queue.Verify(context.Background(), embedded(t, dir))
			return err
		},
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("%s says %v", name, err)
		}
	}
}

func TestVerifyOfNoLogSaysSo(t *testing.T) {
	if _, err := queue.Verify(context.Background(), embedded(t, t.TempDir())); err == nil || !strings.Contains(err.Error(), "no log") {
		t.Errorf("verify says %v", err)
	}
}

func TestVerifyCountsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(t, dir))
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.Due), d.entry("three", queue.Filtered))
	d.append(d.entry("four", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Reject}, queue.Left{Item: 1, Outcome: queue.Retry, After: time.Hour})
	closeLog(t, l)
	v, err := queue.Verify(context.Background(), embedded(t, dir))
	if err != nil || v.Groups != 2 || v.Events != 4 || v.Retries != 1 || v.DeadLetters != 1 || len(v.Damage) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	l := open(t, embedded(t, t.TempDir()))
	d := newDesk(t, l, "a", "b")
	stop := drain(d, "b")
	d.append(d.entry("one", queue.Due, queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour})
	stop()
	closeLog(t, l)
	goleak.VerifyNone(t, before)
}

func TestClosingIsBounded(t *testing.T) {
	l := open(t, embedded(t, t.TempDir()))
	newDesk(t, l, "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	began := time.Now()
	if err := l.Close(ctx); err == nil {
		t.Error("a close that was cut short says nothing")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestAProcessThatLostItsLedgerWritesAnother stands in for a process that was suspended for so long that another took over.
func TestAProcessThatLostItsLedgerWritesAnother(t *testing.T) {
	c := startCluster(t)
	url := c.tenant()
	l := open(t, clustered(t, t.TempDir(), url, "one"))
	d := newDesk(t, l, "a")
	d.append(d.entry("before", queue.Due))
	held := d.must("a")

	js := dial(t, url)
	if _, err := js.Publish(context.Background(), "headgate.lease.one", []byte("somebody else")); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	writers := map[string]bool{}
	for len(writers) < 2 {
		if time.Now().After(deadline) {
			t.Fatalf("written by %v", writers)
		}
		d.append(d.entry("after", queue.Due))
		if err := l.Scan(context.Background(), time.Time{}, func(s queue.Stored) bool { writers[s.Writer] = true; return true }); err != nil {
			t.Fatal(err)
		}
	}
	d.settle(held, queue.Left{Item: 0, Outcome: queue.Reject}) // not its business any more
	d.append(d.entry("last", queue.Due))
	for {
		g := d.must("a")
		d.settle(g)
		if text(g.Items[0]) == "last" {
			break
		}
	}
}

func TestADamagedKeyFileIsNotTakenForAWrongKey(t *testing.T) {
	dir := t.TempDir()
	closeLog(t, open(t, encrypted(t, dir)))
	var path string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "key" {
			path = name
		}
		return err
	})
	stored, readErr := os.ReadFile(path)
	if err != nil || readErr != nil {
		t.Fatal(err, readErr)
	}
	for name, damaged := range map[string][]byte{"cut off": stored[:20], "empty": {}, "a flipped bit": append([]byte{stored[0] ^ 1}, stored[1:]...),
		"another file": []byte(strings.Repeat("something else ", 10))} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := queue.Open(context.Background(), encrypted(t, dir)); err == nil {
			closeLog(t, l)
			t.Errorf("%s: opened", name)
		} else if !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, stored, 0o600); err != nil {
		t.Fatal(err)
	}
	closeLog(t, open(t, encrypted(t, dir)))
}
