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

	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue"
)

// reader is someone who reads a board, and what they have heard.
type reader struct {
	t     *testing.T
	board *queue.Board
	next  uint64
	heard []string
}

// newReader reads what is there.
func newReader(t *testing.T, l *queue.Log) *reader {
	t.Helper()
	r := &reader{t: t, board: l.Board()}
	r.again()
	return r
}

func (r *reader) again() {
	r.t.Helper()
	var err error
	r.heard = nil
	if r.next, err = r.board.Read(r.t.Context(), r.hear); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) hear(line []byte) { r.heard = append(r.heard, string(line)) }

// await reads news until n lines have been heard in all. A node that was just lost may cost some tries.
func (r *reader) await(n int) []string {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for len(r.heard) < n {
		var err error
		if r.next, err = r.board.News(r.t.Context(), r.next, r.hear); errors.Is(err, queue.ErrBoardLost) {
			r.t.Fatal(err)
		}
		select {
		case <-limit:
			r.t.Fatalf("%d of %d lines: %v", len(r.heard), n, err)
		case <-tick.C:
		}
	}
	return r.heard
}

func (r *reader) post(topic, line string) {
	r.t.Helper()
	if err := r.board.Post(r.t.Context(), topic, []byte(line)); err != nil {
		r.t.Fatal(err)
	}
}

func TestTheLogInsideHeadgateHasNoBoard(t *testing.T) {
	if l := open(t, embedded(t, t.TempDir())); l.Board() != nil {
		t.Error("it has one")
	}
}

func TestTheBoard(t *testing.T) {
	c := startCluster(t)
	for _, one := range []struct {
		name string
		run  func(*testing.T, *cluster, string)
	}{
		{"what one posts all hear, once and in one order", boardInOrder},
		{"more lines than are read at once come whole", boardLong},
		{"only old lines of a topic are forgotten", boardForgets},
		{"a board that was made anew is noticed", boardAnew},
		{"a lost node does not matter, a lost majority is said", boardNodes}, // the last: it takes nodes away
	} {
		t.Run(one.name, func(t *testing.T) {
			url := c.tenant()
			one.run(t, c, url)
			clean(t, url)
		})
	}
}

