package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	d.append(queue.Entry{}) // dropped before anybody was asked
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a", "b")
	d.want("a", "301 = 0 delivered 301 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	d.want("b", "301 = 0 delivered 1 filtered 300 denied 0 rejected 0 pending (0 retrying)")
	d.none("a")
}

func retry(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.DueRedacted), d.entry("three", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 1, Fate: queue.Retry, Why: "busy"}, queue.Left{Item: 2, Fate: queue.Retry, After: time.Hour, Why: "later"})
	d.want("a", "3 = 1 delivered 0 filtered 0 denied 0 rejected 2 pending (2 retrying)")
	g := d.must("a")
	it := g.Items[0]
	if !slices.Equal(texts(g), []string{"two"}) || it.Attempt != 1 || it.Why != "busy" || it.State != queue.DueRedacted || it.Since.IsZero() {
		t.Fatalf("a gets %+v", g.Items)
	}
	d.settle(g, queue.Left{Item: 0, Fate: queue.Retry, Why: "still busy"})
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
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Retry, After: time.Hour, Why: "busy"}, queue.Left{Item: 1, Fate: queue.Retry, After: 2 * time.Hour})
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
	d.settle(g, queue.Left{Item: 0, Fate: queue.Retry})
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

func letters(d *desk, cursor, after string) (ids, bodies []string) {
	d.t.Helper()
	err := d.cursors[cursor].Dead(context.Background(), after, func(x queue.DeadLetter) bool {
		ids = append(ids, x.ID)
		bodies = append(bodies, string(x.Bytes)+": "+x.Why)
		return true
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return ids, bodies
}

func deadLetters(t *testing.T, options func() queue.Options) {
	ctx := context.Background()
	l := open(t, options())
	d := newDesk(t, l, "a", "b")
	d.append(d.entry("one", queue.Due, queue.Due), d.entry("two", queue.Due, queue.Due), d.entry("three", queue.Due, queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Bury, Why: "no such pixel"}, queue.Left{Item: 1, Fate: queue.Bury, Why: "bad value"}, queue.Left{Item: 2, Fate: queue.Bury})
	d.want("a", "3 = 0 delivered 0 filtered 0 denied 3 rejected 0 pending (0 retrying)")
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a", "b")
	ids, bodies := letters(d, "a", "")
	if !slices.Equal(bodies, []string{"one: no such pixel", "two: bad value", "three: "}) {
		t.Fatalf("dead letters %v", bodies)
	}
	if after, _ := letters(d, "a", ids[1]); !slices.Equal(after, ids[2:]) {
		t.Fatalf("after the second comes %v, want %v", after, ids[2:])
	}
	if other, _ := letters(d, "b", ""); other != nil {
		t.Fatalf("b has %v", other)
	}
	if x, err := d.cursors["a"].ShowDead(ctx, ids[1]); err != nil || x.Why != "bad value" || x.Attempt != 1 || x.When.IsZero() {
		t.Fatalf("show %+v, %v", x, err)
	}
	for _, bad := range []string{"", "x", "1", "99999-0", ids[0] + "9", "-1-0"} {
		if _, err := d.cursors["a"].ShowDead(ctx, bad); !errors.Is(err, queue.ErrNoDeadLetter) {
			t.Fatalf("show %q: %v", bad, err)
		}
	}
	if _, err := d.cursors["b"].ShowDead(ctx, ids[0]); !errors.Is(err, queue.ErrNoDeadLetter) {
		t.Fatalf("b shows a's: %v", err)
	}
	if n, err := d.cursors["a"].DropDead(ctx, ids[0]); n != 1 || err != nil {
		t.Fatalf("drop: %d, %v", n, err)
	}
	d.want("a", "3 = 0 delivered 0 filtered 0 denied 3 rejected 0 pending (0 retrying)")
	ids, _ = letters(d, "a", "")
	if n, err := d.cursors["a"].RetryDead(ctx, ids[0]); n != 1 || err != nil {
		t.Fatalf("retry: %d, %v", n, err)
	}
	d.want("a", "3 = 0 delivered 0 filtered 0 denied 2 rejected 1 pending (1 retrying)")
	g := d.must("a")
	if !slices.Equal(texts(g), []string{"two"}) || g.Items[0].Attempt != 1 {
		t.Fatalf("a gets %+v", g.Items)
	}
	d.settle(g)
	d.want("a", "3 = 1 delivered 0 filtered 0 denied 2 rejected 0 pending (0 retrying)")
	if _, bodies = letters(d, "a", ""); !slices.Equal(bodies, []string{"three: "}) {
		t.Fatalf("dead letters %v", bodies)
	}
	if _, err := d.cursors["a"].RetryDead(ctx, ids[0]); !errors.Is(err, queue.ErrNoDeadLetter) {
		t.Fatalf("retried twice: %v", err)
	}
}

func deadFull(t *testing.T, options func() queue.Options) {
	ctx := context.Background()
	o := options()
	o.Config.MaxBytes = 16 << 20 // an eighth of it for dead letters
	d := newDesk(t, open(t, o), "a")
	body := strings.Repeat("x", 200<<10)
	var g *queue.Group
	var err error
	buried := 0
	for ; err == nil; buried++ {
		if buried > 20 {
			t.Fatal("dead letters never fill up")
		}
		d.append(d.entry(fmt.Sprint(buried, " ", body), queue.Due), d.entry("delivered", queue.Due))
		g = d.must("a")
		err = g.Settle(ctx, queue.Left{Item: 0, Fate: queue.Bury, Why: "no"})
	}
	if !errors.Is(err, queue.ErrFull) {
		t.Fatalf("settle says %v", err)
	}
	d.want("a", fmt.Sprintf("%d = %d delivered 0 filtered 0 denied %d rejected 2 pending (0 retrying)", 2*buried, buried-1, buried-1))
	ids, _ := letters(d, "a", "")
	if n, err := d.cursors["a"].DropDead(ctx, ids...); n != buried-1 || err != nil {
		t.Fatalf("drop: %d, %v", n, err)
	}
	deadline := time.Now().Add(time.Minute)
	for err != nil {
		if err = g.Settle(ctx, queue.Left{Item: 0, Fate: queue.Bury, Why: "no"}); time.Now().After(deadline) {
			t.Fatalf("there is room, and settle says %v", err)
		}
	}
	d.want("a", fmt.Sprintf("%d = %d delivered 0 filtered 0 denied %d rejected 0 pending (0 retrying)", 2*buried, buried, buried))
	if _, bodies := letters(d, "a", ""); len(bodies) != 1 {
		t.Fatalf("%d dead letters", len(bodies))
	}
}

func late(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.Due), d.entry("three", queue.Due), d.entry("four", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Filter}, queue.Left{Item: 1, Fate: queue.Deny}, queue.Left{Item: 2, Fate: queue.Retry})
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Deny})
	d.want("a", "4 = 1 delivered 1 filtered 2 denied 0 rejected 0 pending (0 retrying)")
	closeLog(t, l)
	d = newDesk(t, open(t, options()), "a")
	d.want("a", "4 = 1 delivered 1 filtered 2 denied 0 rejected 0 pending (0 retrying)")
}

