package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/queue"
)

// A disk that fails to read a file stops delivery there, once all before is delivered: the failure may be temporary. Next
// returns an error with the file's name, and events are still accepted. When somebody moves the file away, the rest is delivered and what was in it counts as lost.
func TestAFileThatTheDiskCannotReadIsNamedAndMayBeMovedAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := embedded(t, dir)
	o.Config.MaxBytes, o.Config.Recent = 16<<20, 0
	began := time.Now()
	o.Now = func() time.Time { return began.Add(20 * time.Since(began)) }
	l := open(t, o)
	d := newDesk(t, l, "a")
	const groups = 60
	for i := range groups {
		d.append(d.entry(fmt.Sprintf("%d %s", i, strings.Repeat("x", 47<<10)), queue.Due))
	}
	files, err := filepath.Glob(filepath.Join(dir, "queue", "log", "*.seg"))
	if err != nil || len(files) < 4 {
		t.Fatalf("there are %d files, %v", len(files), err)
	}
	if err := os.Rename(files[1], files[1]+".elsewhere"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(files[1], 0o700); err != nil { // reading it fails
		t.Fatal(err)
	}
	reading, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var came []string
	take := func(g *queue.Group) {
		label, _, _ := strings.Cut(texts(g)[0], " ")
		came = append(came, label)
		d.settle(g)
	}
	var asked time.Time
	for again := range 3 { // each time it is asked
		var g *queue.Group
		for err = nil; err == nil; g, err = d.cursors["a"].Next(reading) {
			if g != nil {
				take(g)
			}
			asked = o.Now()
		}
		if !strings.Contains(err.Error(), files[1]+" at byte 4096: is a directory") {
			t.Fatalf("after %d groups: %v", len(came), err)
		}
		if passed := o.Now().Sub(asked); again == 0 && passed < 5*time.Second {
			t.Errorf("it is an error after %v: a node of a cluster may be away as long", passed)
		}
	}
	from, until := firstIn(t, files[1]), firstIn(t, files[2])
	if len(came) != from-1 {
		t.Errorf("%d groups came, of %d before the file", len(came), from-1)
	}
	d.append(d.entry("new", queue.Due)) // it is still taken

	if err := os.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(d.status("a"), " 0 pending") {
		take(d.must("a"))
	}
	missing := groups + 1 - len(came)
	if missing != until-from || came[len(came)-1] != "new" {
		t.Errorf("%d groups are missing, of %d in the file, and the last one is %s", missing, until-from, came[len(came)-1])
	}
	s, err := l.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Cursors[0].Lost != uint64(missing) || len(s.Damage) == 0 {
		t.Errorf("%d groups are missing, %d are counted as lost; the damage is %v", missing, s.Cursors[0].Lost, s.Damage)
	}
}

// firstIn is the number of the first group in a file of the log, whose name has it.
func firstIn(t *testing.T, file string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".seg"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