func boardInOrder(t *testing.T, _ *cluster, url string) {
	one := newReader(t, open(t, clustered(t, t.TempDir(), url, "one")))
	two := newReader(t, open(t, clustered(t, t.TempDir(), url, "two")))
	if len(one.heard)+len(two.heard) > 0 {
		t.Fatalf("a new board says %v", one.heard)
	}
	const each = 40
	var posting sync.WaitGroup
	for _, r := range []*reader{one, two} {
		posting.Go(func() {
			for i := range each {
				if err := r.board.Post(t.Context(), "topic", fmt.Appendf(nil, "%p %03d", r, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	a, b := one.await(2*each), two.await(2*each)
	posting.Wait()
	if !slices.Equal(a, b) {
		t.Errorf("one hears %v\ntwo hears %v", a, b)
	}
	for _, r := range []*reader{one, two} {
		of := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !strings.HasPrefix(s, fmt.Sprintf("%p ", r)) })
		if len(of) != each || !slices.IsSorted(of) {
			t.Errorf("of one poster: %v", of)
		}
	}
	late := newReader(t, open(t, clustered(t, t.TempDir(), url, "three")))
	if !slices.Equal(late.heard, a) {
		t.Errorf("a later reader hears %v", late.heard)
	}
	late.post("topic", "last")
	if last := one.await(2*each + 1)[2*each]; last != "last" {
		t.Errorf("then comes %s", last)
	}
	if late.await(2*each + 1); !slices.Equal(late.heard, one.heard) {
		t.Errorf("its own line is heard as %v", late.heard)
	}
}

func boardLong(t *testing.T, _ *cluster, url string) {
	r := newReader(t, open(t, clustered(t, t.TempDir(), url, "one")))
	const n = 3000
	var posting sync.WaitGroup
	for k := range 50 {
		posting.Go(func() {
			for i := k; i < n; i += 50 {
				if err := r.board.Post(t.Context(), "topic", fmt.Appendf(nil, "%04d %s", i, strings.Repeat("x", 200))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	posting.Wait()
	r.await(n)
	first := slices.Clone(r.heard)
	began := time.Now()
	r.again()
	t.Logf("%d lines read in %v", n, time.Since(began))
	if !slices.Equal(first, r.heard) {
		t.Errorf("%d lines are not the same %d", len(r.heard), len(first))
	}
	slices.Sort(first)
	if len(slices.Compact(first)) != n {
		t.Errorf("%d different lines", len(slices.Compact(first)))
	}
}

func boardForgets(t *testing.T, _ *cluster, url string) {
	r := newReader(t, open(t, clustered(t, t.TempDir(), url, "one")))
	r.post("short", "old")
	r.post("long", "kept")
	r.await(2)
	between := r.timeOf(url, "kept")
	if err := r.board.Forget(t.Context(), "short", between.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if r.again(); !slices.Equal(r.heard, []string{"old", "kept"}) {
		t.Errorf("before its time: %v", r.heard)
	}
	r.post("short", "new")
	if err := r.board.Forget(t.Context(), "short", between.Add(time.Nanosecond)); err != nil {
		t.Fatal(err)
	}
	if r.again(); !slices.Equal(r.heard, []string{"kept", "new"}) {
		t.Errorf("left: %v", r.heard)
	}
	if err := r.board.Forget(t.Context(), "long", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if r.again(); !slices.Equal(r.heard, []string{"kept", "new"}) {
		t.Errorf("when nothing is said to be newer: %v", r.heard)
	}
	if info := boardInfo(t, url); info.State.Msgs != 3 {
		t.Errorf("readers left %d messages beside two lines", info.State.Msgs-2)
	}
}

// timeOf is when the line was posted.
func (r *reader) timeOf(url, line string) (at time.Time) {
	r.t.Helper()
	onStream(r.t, url, func(ctx context.Context, s jetstream.Stream) {
		for seq := uint64(1); seq < r.next; seq++ {
			if m, err := s.GetMsg(ctx, seq); err == nil && string(m.Data) == line {
				at = m.Time
			}
		}
	})
	if at.IsZero() {
		r.t.Fatalf("%s is not on the board", line)
	}
	return at
}

func onStream(t *testing.T, url string, do func(context.Context, jetstream.Stream)) {
	t.Helper()
	js := dial(t, url)
	s, err := js.Stream(t.Context(), "HEADGATE_BOARD")
	if err != nil {
		t.Fatal(err)
	}
	do(t.Context(), s)
}

func boardInfo(t *testing.T, url string) (info *jetstream.StreamInfo) {
	onStream(t, url, func(ctx context.Context, s jetstream.Stream) {
		var err error
		if info, err = s.Info(ctx); err != nil {
			t.Fatal(err)
		}
	})
	return info
}

func boardAnew(t *testing.T, _ *cluster, url string) {
	r := newReader(t, open(t, clustered(t, t.TempDir(), url, "one")))
	for i := range 5 {
		r.post("topic", fmt.Sprint(i))
	}
	r.await(5)
	if info := boardInfo(t, url); info.Config.Replicas != 3 || info.Config.MaxAge != 0 || info.Config.MaxBytes != -1 || info.Config.MaxMsgs != -1 {
		t.Errorf("%+v", info.Config)
	}
	onStream(t, url, func(ctx context.Context, s jetstream.Stream) {
		if err := s.Purge(ctx); err != nil {
			t.Error(err)
		}
	})
	if _, err := r.board.News(t.Context(), r.next, r.hear); err != nil {
		t.Errorf("lines that were forgotten make %v", err)
	}
	js := dial(t, url)
	if err := js.DeleteStream(t.Context(), "HEADGATE_BOARD"); err != nil {
		t.Fatal(err)
	}
	two := newReader(t, open(t, clustered(t, t.TempDir(), url, "two"))) // makes it again
	two.post("topic", "new")
	if _, err := r.board.News(t.Context(), r.next, r.hear); !errors.Is(err, queue.ErrBoardLost) {
		t.Errorf("%v", err)
	}
	if r.again(); !slices.Equal(r.heard, []string{"new"}) {
		t.Errorf("%v", r.heard)
	}
}

func boardNodes(t *testing.T, c *cluster, url string) {
	l := open(t, clustered(t, t.TempDir(), url, "one"))
	one := newReader(t, l)
	two := newReader(t, open(t, clustered(t, t.TempDir(), url, "two")))
	one.post("topic", "before")
	c.kill(0)
	one.post("topic", "without")
	late := newReader(t, open(t, clustered(t, t.TempDir(), url, "late")))
	if want := []string{"before", "without"}; !slices.Equal(late.heard, want) || !slices.Equal(one.await(2), want) || !slices.Equal(two.await(2), want) {
		t.Errorf("without a node one hears %v, two %v, a late one %v", one.heard, two.heard, late.heard)
	}
	c.kill(1)
	began := time.Now()
	err := one.board.Post(t.Context(), "topic", []byte("alone"))
	if took := time.Since(began); err == nil || took > 20*time.Second {
		t.Errorf("without a majority: %v after %v", err, took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := one.board.Read(ctx, one.hear); err == nil {
		t.Error("without a majority one reads as if nothing were missing")
	}
	c.start(0)
	c.start(1)
	for one.board.Post(t.Context(), "topic", []byte("together")) != nil {
		if time.Since(began) > time.Minute {
			t.Fatal("the majority does not come back")
		}
	}
	for two.await(3); two.heard[len(two.heard)-1] != "together"; {
		two.await(len(two.heard) + 1) // those whose Post failed may be there
	}
}
