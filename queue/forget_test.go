package queue

import (
	"context"
	"errors"
	"testing"
	"time"
)

// unpurged is a store of which no message can be purged.
type unpurged struct {
	store
	err error
}

func (u unpurged) Purge(context.Context, string, string, uint64) error { return u.err }

// TestAForgetThatWasCutShortIsFinishedAtTheNextStart stops between the checkpoint and the removal of the records.
func TestAForgetThatWasCutShortIsFinishedAtTheNextStart(t *testing.T) {
	ctx := context.Background()
	o := Options{Dir: t.TempDir(), Config: Default()}
	l := newLog(o)
	if err := l.open(ctx); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("cut short")
	l.ledgers.Use(unpurged{l.store, broken})
	l.start()
	r, err := l.Roster([]string{"old"})
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Bytes: []byte("an event"), Roster: r, States: []State{Due}}
	if err := l.Append(ctx, []Entry{e, e}); err != nil {
		t.Fatal(err)
	}
	c, err := l.Cursor("old")
	if err != nil {
		t.Fatal(err)
	}
	g, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Settle(ctx, Left{Item: 0, Outcome: Reject}, Left{Item: 1, Outcome: Retry, After: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := l.Forget(ctx, "old"); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}

	if l, err = Open(ctx, o); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	s, err := l.Status(ctx)
	if err != nil || len(s.Damage) > 0 || len(s.Cursors) > 0 {
		t.Errorf("%+v %v", s, err)
	}
	if c, err = l.Cursor("old"); err != nil {
		t.Fatal(err)
	}
	if err := c.DeadLetters(ctx, "", func(d DeadLetter) bool { t.Errorf("it has still %+v", d); return true }); err != nil {
		t.Fatal(err)
	}
}
