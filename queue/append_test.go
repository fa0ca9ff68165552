package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
)

// openQuiet opens a log whose appender nobody uses but the test.
func openQuiet(t *testing.T) (*Log, *Roster) {
	t.Helper()
	c := Default()
	c.MaxBytes = 64 << 20
	l, err := Open(context.Background(), Options{Dir: t.TempDir(), Config: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	r, err := l.Roster([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	return l, r
}

func oneBatch(r *Roster, text string) *batch {
	b := &batch{w: &format.FrameBuilder{}, done: make(chan struct{})}
	e := Entry{Bytes: []byte(text), Live: text, Roster: r, States: []State{Due}}
	b.w.Add(e.Bytes, e.Roster, e.States)
	b.entries = append(b.entries, recent.Entry{Live: e.Live, Roster: r, States: e.States})
	return b
}

// contents are the stored events, each with its group's number.
func contents(t *testing.T, l *Log) string {
	t.Helper()
	var out []string
	err := l.Scan(context.Background(), time.Time{}, func(s Stored) bool {
		out = append(out, fmt.Sprint(s.Group, string(s.Bytes)))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func TestAGroupWhoseAnswerWasLostIsStoredOnce(t *testing.T) {
	l, r := openQuiet(t)
	b := oneBatch(r, "one")
	b.time, b.names = l.ledgers.Begin()
	l.appender.seal(b)
	if _, err := l.appender.send(b.frame, false); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Roster([]string{"a", "new meanwhile"}); err != nil {
		t.Fatal(err)
	}
	if err := l.appender.insist(b, context.DeadlineExceeded); err != nil {
		t.Fatal(err)
	}
	if err := l.appender.write(oneBatch(r, "two")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, l); got != "1one 2two" {
		t.Errorf("the log holds %s", got)
	}
	if s, err := l.Status(context.Background()); err != nil || s.Accepted != 2 {
		t.Errorf("%d accepted, %v", s.Accepted, err)
	}
}

func TestAGroupThatWasGivenUpAndStoredAllTheSameIsCountedAndDelivered(t *testing.T) {
	l, r := openQuiet(t)
	failed := errors.New("no answer")
	for _, text := range []string{"never stored", "stored", "never stored either"} {
		b := oneBatch(r, text)
		b.time, b.names = l.ledgers.Begin()
		l.appender.seal(b)
		if text == "stored" {
			if _, err := l.appender.send(b.frame, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.appender.fail(b, true, failed); !errors.Is(err, failed) || l.Healthy() == nil {
			t.Fatalf("%v, %v", err, l.Healthy())
		}
	}
	if err := l.appender.write(oneBatch(r, "next")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, l); got != "1stored 2next" {
		t.Errorf("the log holds %s", got)
	}
	if len(l.appender.unconfirmed) > 0 || l.Healthy() != nil {
		t.Errorf("%d unsure, %v", len(l.appender.unconfirmed), l.Healthy())
	}
	c, err := l.Cursor("a")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"stored", "next"} {
		g, err := c.Next(context.Background())
		if err != nil || len(g.Items) != 1 || g.Items[0].Live != want {
			t.Fatalf("a gets %+v, %v", g, err)
		}
	}
}

func TestAnotherWriterUnderTheSameNameIsNoticed(t *testing.T) {
	l, r := openQuiet(t)
	if err := l.appender.write(oneBatch(r, "one")); err != nil {
		t.Fatal(err)
	}
	b := oneBatch(r, "somebody else's")
	b.time, b.names = l.ledgers.Begin()
	l.appender.seal(b)
	if _, err := l.appender.send(b.frame, false); err != nil {
		t.Fatal(err)
	}
	if err := l.appender.reconcile(context.Background(), oneBatch(r, "mine")); !errors.Is(err, errTaken) {
		t.Errorf("reconcile says %v", err)
	}
}

func TestAnAppendThatIsNotWaitedForMayHappen(t *testing.T) {
	l, r := openQuiet(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := l.Append(ctx, []Entry{{Bytes: []byte("one"), Live: "one", Roster: r, States: []State{Due}}})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c, err := l.Cursor("a")
	if err != nil {
		t.Fatal(err)
	}
	if g, err := c.Next(context.Background()); err != nil || g.Items[0].Live != "one" {
		t.Fatalf("%+v, %v", g, err)
	}
}