func replay(t *testing.T, options func() queue.Options) {
	ctx := context.Background()
	l := open(t, options())
	d := newDesk(t, l, "a")
	for i, s := range []queue.State{queue.Due, queue.Due, queue.Due, queue.Filtered, queue.Denied, queue.Due} {
		d.append(d.entry(fmt.Sprint(i), s))
	}
	d.settle(d.must("a"))                                          // 0 is delivered
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Filter}) // 1 is filtered late
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Deny})   // 2 is denied late
	d.settle(d.must("a"))                                          // 5 is delivered
	d2 := newDesk(t, l, "a", "b")                                  // b came after all of them
	d2.want("b", "6 = 0 delivered 6 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	all := func(s queue.Stored) (queue.State, bool) { return queue.DueRedacted, string(s.Bytes) != "5" }
	for round := range 3 { // each round is like the first, also over a restart
		d2.want("a", []string{
			"6 = 2 delivered 2 filtered 2 denied 0 rejected 0 pending (0 retrying)",
			"6 = 6 delivered 0 filtered 0 denied 0 rejected 0 pending (0 retrying)",
			"6 = 4 delivered 0 filtered 2 denied 0 rejected 0 pending (0 retrying)",
		}[round])
		n, err := d2.cursors["a"].Replay(ctx, time.Time{}, all)
		if n != 5 || err != nil {
			t.Fatalf("replay: %d, %v", n, err)
		}
		if n, err := d2.cursors["a"].Replay(ctx, time.Time{}, all); n != 0 || err != nil {
			t.Fatalf("replay of what is pending: %d, %v", n, err)
		}
		d2.want("a", "6 = 1 delivered 0 filtered 0 denied 0 rejected 5 pending (5 retrying)")
		var got []string
		for len(got) < 5 {
			g := d2.must("a")
			if g.Items[0].State != queue.DueRedacted {
				t.Fatalf("a gets %+v", g.Items)
			}
			got = append(got, texts(g)...)
			var left []queue.Left
			for i, s := range texts(g) {
				if round == 1 && (s == "0" || s == "4") {
					left = append(left, queue.Left{Item: i, Fate: queue.Deny})
				}
			}
			d2.settle(g, left...)
		}
		slices.Sort(got)
		if !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
			t.Fatalf("a gets %v", got)
		}
		if round == 1 {
			closeLog(t, l)
			l = open(t, options())
			d2 = newDesk(t, l, "a", "b")
		}
	}
	if n, err := d2.cursors["b"].Replay(ctx, time.Time{}, all); n != 5 || err != nil {
		t.Fatalf("replay: %d, %v", n, err)
	}
	d2.want("b", "6 = 0 delivered 1 filtered 0 denied 0 rejected 5 pending (5 retrying)")
	if n, err := d2.cursors["b"].Replay(ctx, time.Now().Add(time.Hour), all); n != 0 || err != nil {
		t.Fatalf("replay of the future: %d, %v", n, err)
	}
}

