package gate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAClosedGateLetsOneWorkerTryAfterADelayThatDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(time.Second, 30*time.Second)
		g.random = func() float64 { return 0.5 } // no jitter
		start := time.Now()
		for i, want := range []time.Duration{0, 1, 3, 7, 15, 31, 61, 91} {
			if err := g.Pass(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(start); got != want*time.Second {
				t.Errorf("try %d came after %v, want %v", i, got, want*time.Second)
			}
			g.Failed(0)
		}
		if err := g.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		passed := make(chan struct{})
		go func() {
			if g.Pass(t.Context()) == nil {
				close(passed)
			}
		}()
		synctest.Wait()
		select {
		case <-passed:
			t.Error("a second worker passed while one was trying")
		default:
		}
		g.Succeeded()
		<-passed
		if g.failures > 0 {
			t.Error("the gate is closed after a success")
		}
	})
}

func TestAGateWaitsAsLongAsTheDestinationAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(time.Second, 30*time.Second)
		start := time.Now()
		g.Failed(time.Minute)
		g.Failed(0) // of a call that was under way
		if err := g.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != time.Minute {
			t.Errorf("passed after %v", got)
		}
	})
}

func TestWaitingAtAGateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(time.Hour, time.Hour)
		g.Failed(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Pass(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
