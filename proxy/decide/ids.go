package decide

import (
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"headgate/event"
	"headgate/proxy/plan"
)

// IDs makes event ids: UUIDs of version 7, so that they sort by time. Ids of one process also sort within a millisecond.
type IDs struct{ last atomic.Int64 }

// next returns an id for an event received at t.
func (g *IDs) next(t time.Time) string {
	tick := t.UnixMilli() << 12 // 12 bits of counter below the millisecond
	for {
		last := g.last.Load()
		if tick <= last {
			tick = last + 1
		}
		if g.last.CompareAndSwap(last, tick) {
			break
		}
	}
	random := rand.Uint64() //nolint:gosec // an id is no secret
	var u uuid.UUID
	ms := uint64(tick >> 12)
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6] = 0x70 | byte(tick>>8)&0x0f
	u[7] = byte(tick)
	for i := range 8 {
		u[8+i] = byte(random >> (56 - 8*i))
	}
	u[8] = 0x80 | u[8]&0x3f
	return u.String()
}

// Complete gives an event what every event has: an id, its times and its site.
func (g *IDs) Complete(h *event.Hit, site *plan.Site, e *event.Event) {
	if e.ID == "" {
		e.ID = g.next(h.Received)
	}
	if e.Received = h.Received; e.Time.IsZero() {
		e.Time = h.Received
	}
	e.Site = site.Name
}

// TimeOf is when an id of ours was made, a second early to be sure; the zero time for an id of a client's.
func TimeOf(id string) time.Time {
	if len(id) != 36 || id[14] != '7' {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(id[:8]+id[9:13], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).Add(-time.Second)
}
