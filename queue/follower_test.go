package queue_test

import (
	"context"
	"testing"
	"time"

	"headgate/queue"
)

// What nobody can be sent is in the log without a live form; followers that keep up get its bytes.
func TestAFollowerGetsTheBytesOfWhatHasNoLiveForm(t *testing.T) {
	ctx := context.Background()
	l := open(t, embedded(t, t.TempDir()))
	r, err := l.Roster([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	f := l.Follower()
	bytes := []byte("refused")
	refused := queue.Entry{Bytes: bytes, Roster: r, States: []queue.State{queue.Denied}}
	due := queue.Entry{Bytes: []byte("due"), Live: "due", Roster: r, States: []queue.State{queue.Due}}
	if err := l.Append(ctx, []queue.Entry{refused, due}); err != nil {
		t.Fatal(err)
	}
	copy(bytes, "changed") // the caller's memory again
	f.Wait(ctx, time.Minute)
	var some []queue.Stored
	if _, err = f.Next(ctx, 0, func(_ uint64, e queue.Stored) { some = append(some, e) }); err != nil {
		t.Fatal(err)
	}
	if len(some) != 2 || string(some[0].Bytes) != "refused" || some[1].Live != "due" {
		t.Errorf("%+v", some)
	}
}
