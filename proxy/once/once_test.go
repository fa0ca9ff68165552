package once_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"headgate/event"
	"headgate/proxy/once"
	"headgate/sources"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, path string, now time.Time) *once.Memory {
	t.Helper()
	m, err := once.Open(path, slog.New(slog.DiscardHandler), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// delivery is a reading with one event for each id; "" is none of its own.
func delivery(id string, events ...string) *sources.Reading {
	r := &sources.Reading{Once: &sources.Once{Delivery: sources.MarkOf(id)}}
	for _, e := range events {
		r.Events = append(r.Events, event.Event{ID: e})
		var mark sources.Mark
		if e != "" {
			mark = sources.MarkOf("event", e)
		}
		r.Once.Events = append(r.Once.Events, mark)
	}
	return r
}

// take is what the walk does; it returns how many events passed.
func take(m *once.Memory, r *sources.Reading, now time.Time) int {
	c := m.Claim(r)
	defer c.Release()
	c.Keep(now)
	return len(r.Events)
}

func TestADeliveryAndAnOrderCountOnce(t *testing.T) {
	t.Parallel()
	m := open(t, filepath.Join(t.TempDir(), "once"), noon)
	for _, c := range []struct {
		name   string
		r      *sources.Reading
		passed int
	}{
		{"the first", delivery("a", "1", "2"), 2},
		{"the same again", delivery("a", "1", "2"), 0},
		{"another delivery of an order that is known, and of one that is not", delivery("b", "2", "3"), 1},
		{"a third of one order", delivery("c", "3"), 0},
		{"an event without an id of its own", &sources.Reading{Events: make([]event.Event, 1), Once: &sources.Once{Delivery: sources.MarkOf("d"), Events: make([]sources.Mark, 1)}}, 1},
		{"one order twice in a delivery", delivery("f", "4", "4", "5"), 2},
		{"and another", &sources.Reading{Events: make([]event.Event, 1), Once: &sources.Once{Delivery: sources.MarkOf("e"), Events: make([]sources.Mark, 1)}}, 1},
		{"a source that has nothing of the kind", &sources.Reading{Events: make([]event.Event, 3)}, 3},
	} {
		all := len(c.r.Events)
		if passed := take(m, c.r, noon); passed != c.passed {
			t.Errorf("%s: %d events passed, want %d", c.name, passed, c.passed)
		}
		if c.r.Once != nil && c.r.Once.Repeated != all-c.passed {
			t.Errorf("%s: %d repeated", c.name, c.r.Once.Repeated)
		}
	}
}

// What the log did not take is not remembered: its sender sends it again.
func TestWhatWasNotTakenMayComeAgain(t *testing.T) {
	t.Parallel()
	m := open(t, filepath.Join(t.TempDir(), "once"), noon)
	c := m.Claim(delivery("a", "1"))
	c.Release()
	if passed := take(m, delivery("a", "1"), noon); passed != 1 {
		t.Error("a delivery that was not written is taken for a repeated one")
	}
	c.Release() // again: it holds nothing of the other's
	if passed := take(m, delivery("a", "1"), noon); passed != 0 {
		t.Error("what was taken is forgotten")
	}
}

// Of what arrives at the same moment one is written, and the other waits for what becomes of it.
func TestEqualDeliveriesWaitForEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		one, other *sources.Reading
		written    bool // the first
		passed     int  // of the other
		waits      bool
	}{
		{"a delivery that was written", delivery("a", "1"), delivery("a", "1"), true, 0, true},
		{"a delivery that could not be written", delivery("a", "1"), delivery("a", "1"), false, 1, true},
		{"an order that two deliveries report", delivery("a", "1", "2"), delivery("b", "2", "3"), true, 1, true},
		{"one without ids of its events", delivery("a", ""), delivery("a", ""), true, 0, true},
		{"others", delivery("a", "1"), delivery("b", "2"), true, 1, false},
		{"events without an id of their own", &sources.Reading{Events: make([]event.Event, 1), Once: &sources.Once{Events: make([]sources.Mark, 1)}},
			&sources.Reading{Events: make([]event.Event, 1), Once: &sources.Once{Events: make([]sources.Mark, 1)}}, true, 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := open(t, filepath.Join(t.TempDir(), "once"), noon)
			first := m.Claim(c.one)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if passed := take(m, c.other, noon); passed != c.passed {
					t.Errorf("%s: %d events passed, want %d", c.name, passed, c.passed)
				}
			}()
			synctest.Wait()
			select {
			case <-done:
				if c.waits {
					t.Errorf("%s: it did not wait", c.name)
				}
			default:
				if !c.waits {
					t.Errorf("%s: it waits", c.name)
				}
			}
			if c.written {
				first.Keep(noon)
			}
			first.Release()
			<-done
		})
	}
}

