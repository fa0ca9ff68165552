package queue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/queue"
)

// place is where a conformance test's log lives: options opens it, again and again, on the same data.
type place func(t *testing.T) (options func() queue.Options)

func TestTheEmbeddedLogConforms(t *testing.T) {
	conformance(t, func(t *testing.T) func() queue.Options {
		dir := t.TempDir()
		return func() queue.Options { return embedded(t, dir) }
	})
}

func TestTheEncryptedLogConforms(t *testing.T) {
	conformance(t, func(t *testing.T) func() queue.Options {
		dir := t.TempDir()
		return func() queue.Options { return encrypted(t, dir) }
	})
}

func conformance(t *testing.T, start place) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, options func() queue.Options)
	}{
		{"groups come in order, to whom they are due", inOrder},
		{"a new cursor starts at the end and counts what came before as filtered", newCursor},
		{"events for nobody are counted as durably as the others", nobody},
		{"a retry comes back when it is due, with its history", retry},
		{"a retry outlives a restart", retryRestart},
		{"what was not settled is handed out again after a restart, what was is not", restart},
		{"groups settled out of order stay settled after a restart", outOfOrder},
		{"a released group comes back untouched", release},
		{"dead letters are listed, shown, dropped and tried again", deadLetters},
		{"when dead letters have no room the group stays its holder's", deadFull},
		{"what is left out late is counted as filtered or denied", late},
		{"a replay makes events pending again, whatever they were", replay},
		{"a replay passes over what is pending or dead", replayPassesOver},
		{"a cursor that lags reads the log", lagging},
		{"a forgotten cursor is gone, and starts anew when it is wanted again", forget},
		{"a scan sees what is stored since a time", scan},
		{"finished groups are dropped when they are old, others never", retention},
		{"a full log refuses and carries on when there is room", full},
		{"many writers, many readers, nothing lost, nothing twice", crowd},
		{"a group too large is refused and harms nothing", tooLarge},
		{"a closed log says so", closed},
		{"names of any spelling work", names},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, start(t))
		})
	}
}

func inOrder(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a", "b")
	d.append(d.entry("one", queue.Due, queue.Filtered), d.entry("two", queue.DueRedacted, queue.Due))
	d.append(d.entry("three", queue.Denied, queue.Due))
	d.append(d.entry("four", queue.Due, queue.Due))
	d.want("a", "4 = 0 delivered 0 filtered 1 denied 0 rejected 3 pending (0 retrying)")
	for _, want := range [][]string{{"one", "two"}, {"four"}} {
		g := d.must("a")
		if !slices.Equal(texts(g), want) {
			t.Fatalf("a gets %v, want %v", texts(g), want)
		}
		if want[0] == "one" && (g.Items[0].State != queue.Due || g.Items[1].State != queue.DueRedacted || g.Items[0].Attempt != 0) {
			t.Fatalf("a gets %+v", g.Items)
		}
		d.settle(g)
	}
	d.none("a")
	d.want("a", "4 = 3 delivered 0 filtered 1 denied 0 rejected 0 pending (0 retrying)")
	for _, want := range []string{"two", "three", "four"} {
		if g := d.must("b"); !slices.Equal(texts(g), []string{want}) {
			t.Fatalf("b gets %v, want %v", texts(g), want)
		}
	}
	d.want("b", "4 = 0 delivered 1 filtered 0 denied 0 rejected 3 pending (0 retrying)")
	s, err := d.log.Status(context.Background())
	if err != nil || s.Cursors[0].Redacted != 1 || s.Cursors[1].Oldest.IsZero() || !s.Cursors[0].Oldest.IsZero() || s.Bytes == 0 {
		t.Fatalf("status %+v, %v", s, err)
	}
}

func newCursor(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due))
	d2 := newDesk(t, l, "a", "late")
	d2.want("late", "1 = 0 delivered 1 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	d2.append(d2.entry("two", queue.Due, queue.Due))
	d.append(d.entry("three", queue.Due)) // a plan that does not know it yet
	if g := d2.must("late"); !slices.Equal(texts(g), []string{"two"}) {
		t.Fatalf("late gets %v", texts(g))
	} else {
		d2.settle(g)
	}
	d2.none("late")
	d2.want("late", "3 = 1 delivered 2 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a", "late")
	d.want("late", "3 = 1 delivered 2 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	d.want("a", "3 = 0 delivered 0 filtered 0 denied 0 rejected 3 pending (0 retrying)")
}

func nobody(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a", "b")
	for range 300 {
		d.append(queue.Entry{Roster: d.roster, States: []queue.State{queue.Filtered, queue.Denied}})
	}
	d.none("a")
	d.append(queue.Entry{}) // dropped before anyone was asked
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a", "b")
	d.want("a", "301 = 0 delivered 301 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	d.want("b", "301 = 0 delivered 1 filtered 300 denied 0 rejected 0 pending (0 retrying)")
	d.none("a")
}

func retry(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.DueRedacted), d.entry("three", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 1, Outcome: queue.Retry, Why: "busy"}, queue.Left{Item: 2, Outcome: queue.Retry, After: time.Hour, Why: "later"})
	d.want("a", "3 = 1 delivered 0 filtered 0 denied 0 rejected 2 pending (2 retrying)")
	g := d.must("a")
	it := g.Items[0]
	if !slices.Equal(texts(g), []string{"two"}) || it.Attempt != 1 || it.Why != "busy" || it.State != queue.DueRedacted || it.Since.IsZero() {
		t.Fatalf("a gets %+v", g.Items)
	}
	d.settle(g, queue.Left{Item: 0, Outcome: queue.Retry, Why: "still busy"})
	g = d.must("a")
	if got := g.Items[0]; got.Attempt != 2 || got.Why != "still busy" || !got.Since.Equal(it.Since) {
		t.Fatalf("a gets %+v", g.Items)
	}
	d.settle(g)
	d.none("a")
	d.want("a", "3 = 2 delivered 0 filtered 0 denied 0 rejected 1 pending (1 retrying)")
}