func replayPassesOver(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a")
	d.append(d.entry("dead", queue.Due), d.entry("retrying", queue.Due), d.entry("fine", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Fate: queue.Bury}, queue.Left{Item: 1, Fate: queue.Retry, After: time.Hour})
	d.append(d.entry("held", queue.Due))
	d.must("a")
	d.append(d.entry("fresh", queue.Due))
	n, err := d.cursors["a"].Replay(context.Background(), time.Time{}, func(s queue.Stored) (queue.State, bool) {
		if string(s.Bytes) != "fine" || s.Names[0] != "a" || s.States[0] != queue.Due {
			t.Errorf("asked about %+v", s)
		}
		return queue.Due, true
	})
	if n != 1 || err != nil {
		t.Fatalf("replay: %d, %v", n, err)
	}
	d.want("a", "5 = 0 delivered 0 filtered 0 denied 1 rejected 4 pending (2 retrying)")
}

func lagging(t *testing.T, options func() queue.Options) {
	o := options()
	o.Config.Recent = 4 << 10
	d := newDesk(t, open(t, o), "a", "b")
	const n = 500
	for i := range n {
		d.append(d.entry(fmt.Sprintf("%d %s", i, strings.Repeat("x", 100)), queue.Due, queue.Filtered))
	}
	decoded := 0
	for i := 0; i < n; {
		g := d.must("a")
		for _, it := range g.Items {
			if !strings.HasPrefix(text(it), fmt.Sprintf("%d ", i)) {
				t.Fatalf("event %d is %q", i, text(it))
			}
			if it.Live != nil {
				decoded++
			}
			i++
		}
		d.settle(g)
	}
	if decoded == 0 || decoded == n {
		t.Errorf("%d of %d events came from memory", decoded, n)
	}
	d.none("b")
	d.want("a", "500 = 500 delivered 0 filtered 0 denied 0 rejected 0 pending (0 retrying)")
}

func forget(t *testing.T, options func() queue.Options) {
	ctx := context.Background()
	l := open(t, options())
	d := newDesk(t, l, "a", "b")
	d.append(d.entry("one", queue.Due, queue.Due), d.entry("two", queue.Due, queue.Due))
	d.settle(d.must("b"), queue.Left{Item: 0, Fate: queue.Retry, After: time.Hour}, queue.Left{Item: 1, Fate: queue.Bury})
	d.append(d.entry("three", queue.Due, queue.Due))
	held := d.must("b")
	if err := l.Forget(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	d.settle(held, queue.Left{Item: 0, Fate: queue.Retry})
	if got := d.status("b"); got != "none" {
		t.Fatalf("b stands at %s", got)
	}
	d.append(d.entry("four", queue.Due, queue.Due)) // by a plan that has not heard of it
	closeLog(t, l)
	l = open(t, options())
	d = newDesk(t, l, "a")
	if got := d.status("b"); got != "none" {
		t.Fatalf("b stands at %s", got)
	}
	d = newDesk(t, l, "a", "b")
	d.want("b", "4 = 0 delivered 4 filtered 0 denied 0 rejected 0 pending (0 retrying)")
	d.append(d.entry("five", queue.Due, queue.Due))
	if g := d.must("b"); !slices.Equal(texts(g), []string{"five"}) {
		t.Fatalf("b gets %v", texts(g))
	}
	if ids, _ := letters(d, "b", ""); ids != nil {
		t.Fatalf("b has dead letters %v", ids)
	}
	d.want("a", "5 = 0 delivered 0 filtered 0 denied 0 rejected 5 pending (0 retrying)")
}

func scan(t *testing.T, options func() queue.Options) {
	var mu sync.Mutex
	ahead := time.Duration(0)
	o := options()
	o.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	}
	d := newDesk(t, open(t, o), "a", "b")
	d.append(d.entry("one", queue.Due, queue.Denied), d.entry("two", queue.Filtered, queue.Due))
	mark := time.Now()
	d.append(d.entry("three", queue.Due, queue.Due))
	var got []string
	see := func(s queue.Stored) bool {
		got = append(got, fmt.Sprintf("%s %v %v %d", s.Bytes, s.Names, s.States, s.Index))
		return len(got) < 3
	}
	if err := d.log.Scan(context.Background(), time.Time{}, see); err != nil {
		t.Fatal(err)
	}
	want := []string{"one [a b] [due denied] 0", "two [a b] [filtered due] 1", "three [a b] [due due] 0"}
	if !slices.Equal(got, want) {
		t.Fatalf("scan sees %v", got)
	}
	got = nil
	if err := d.log.Scan(context.Background(), mark, see); err != nil || !slices.Equal(got, want[2:]) {
		t.Fatalf("scan since sees %v, %v", got, err)
	}
}

