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
						left = append(left, queue.Left{Item: i, Outcome: queue.Retry, Why: "again"})
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
	if err := g.Settle(context.Background(), queue.Left{Item: 0, Outcome: queue.Reject}); err == nil {
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
		d.settle(d.must(name), queue.Left{Item: 1, Outcome: queue.Retry}, queue.Left{Item: 0, Outcome: queue.Reject, Why: fmt.Sprint(i)})
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