func retryRestart(t *testing.T, options func() queue.Options) {
	o := options()
	l := open(t, o)
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour, Why: "busy"}, queue.Left{Item: 1, Outcome: queue.Retry, After: 2 * time.Hour})
	closeLog(t, l)
	o = options()
	o.Now = func() time.Time { return time.Now().Add(90 * time.Minute) }
	l = open(t, o)
	d = newDesk(t, l, "a")
	d.want("a", "2 = 0 delivered 0 filtered 0 denied 0 rejected 2 pending (2 retrying)")
	if g := d.must("a"); !slices.Equal(texts(g), []string{"one"}) || g.Items[0].Why != "busy" {
		t.Fatalf("a gets %+v", g.Items)
	}
	closeLog(t, l) // held, so it comes again
	o.Now = func() time.Time { return time.Now().Add(3 * time.Hour) }
	d = newDesk(t, open(t, o), "a")
	d.settle(d.must("a"))
	d.settle(d.must("a"))
	d.none("a")
	d.want("a", "2 = 2 delivered 0 filtered 0 denied 0 rejected 0 pending (0 retrying)")
}

func restart(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a", "b")
	for _, s := range []string{"one", "two", "three"} {
		d.append(d.entry(s, queue.Due, queue.Due))
	}
	d.settle(d.must("a"))
	d.must("a") // held when the log closes
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a", "b")
	d.want("a", "3 = 1 delivered 0 filtered 0 denied 0 rejected 2 pending (0 retrying)")
	if g := d.must("a"); !slices.Equal(texts(g), []string{"two"}) {
		t.Fatalf("a gets %v", texts(g))
	}
	if g := d.must("b"); !slices.Equal(texts(g), []string{"one"}) {
		t.Fatalf("b gets %v", texts(g))
	}
	d.append(d.entry("four", queue.Due, queue.Due))
	d.want("b", "4 = 0 delivered 0 filtered 0 denied 0 rejected 4 pending (0 retrying)")
}

func outOfOrder(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a")
	var held []*queue.Group
	for i := range 10 {
		d.append(d.entry(fmt.Sprint(i), queue.Due))
		held = append(held, d.must("a"))
	}
	for _, i := range []int{1, 2, 4, 7, 8, 9} {
		d.settle(held[i])
	}
	d.want("a", "10 = 6 delivered 0 filtered 0 denied 0 rejected 4 pending (0 retrying)")
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a")
	d.want("a", "10 = 6 delivered 0 filtered 0 denied 0 rejected 4 pending (0 retrying)")
	var got []string
	for range 4 {
		g := d.must("a")
		got = append(got, texts(g)...)
		d.settle(g)
	}
	if strings.Join(got, "") != "0356" {
		t.Fatalf("a gets %v", got)
	}
	d.none("a")
	d.want("a", "10 = 10 delivered 0 filtered 0 denied 0 rejected 0 pending (0 retrying)")
}

func release(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.Due))
	g := d.must("a")
	g.Release(0)
	d.settle(g) // no longer its holder's
	g = d.must("a")
	if !slices.Equal(texts(g), []string{"one", "two"}) || g.Items[0].Attempt != 0 {
		t.Fatalf("a gets %+v", g.Items)
	}
	d.settle(g, queue.Left{Item: 0, Outcome: queue.Retry})
	g = d.must("a")
	g.Release(0)
	g = d.must("a")
	if !slices.Equal(texts(g), []string{"one"}) || g.Items[0].Attempt != 1 {
		t.Fatalf("a gets %+v", g.Items)
	}
	g.Release(time.Hour)
	d.none("a")
	d.want("a", "2 = 1 delivered 0 filtered 0 denied 0 rejected 1 pending (1 retrying)")
}
