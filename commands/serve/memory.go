package serve

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	returnEvery = 30 * time.Second
	worthwhile  = 48 << 20 // bytes of heap

	lookEvery  = time.Second
	mostWaste  = 36 << 20 // bytes of garbage beside what is in use
	mostShare  = 75       // percent of what is in use, where that is less
	leastShare = 30       // and in any case, or the collector would never rest
)

// boundGarbage lets no more garbage stand beside what is in use than mostWaste, until ctx ends. The runtime allows a share of what is in
// use; but what grows here with time and trouble, ids, blocks and batches, is no reason for more garbage, and quick to look through.
func boundGarbage(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	now := mostShare
	debug.SetGCPercent(now)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		next := garbageShare(live[0].Value.Uint64())
		if worth := max(now/10, 1); next < now-worth || next > now+worth { // the change stops the world for a moment
			debug.SetGCPercent(next)
			now = next
		}
	}
}

// garbageShare is how much garbage may stand beside so many bytes in use, in percent of them.
func garbageShare(live uint64) int {
	return max(leastShare, int(min(mostShare, mostWaste*100/max(live, 1))))
}

// returnMemory returns memory to the system that an outage or a replay took and nothing needs now, until ctx ends. The runtime
// does it too, but takes minutes. While events flow the heap is left alone: it would only grow again.
func returnMemory(ctx context.Context) {
	tick := time.NewTicker(returnEvery)
	defer tick.Stop()
	_, before := heap()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, allocated := heap()
		if held > worthwhile && allocated-before < held {
			debug.FreeOSMemory()
		}
		before = allocated
	}
}

// heap returns how many bytes of the system's memory the heap holds, garbage and free space included, and how many have ever
// been allocated.
func heap() (held, allocated uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(samples)
	for _, s := range samples[1:] {
		held += s.Value.Uint64()
	}
	return held, samples[0].Value.Uint64()
}
