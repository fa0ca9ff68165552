package queue

import (
	"context"
	"testing"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

func TestGroupsThatWereOnlyAppendedAreInTheLastCheckpoint(t *testing.T) {
	t.Parallel()
	o := Options{Dir: t.TempDir(), Config: Default()}
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Roster([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Sweep(t.Context()); err != nil { // it writes a checkpoint: from here on there are only groups
		t.Fatal(err)
	}
	for range 3 {
		if err := l.Append(t.Context(), []Entry{{Bytes: []byte("an event"), Roster: r, States: []State{Due}}}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
	writer := l.Writer()
	l = newLog(o)
	if err := l.openStore(ctx, false); err != nil {
		t.Fatal(err)
	}
	defer l.abandon()
	m, err := l.store.Last(ctx, stream.Checkpoints, stream.StateSubject(writer))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := format.DecodeCheckpoint(m.Data); err != nil || c.Number != 3 {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
}