func retention(t *testing.T, options func() queue.Options) {
	o := options()
	o.Config.Keep = 0
	l := open(t, o)
	d := newDesk(t, l, "a", "b")
	stored := func() (n int) {
		t.Helper()
		if err := d.log.Scan(context.Background(), time.Time{}, func(queue.Stored) bool { n++; return true }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 10 {
		d.append(d.entry(fmt.Sprint(i), queue.Due, queue.Due))
	}
	for range 10 {
		d.settle(d.must("a"))
	}
	for range 4 {
		d.settle(d.must("b"))
	}
	sweep := func() {
		t.Helper()
		if err := d.log.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if n := stored(); n != 6 {
		t.Fatalf("%d groups are kept, want the 6 that b has not had", n)
	}
	for range 6 {
		d.settle(d.must("b"))
	}
	sweep()
	if n := stored(); n > 1 {
		t.Fatalf("%d groups are kept", n)
	}
	closeLog(t, l)
	o = options()
	d = newDesk(t, open(t, o), "a", "b")
	d.append(d.entry("more", queue.Due, queue.Due))
	sweep() // nothing is old now
	if g := d.must("b"); !slices.Equal(texts(g), []string{"more"}) {
		t.Fatalf("b gets %v", texts(g))
	}
	d.want("a", "11 = 10 delivered 0 filtered 0 denied 0 rejected 1 pending (0 retrying)")
	if s, err := d.log.Status(context.Background()); err != nil || len(s.Damage) > 0 {
		t.Fatalf("status %+v, %v", s, err)
	}
}

func full(t *testing.T, options func() queue.Options) {
	o := options()
	o.Config.MaxBytes = 16 << 20
	l := open(t, o)
	d := newDesk(t, l, "quick", "dead")
	stop := drain(d, "quick")
	body := strings.Repeat("x", 100<<10)
	accepted := 0
	var err error
	for err == nil {
		if err = l.Append(context.Background(), []queue.Entry{d.entry(fmt.Sprint(accepted, " ", body), queue.Due, queue.Due)}); err == nil {
			accepted++
		}
	}
	stop()
	if !errors.Is(err, queue.ErrFull) || l.Healthy() == nil {
		t.Fatalf("append says %v, the log %v", err, l.Healthy())
	}
	if accepted < 100 || accepted > 130 {
		t.Fatalf("%d events of 100 KiB fit into three quarters of 16 MiB", accepted)
	}
	d.want("dead", fmt.Sprintf("%d = 0 delivered 0 filtered 0 denied 0 rejected %d pending (0 retrying)", accepted, accepted))
	for i := range accepted {
		g := d.must("dead")
		if !strings.HasPrefix(text(g.Items[0]), fmt.Sprint(i, " ")) {
			t.Fatalf("event %d is %.10s", i, text(g.Items[0]))
		}
		d.settle(g)
	}
	d.append(d.entry("there is room", queue.Due, queue.Due))
	if err := l.Healthy(); err != nil {
		t.Fatal(err)
	}
	if g := d.must("dead"); text(g.Items[0]) != "there is room" {
		t.Fatalf("dead gets %.20s", texts(g))
	}
}

func crowd(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a", "b")
	const writers, each = 16, 100
	var mu sync.Mutex
	seen := map[string]map[string]int{"a": {}, "b": {}}
	ctx, cancel := context.WithCancel(context.Background())
	var readers, wg sync.WaitGroup
	for name := range seen {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for round := 0; ; round++ {
				g, err := d.cursors[name].Next(ctx)
				if err != nil {
					return
				}
				var left []queue.Left
				mu.Lock()
				for i, it := range g.Items {
					if it.Attempt < 2 && (round+i)%5 == 0 {
						left = append(left, queue.Left{Item: i, Fate: queue.Retry, Why: "again"})
						continue
					}
					seen[name][text(it)]++
				}
				mu.Unlock()
				if err := g.Settle(context.Background(), left...); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				if err := l.Append(context.Background(), []queue.Entry{d.entry(fmt.Sprint(w, "-", i), queue.Due, queue.Due)}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	done := fmt.Sprintf("%d = %d delivered 0 filtered 0 denied 0 rejected 0 pending (0 retrying)", writers*each, writers*each)
	deadline := time.Now().Add(2 * time.Minute)
	for d.status("a") != done || d.status("b") != done {
		if time.Now().After(deadline) {
			t.Fatalf("a stands at %s, b at %s", d.status("a"), d.status("b"))
		}
	}
	cancel()
	readers.Wait()
	for name, texts := range seen {
		if len(texts) != writers*each {
			t.Errorf("%s has had %d events", name, len(texts))
		}
		for s, n := range texts {
			if n != 1 {
				t.Errorf("%s has had %s %d times", name, s, n)
			}
		}
	}
}

func tooLarge(t *testing.T, options func() queue.Options) {
	d := newDesk(t, open(t, options()), "a")
	err := d.log.Append(context.Background(), []queue.Entry{{Bytes: make([]byte, 10<<20), Roster: d.roster, States: []queue.State{queue.Due}}})
	if !errors.Is(err, queue.ErrTooLarge) {
		t.Fatalf("append says %v", err)
	}
	d.append(d.entry(strings.Repeat("x", 700<<10), queue.Due)) // more than a group usually has
	d.append(d.entry("small", queue.Due))
	if g := d.must("a"); len(text(g.Items[0])) != 700<<10 {
		t.Fatalf("a gets %d bytes", len(text(g.Items[0])))
	}
	many := make([]queue.Entry, 500) // more than a group usually has: still one
	for i := range many {
		many[i] = d.entry("x", queue.Due)
	}
	d.append(many...)
	d.must("a")
	if g := d.must("a"); len(g.Items) != 500 {
		t.Fatalf("a gets %d events", len(g.Items))
	}
}

func closed(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due))
	g := d.must("a")
	asked := make(chan error)
	go func() {
		_, err := d.cursors["a"].Next(context.Background())
		asked <- err
	}()
	closeLog(t, l)
	if err := <-asked; !errors.Is(err, queue.ErrClosed) {
		t.Errorf("next says %v", err)
	}
	if err := l.Append(context.Background(), []queue.Entry{d.entry("two", queue.Due)}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("append says %v", err)
	}
	if err := g.Settle(context.Background(), queue.Left{Item: 0, Fate: queue.Bury}); err == nil {
		t.Error("settled a dead letter in a closed log")
	}
	if _, err := l.Roster([]string{"a"}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("roster says %v", err)
	}
	if !errors.Is(l.Healthy(), queue.ErrClosed) {
		t.Error("a closed log is healthy")
	}
}

func names(t *testing.T, options func() queue.Options) {
	odd := []string{"shop-de", "a.b", "a b", "*", "größe", "a=2Eb", ">"}
	l := open(t, options())
	d := newDesk(t, l, odd...)
	states := make([]queue.State, len(odd))
	d.append(d.entry("one", states...), d.entry("two", states...))
	for i, name := range odd {
		d.settle(d.must(name), queue.Left{Item: 1, Fate: queue.Retry}, queue.Left{Item: 0, Fate: queue.Bury, Why: fmt.Sprint(i)})
	}
	closeLog(t, l)
	d = newDesk(t, open(t, options()), odd...)
	for i, name := range odd {
		if g := d.must(name); len(g.Items) != 1 {
			t.Errorf("%s gets %v", name, texts(g))
		}
		if _, bodies := letters(d, name, ""); !slices.Equal(bodies, []string{fmt.Sprint("one: ", i)}) {
			t.Errorf("%s has %v", name, bodies)
		}
	}
}
