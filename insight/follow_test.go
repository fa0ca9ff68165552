package insight

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"headgate/queue"
)

// largeGroups is a log with an end whose groups are so large that it returns one at a time.
type largeGroups struct {
	endless
	last uint64
}

func (l *largeGroups) Next(ctx context.Context, after uint64, fn func(uint64, queue.Stored)) (uint64, error) {
	if after == l.last {
		<-ctx.Done()
		return after, ctx.Err()
	}
	return l.endless.Next(ctx, after, fn)
}

func (l *largeGroups) Bounds(context.Context) (first, last uint64, err error) { return 1, l.last, nil }

// behind returns an Insight that has counted nothing of a log yet, and follows it.
func behind(t *testing.T, groups uint64) *desk {
	t.Helper()
	d := &desk{t: t, policy: policy(t), folder: t.TempDir(), now: monday, yaml: counted}
	d.Insight = New(Options{Data: d.folder, Log: &largeGroups{*newEndless(monday), groups}, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err := d.Serve(termsOf(t, d.yaml), d.policy); err != nil {
		t.Fatal(err)
	}
	return d
}

// The clock of these tests moves while everything waits: reading and counting take no time.
func TestWhoIsBehindReadsWithoutPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := behind(t, 200)
		time.Sleep(3 * gather)
		synctest.Wait()
		if at := d.store.Position(); at != 200 {
			t.Errorf("after three pauses %d groups of 200 are counted", at)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoIsBehindWritesAsItReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const groups = 3_500 // of 64
		d := behind(t, groups)
		time.Sleep(3 * gather)
		synctest.Wait()
		if s := d.store.Status(); s.Events != groups*ofGroup || s.InMemory > 70_000 {
			t.Errorf("%d events are counted, and %d of them are only in memory", s.Events, s.InMemory)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}
