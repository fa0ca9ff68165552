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

func letters(d *desk, cursor, after string) (ids, bodies []string) {
	d.t.Helper()
	err := d.cursors[cursor].DeadLetters(context.Background(), after, func(x queue.DeadLetter) bool {
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
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Reject, Why: "no such pixel"}, queue.Left{Item: 1, Outcome: queue.Reject, Why: "bad value"}, queue.Left{Item: 2, Outcome: queue.Reject})
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
	if x, err := d.cursors["a"].DeadLetter(ctx, ids[1]); err != nil || x.Why != "bad value" || x.Attempt != 1 || x.When.IsZero() {
		t.Fatalf("show %+v, %v", x, err)
	}
	for _, bad := range []string{"", "x", "1", "99999-0", ids[0] + "9", "-1-0"} {
		if _, err := d.cursors["a"].DeadLetter(ctx, bad); !errors.Is(err, queue.ErrNoDeadLetter) {
			t.Fatalf("show %q: %v", bad, err)
		}
	}
	if _, err := d.cursors["b"].DeadLetter(ctx, ids[0]); !errors.Is(err, queue.ErrNoDeadLetter) {
		t.Fatalf("b shows a's: %v", err)
	}
	if n, err := d.cursors["a"].DropDeadLetters(ctx, ids[0]); n != 1 || err != nil {
		t.Fatalf("drop: %d, %v", n, err)
	}
	d.want("a", "3 = 0 delivered 0 filtered 0 denied 3 rejected 0 pending (0 retrying)")
	ids, _ = letters(d, "a", "")
	if n, err := d.cursors["a"].RetryDeadLetters(ctx, ids[0]); n != 1 || err != nil {
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
	if _, err := d.cursors["a"].RetryDeadLetters(ctx, ids[0]); !errors.Is(err, queue.ErrNoDeadLetter) {
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
	rejected := 0
	for ; err == nil; rejected++ {
		if rejected > 20 {
			t.Fatal("dead letters never fill up")
		}
		d.append(d.entry(fmt.Sprint(rejected, " ", body), queue.Due), d.entry("delivered", queue.Due))
		g = d.must("a")
		err = g.Settle(ctx, queue.Left{Item: 0, Outcome: queue.Reject, Why: "no"})
	}
	if !errors.Is(err, queue.ErrFull) {
		t.Fatalf("settle says %v", err)
	}
	d.want("a", fmt.Sprintf("%d = %d delivered 0 filtered 0 denied %d rejected 2 pending (0 retrying)", 2*rejected, rejected-1, rejected-1))
	ids, _ := letters(d, "a", "")
	if n, err := d.cursors["a"].DropDeadLetters(ctx, ids...); n != rejected-1 || err != nil {
		t.Fatalf("drop: %d, %v", n, err)
	}
	deadline := time.Now().Add(time.Minute)
	for err != nil {
		if err = g.Settle(ctx, queue.Left{Item: 0, Outcome: queue.Reject, Why: "no"}); time.Now().After(deadline) {
			t.Fatalf("there is room, and settle says %v", err)
		}
	}
	d.want("a", fmt.Sprintf("%d = %d delivered 0 filtered 0 denied %d rejected 0 pending (0 retrying)", 2*rejected, rejected, rejected))
	if _, bodies := letters(d, "a", ""); len(bodies) != 1 {
		t.Fatalf("%d dead letters", len(bodies))
	}
}

func late(t *testing.T, options func() queue.Options) {
	l := open(t, options())
	d := newDesk(t, l, "a")
	d.append(d.entry("one", queue.Due), d.entry("two", queue.Due), d.entry("three", queue.Due), d.entry("four", queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Filter}, queue.Left{Item: 1, Outcome: queue.Deny}, queue.Left{Item: 2, Outcome: queue.Retry})
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Deny})
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
	d.settle(d.must("a"))                                             // 0 is delivered
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Filter}) // 1 is filtered late
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Deny})   // 2 is denied late
	d.settle(d.must("a"))                                             // 5 is delivered
	d2 := newDesk(t, l, "a", "b")                                     // b came after all of them
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
					left = append(left, queue.Left{Item: i, Outcome: queue.Deny})
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
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Reject}, queue.Left{Item: 1, Outcome: queue.Retry, After: time.Hour})
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
	d.settle(d.must("b"), queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour}, queue.Left{Item: 1, Outcome: queue.Reject})
	d.append(d.entry("three", queue.Due, queue.Due))
	held := d.must("b")
	if err := l.Forget(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	d.settle(held, queue.Left{Item: 0, Outcome: queue.Retry})
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
