package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/queue"
)

// injury is something that happens to a file of the log while no process has it open.
type injury struct {
	name  string
	where string // a file below the streams' folder, or a folder
	do    func(t *testing.T, path string)
	harms bool // events may be lost
}

func edit(change func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(t *testing.T, path string) {
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

const (
	logFile   = "HEADGATE_LOG/msgs/1.blk"
	stateFile = "HEADGATE_STATE/msgs/1.blk"
	retryFile = "HEADGATE_RETRY/msgs/1.blk"
)

var injuries = []injury{
	{"a torn tail", logFile, edit(func(b []byte) []byte { return b[:len(b)-1000] }), true},
	{"garbage at the end", logFile, edit(func(b []byte) []byte { return append(b, bytes.Repeat([]byte("garbage"), 500)...) }), false},
	{"zeros at the end", logFile, edit(func(b []byte) []byte { return append(b, make([]byte, 5000)...) }), false},
	{"zeros over the tail", logFile, edit(func(b []byte) []byte { clear(b[len(b)-5000:]); return b }), true},
	{"a flipped byte in the middle", logFile, edit(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), true},
	{"a flipped byte at the beginning", logFile, edit(func(b []byte) []byte { b[30] ^= 1; return b }), true},
	{"a sequence number beyond belief", logFile, edit(flipSequence(30, 6)), false},
	{"a sequence number somewhat off", logFile, edit(flipSequence(30, 3)), false},
	{"a whole record overwritten, its number too", logFile, edit(func(b []byte) []byte {
		at := recordAt(b, 30)
		for i := at + 5; i < at+300; i++ {
			b[i] ^= 0x55
		}
		return b
	}), true},
	{"a flipped byte in the last group", logFile, edit(func(b []byte) []byte { b[len(b)-500] ^= 1; return b }), true},
	{"an emptied block", logFile, edit(func([]byte) []byte { return nil }), true},
	{"a lost block", logFile, remove, true},
	{"a lost log", "HEADGATE_LOG", remove, true},
	{"a damaged description of the log", "HEADGATE_LOG/meta.inf", edit(func(b []byte) []byte { return b[:len(b)/2] }), false},
	{"a lost description of the log", "HEADGATE_LOG/meta.inf", remove, false},
	{"a flipped byte in the last checkpoint", stateFile, edit(func(b []byte) []byte { b[len(b)-100] ^= 1; return b }), false},
	{"torn checkpoints", stateFile, edit(func(b []byte) []byte { return b[:len(b)/2] }), false},
	{"lost checkpoints", "HEADGATE_STATE", remove, false},
	{"lost retries", "HEADGATE_RETRY", remove, true},
	{"a flipped byte in the retries", retryFile, edit(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), true},
	{"everything but the mark lost", ".", remove, true},
}

// recordAt is where a record of a block file begins.
func recordAt(b []byte, n int) int {
	at := 0
	for range n {
		at += int(binary.LittleEndian.Uint32(b[at:]) &^ (1 << 31))
	}
	return at
}

// flipSequence changes a byte of a record's sequence number, the lowest being 0.
func flipSequence(record, which int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[recordAt(b, record)+4+which] ^= 1
		return b
	}
}

func TestADamagedLogOpensAndDeliversWhatIsReadable(t *testing.T) {
	master := t.TempDir()
	fillForDamage(t, master)
	for _, with := range []string{"with its index", "without its index"} {
		for _, in := range injuries {
			t.Run(in.name+" "+with, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(master)); err != nil {
					t.Fatal(err)
				}
				streams := filepath.Join(dir, "queue", "jetstream", "$G", "streams")
				if with == "without its index" {
					dropIndexes(t, streams)
				}
				in.do(t, filepath.Join(streams, in.where))
				checkDamaged(t, dir, in)
			})
		}
	}
}

const (
	damageGroups  = 60
	damageSettled = 25 // by a
)

// fillForDamage makes a log of sixty groups, of which a has delivered the first twenty-five, but for one that waits for
// another try, and b nothing.
func fillForDamage(t *testing.T, dir string) {
	l := open(t, embedded(t, dir))
	d := newDesk(t, l, "a", "b")
	for i := range damageGroups {
		d.append(d.entry(fmt.Sprintf("%d %s", i, strings.Repeat("x", 900)), queue.Due, queue.Due), d.entry(fmt.Sprintf("%d.5 only b", i), queue.Filtered, queue.Due))
	}
	for i := range damageSettled {
		g := d.must("a")
		if i == 3 {
			d.settle(g, queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour, Why: "busy"})
		} else {
			d.settle(g)
		}
	}
	closeLog(t, l)
}

func dropIndexes(t *testing.T, dir string) {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Name() == "index.db" {
			return os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkDamaged(t *testing.T, dir string, in injury) {
	v, err := queue.Verify(context.Background(), embedded(t, dir))
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	o := embedded(t, dir)
	o.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } // the retry is due
	l := open(t, o)
	d := newDesk(t, l, "a", "b")
	d.append(d.entry("new", queue.Due, queue.Due)) // what comes after the damage is delivered
	found := map[string]map[string]int{}
	for _, name := range []string{"a", "b"} {
		found[name] = map[string]int{}
		for !strings.Contains(d.status(name), " 0 pending") {
			g := d.must(name)
			for _, it := range g.Items {
				label, _, _ := strings.Cut(text(it), " ")
				found[name][label]++
			}
			d.settle(g)
		}
		if found[name]["new"] != 1 {
			t.Errorf("%s has had the new event %d times", name, found[name]["new"])
		}
	}
	s, err := l.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a %s\nb %s\nverify %+v\ndamage %+v", d.status("a"), d.status("b"), v, s.Damage)
	missing, lost := 0, 0
	for i := range damageGroups {
		for _, label := range []string{fmt.Sprint(i), fmt.Sprint(i, ".5")} {
			if found["b"][label] == 0 {
				missing++
			}
		}
	}
	for _, c := range s.Cursors {
		if c.Name == "b" {
			lost = int(c.Lost)
		}
	}
	reported := len(s.Damage) > 0
	switch {
	case in.harms && !reported && lost == 0 && missing > 0:
		t.Errorf("%d of b's events are missing and nobody says so", missing)
	case !in.harms && missing > 0:
		t.Errorf("%d of b's events are missing", missing)
	case strings.HasPrefix(in.where, "HEADGATE_RETRY") && found["a"]["3"] == 0 && !reported:
		t.Error("a's retry is gone and nobody says so")
	case in.where != "." && !strings.HasPrefix(in.where, "HEADGATE_STATE") && lost != missing:
		t.Errorf("%d of b's events are missing, %d are counted as lost", missing, lost)
	}
	if (missing > 0 || in.where == "HEADGATE_RETRY") && len(v.Damage) == 0 {
		t.Error("verify finds nothing")
	}
	closeLog(t, l)
	l = open(t, embedded(t, dir)) // and once more, without a new surprise
	d = newDesk(t, l, "a", "b")
	d.append(d.entry("newer", queue.Due, queue.Due))
	for _, name := range []string{"a", "b"} {
		if g := d.next(name, time.Minute); g == nil || text(g.Items[0]) != "newer" {
			t.Errorf("%s does not go on: %s", name, d.status(name))
		}
	}
}
