package serve

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestGarbageHasARoomNotAShare(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 75, 10 << 20: 75, 48 << 20: 75, 72 << 20: 50, 90 << 20: 40, 120 << 20: 30, 4 << 30: 30} {
		if got := garbageShare(live); got != want {
			t.Errorf("with %d MiB in use: %d percent, want %d", live>>20, got, want)
		}
	}
}

func TestMoreInUseDoesNotMeanMoreGarbage(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		boundGarbage(ctx)
	}()
	held := make([]byte, 200<<20)
	percent := func() uint64 {
		now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(now)
		return now[0].Value.Uint64()
	}
	limit := time.After(time.Minute)
	for percent() != leastShare {
		runtime.GC()
		select {
		case <-limit:
			t.Fatalf("beside %d MiB in use, %d percent of it may be garbage", len(held)>>20, percent())
		case <-time.After(20 * time.Millisecond):
		}
	}
	runtime.KeepAlive(held)
	cancel()
	<-ended
}
