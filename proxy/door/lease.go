package door

import (
	"sync"

	"headgate/event"
	"headgate/proxy/admission"
)

// room is the memory of a hit that is used again for another once it is answered: lists and one event, which only point at texts.
// The texts themselves are never used again, since the log's readers, the live view and others keep them.
type room struct {
	lines [24]event.Header // of the request
	extra [6]event.Header  // of the answer
	only  [1]event.Event
	texts event.Arena
}

var incoming = sync.Pool{New: func() any { return new(Incoming) }}

// lease returns an empty Incoming, which holds nothing yet of the budget.
func lease(b *admission.Budget, most int) *Incoming {
	r := incoming.Get().(*Incoming)
	r.Lease, r.most = b.Lease(), most
	return r
}

// release gives back what the hit held of the budget and, once it is answered, its memory, unless somebody still looks at it.
func (r *Incoming) release() {
	r.Lease.Release()
	if !r.answered || r.Kept {
		return
	}
	*r = Incoming{}
	incoming.Put(r)
}
