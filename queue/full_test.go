//go:build linux

package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"headgate/queue"
	"headgate/queue/stream/conform"
)

// TestAFullDiskRefusesAndCarriesOn fills a small disk where the test may mount one; where it may not, it says so and puts
// a limit on the size of files instead.
func TestAFullDiskRefusesAndCarriesOn(t *testing.T) {
	dir := t.TempDir()
	ballast := filepath.Join(dir, "ballast")
	free := func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32m"); err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		if err := os.WriteFile(ballast, make([]byte, 16<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	} else {
		t.Logf("no small disk can be mounted here (%v); files are limited in size instead", err)
		free = conform.LimitFiles(t, 4<<20)
	}
	fillAndFree(t, dir, free)
}

func fillAndFree(t *testing.T, dir string, free func()) {
	l := open(t, embedded(t, dir))
	d := newDesk(t, l, "quick", "dead")
	stop := drain(d, "quick")
	body := strings.Repeat("x", 100<<10)
	var accepted []string
	offer := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		s := fmt.Sprint(len(accepted))
		err := l.Append(ctx, []queue.Entry{d.entry(s+" "+body, queue.Due, queue.Due)})
		if err == nil {
			accepted = append(accepted, s)
		}
		return err
	}
	var err error
	for err == nil {
		if err = offer(); len(accepted) > 1000 {
			t.Fatal("the disk does not fill up")
		}
	}
	began := time.Now()
	for range 5 {
		if err := offer(); !errors.Is(err, queue.ErrFull) {
			t.Fatalf("append says %v", err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("five refusals took %v", took)
	}
	if l.Healthy() == nil {
		t.Error("a log that cannot write is healthy")
	}
	before := len(accepted)
	free()
	until(t, func() bool { return l.Healthy() == nil && offer() == nil }, func() string { return fmt.Sprintf("there is room, and still: %v", l.Healthy()) })
	for range 10 {
		if err := offer(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d were accepted before, %d after", before, len(accepted)-before)
	seen := map[string]int{}
	for !strings.Contains(d.status("dead"), " 0 pending") {
		g := d.must("dead")
		for _, it := range g.Items {
			label, _, _ := strings.Cut(text(it), " ")
			seen[label]++
		}
		d.settle(g)
	}
	for _, s := range accepted {
		if seen[s] == 0 {
			t.Errorf("%s was accepted and never came", s)
		}
	}
	stop()
	if s, err := l.Status(context.Background()); err != nil || len(s.Damage) > 0 {
		t.Errorf("status %+v, %v", s, err)
	}
}

func TestTheLogIsNearlyFullOfWhatIsNotDelivered(t *testing.T) {
	o := embedded(t, t.TempDir())
	o.Config.MaxBytes = 16 << 20 // of which the log has three quarters
	d := newDesk(t, open(t, o), "a")
	full := func() bool {
		t.Helper()
		if err := queue.Measure(d.log, t.Context()); err != nil {
			t.Fatal(err)
		}
		return d.log.NearlyFull()
	}
	large := strings.Repeat("x", 1<<20)
	for range 8 {
		d.append(d.entry(large, queue.Due))
	}
	if full() {
		t.Error("nearly full with 8 of 12 MiB")
	}
	for range 3 {
		d.append(d.entry(large, queue.Due))
	}
	if !full() {
		t.Error("not nearly full with 11 of 12 MiB")
	}
	for range 6 {
		d.settle(d.must("a"))
	}
	if err := d.log.Sweep(t.Context()); err != nil { // with its checkpoint
		t.Fatal(err)
	}
	if full() {
		t.Error("nearly full when half is delivered")
	}
}
