package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
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
	logFile   = "log/00000000000000000001.seg"
	stateFile = "checkpoints/00000000000000000001.seg"
	retryFile = "retries/00000000000000000001.seg"
)

// used is how many bytes of a file come before the zeros at its end.
func used(b []byte) int { return len(bytes.TrimRight(b, "\x00")) }

var injuries = []injury{
	{"a torn tail", logFile, edit(func(b []byte) []byte { return b[:used(b)-1000] }), true},
	{"a file without its zeros", logFile, edit(func(b []byte) []byte { return b[:used(b)] }), false},
	{"garbage at the end", logFile, edit(func(b []byte) []byte { return append(b, bytes.Repeat([]byte("garbage"), 500)...) }), false},
	{"garbage behind the last group", logFile, edit(func(b []byte) []byte { return append(b[:used(b)], bytes.Repeat([]byte("garbage"), 500)...) }), false},
	{"half a group behind the last", logFile, edit(func(b []byte) []byte {
		last := recordAt(b, records(b)-1)
		return append(b[:used(b)], b[last:last+200]...)
	}), false},
	{"the last group twice", logFile, edit(func(b []byte) []byte { return append(b[:used(b)], b[recordAt(b, records(b)-1):used(b)]...) }), false},
	{"zeros over the tail", logFile, edit(func(b []byte) []byte { clear(b[used(b)-5000:]); return b }), true},
	{"a flipped byte in the middle", logFile, edit(func(b []byte) []byte { b[used(b)/2] ^= 1; return b }), true},
	{"a damaged beginning, which is there twice", logFile, edit(func(b []byte) []byte { clear(b[:512]); return b }), false},
	{"a damaged second beginning", logFile, edit(func(b []byte) []byte { clear(b[2048:2560]); return b }), false},
	{"both beginnings damaged", logFile, edit(func(b []byte) []byte { clear(b[:4096]); return b }), true},
	{"a size beyond belief", logFile, edit(func(b []byte) []byte { b[recordAt(b, 20)+3] ^= 0x40; return b }), true},
	{"a size somewhat off", logFile, edit(func(b []byte) []byte { b[recordAt(b, 20)] ^= 1; return b }), true},
	{"a sequence number beyond belief", logFile, edit(func(b []byte) []byte { b[recordAt(b, 20)+14] ^= 1; return b }), true},
	{"a sequence number somewhat off", logFile, edit(func(b []byte) []byte { b[recordAt(b, 20)+8] ^= 2; return b }), true},
	{"a whole record overwritten, its number too", logFile, edit(func(b []byte) []byte {
		at := recordAt(b, 20)
		for i := at + 5; i < at+300; i++ {
			b[i] ^= 0x55
		}
		return b
	}), true},
	{"zeros over several records", logFile, edit(func(b []byte) []byte { clear(b[recordAt(b, 10)+100 : recordAt(b, 13)+100]); return b }), true},
	{"a flipped byte in the last group", logFile, edit(func(b []byte) []byte { b[recordAt(b, records(b)-1)+300] ^= 1; return b }), true},
	{"an emptied file", logFile, edit(func([]byte) []byte { return nil }), true},
	{"a lost file", logFile, remove, true},
	{"a lost log", "log", remove, true},
	{"a flipped byte in the last checkpoint", stateFile, edit(func(b []byte) []byte { b[used(b)-100] ^= 1; return b }), false},
	{"torn checkpoints", stateFile, edit(func(b []byte) []byte { return b[:4096+(len(b)-4096)/2] }), false},
	{"lost checkpoints", "checkpoints", remove, false},
	{"lost retries", "retries", remove, true},
	{"a flipped byte in the retries", retryFile, edit(func(b []byte) []byte { b[4096+(used(b)-4096)/2] ^= 1; return b }), true},
	{"everything but the mark lost", ".", func(t *testing.T, path string) {
		for _, folder := range []string{"log", "checkpoints", "retries", "dead"} {
			remove(t, filepath.Join(path, folder))
		}
	}, true},
}

// recordAt is where a record of a segment begins.
func recordAt(b []byte, n int) int {
	at := 4096
	for range n {
		at += int(binary.LittleEndian.Uint32(b[at:]))
	}
	return at
}

// records is how many records a segment has.
func records(b []byte) (n int) {
	for recordAt(b, n) < used(b) && binary.LittleEndian.Uint32(b[recordAt(b, n):]) > 0 && binary.LittleEndian.Uint16(b[recordAt(b, n)+26:]) == 0 {
		n++
	}
	return n
}

func TestADamagedLogOpensAndDeliversWhatIsReadable(t *testing.T) {
	for kind, size := range map[string]int{"one segment": 900, "several segments": 60_000} {
		master := t.TempDir()
		fillForDamage(t, master, size)
		files, err := filepath.Glob(filepath.Join(master, "queue", "log", "*.seg"))
		if several := len(files) > 1; err != nil || several != (kind == "several segments") {
			t.Fatalf("%s: %v, %v", kind, files, err)
		}
		for _, in := range injuries {
			t.Run(in.name+" with "+kind, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(master)); err != nil {
					t.Fatal(err)
				}
				in.do(t, filepath.Join(dir, "queue", in.where))
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
func fillForDamage(t *testing.T, dir string, size int) {
	l := open(t, small(t, dir))
	d := newDesk(t, l, "a", "b")
	for i := range damageGroups {
		d.append(d.entry(fmt.Sprintf("%d %s", i, strings.Repeat("x", size)), queue.Due, queue.Due), d.entry(fmt.Sprintf("%d.5 only b", i), queue.Filtered, queue.Due))
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

// small has small segments.
func small(t *testing.T, dir string) queue.Options {
	o := embedded(t, dir)
	o.Config.MaxBytes = 32 << 20
	return o
}

func checkDamaged(t *testing.T, dir string, in injury) {
	v, err := queue.Verify(context.Background(), small(t, dir))
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	o := small(t, dir)
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
	case strings.HasPrefix(in.where, "retries") && found["a"]["3"] == 0 && !reported:
		t.Error("a's retry is gone and nobody says so")
	case in.where != "." && !strings.HasPrefix(in.where, "checkpoints") && lost != missing:
		t.Errorf("%d of b's events are missing, %d are counted as lost", missing, lost)
	}
	if (missing > 0 || strings.HasPrefix(in.where, "retries")) && len(v.Damage) == 0 {
		t.Error("verify finds nothing")
	}
	closeLog(t, l)
	l = open(t, small(t, dir)) // and once more, without a new surprise
	d = newDesk(t, l, "a", "b")
	d.append(d.entry("newer", queue.Due, queue.Due))
	for _, name := range []string{"a", "b"} {
		if g := d.next(name, time.Minute); g == nil || text(g.Items[0]) != "newer" {
			t.Errorf("%s does not go on: %s", name, d.status(name))
		}
	}
}