func TestWhatIsAskedForAboutAPersonIsTakenOnce(t *testing.T) {
	t.Parallel()
	m := open(t, filepath.Join(t.TempDir(), "once"), noon)
	for i, want := range []int{1, 0} {
		r := delivery("a")
		r.Requests = make([]event.PrivacyRequest, 1)
		c := m.Claim(r)
		c.Keep(noon)
		if len(r.Requests) != want || r.Once.Repeated != 1-want {
			t.Errorf("%d: %d requests, %d repeated", i, len(r.Requests), r.Once.Repeated)
		}
	}
}

func TestARestartForgetsNothingAndTimeDoes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "once")
	take(open(t, path, noon), delivery("a", "1"), noon)
	day := noon.Add(24 * time.Hour)
	take(open(t, path, day), delivery("b", "2"), day)
	if passed := take(open(t, path, day), delivery("a", "1"), day); passed != 0 {
		t.Error("forgotten by a restart")
	}
	month := noon.Add(30*24*time.Hour + time.Hour)
	m := open(t, path, month)
	if passed := take(m, delivery("a", "1"), month); passed != 1 {
		t.Error("remembered for ever")
	}
	if passed := take(m, delivery("b", "2"), month); passed != 0 {
		t.Error("what is younger was forgotten too")
	}
}

func TestADamagedFileGivesWhatIsLeftOfIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "once")
	m := open(t, path, noon)
	take(m, delivery("a", "1"), noon)
	take(m, delivery("b", "2"), noon)
	if err := os.Truncate(path, 4*24-5); err != nil {
		t.Fatal(err)
	}
	m = open(t, path, noon)
	if passed := take(m, delivery("a", "1"), noon); passed != 0 {
		t.Error("what is whole was not read")
	}
	take(m, delivery("c", "3"), noon)
	if passed := take(open(t, path, noon), delivery("c", "3"), noon); passed != 0 {
		t.Error("what is written after a torn record cannot be read")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "once")
	m := open(t, path, noon)
	const deliveries, each = 420, 500
	for i := range deliveries {
		r := &sources.Reading{Once: &sources.Once{Delivery: sources.MarkOf(fmt.Sprint("d", i))}}
		for k := range each {
			r.Events = append(r.Events, event.Event{})
			r.Once.Events = append(r.Once.Events, sources.MarkOf(fmt.Sprint(i, ".", k)))
		}
		take(m, r, noon)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > 2*100_000*24 {
		t.Errorf("the file has %d bytes: %v", info.Size(), err)
	}
	if passed := take(m, delivery(fmt.Sprint("d", deliveries-1), "x"), noon); passed != 0 {
		t.Error("the last was forgotten")
	}
	if passed := take(m, delivery("d0", "y"), noon); passed != 1 {
		t.Error("the first was not forgotten")
	}
}

func TestAFileThatCannotBeWrittenCostsTheRestartOnly(t *testing.T) {
	t.Parallel()
	m := open(t, filepath.Join(t.TempDir(), "no", "such", "folder", "once"), noon)
	take(m, delivery("a", "1"), noon)
	if passed := take(m, delivery("a", "1"), noon); passed != 0 {
		t.Error("not remembered")
	}
}
