package queue

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"headgate/queue/stream"
)

// lane is one cursor's way through one writer's groups, with its account. Guarded by the log's mutex.
type lane struct {
	book    *book
	cursor  *Cursor
	base    counts // the writer's sums when the cursor began: what came before counts as filtered
	w       window
	account account
	gone    bool // forgotten; groups still out there settle into nothing

	nextSeq uint64    // where the stream is to be read next
	fetched []fetched // read from there, not yet handed out
	barren  int       // reads in a row that found nothing although there should be something

	retries dueHeap[retryRef]
	back    dueHeap[putBack]
}

type fetched struct {
	*frame
	seq uint64
}

// retryRef is a retry record that waits.
type retryRef struct {
	due   time.Time
	seq   uint64
	items int
}

// putBack is a group that was released for a while.
type putBack struct {
	due         time.Time
	number, seq uint64
	retry       *retryRef // of a retry record
}

func (r retryRef) at() time.Time { return r.due }
func (p putBack) at() time.Time  { return p.due }

// dueHeap gives the one that is due first.
type dueHeap[T interface{ at() time.Time }] []T

// Len is heap.Interface's.
func (h dueHeap[T]) Len() int { return len(h) }

// Less is heap.Interface's.
func (h dueHeap[T]) Less(i, j int) bool { return h[i].at().Before(h[j].at()) }

// Swap is heap.Interface's.
func (h dueHeap[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's; use push.
func (h *dueHeap[T]) Push(x any) { *h = append(*h, x.(T)) }

// Pop is heap.Interface's; use pop. What an outage has filled gives its memory back.
func (h *dueHeap[T]) Pop() any {
	rest, x := (*h)[:len(*h)-1], (*h)[len(*h)-1]
	if cap(rest) > smallHeap && len(rest) < cap(rest)/4 {
		rest = slices.Clone(rest)
	}
	*h = rest
	return x
}

const smallHeap = 1 << 10 // items, for which it is not worthwhile

func (h *dueHeap[T]) push(x T) { heap.Push(h, x) }

// pop takes the first one when it is due.
func (h *dueHeap[T]) pop(now time.Time) (x T, ok bool) {
	if len(*h) == 0 || (*h)[0].at().After(now) {
		return x, false
	}
	return heap.Pop(h).(T), true
}

// sooner returns the earlier of t and the first one's time; the zero time is never.
func (h dueHeap[T]) sooner(t time.Time) time.Time {
	if len(h) == 0 || !t.IsZero() && t.Before(h[0].at()) {
		return t
	}
	return h[0].at()
}

// due is how many of the writer's events were ever due for the cursor, replays of others included.
func (ln *lane) due() uint64 {
	return ln.head().due - ln.base.due + ln.account.Unfiltered + ln.account.Undenied
}

func (ln *lane) head() counts { return ln.book.head.slot(ln.cursor.slot) }

// waiting is how many due events are in groups that are not finished.
func (ln *lane) waiting() uint64 { return ln.w.pending(ln.head().due) }

// addTo adds the lane's account to a cursor's. What is neither here nor there has been delivered.
func (ln *lane) addTo(s *CursorStatus) {
	a, head := &ln.account, ln.head()
	due, accepted := ln.due(), ln.book.head.accepted
	denied := head.denied - ln.base.denied - a.Undenied + a.Denied
	filtered := accepted - (head.due - ln.base.due) - (head.denied - ln.base.denied) - a.Unfiltered + a.Filtered
	rejected := a.Dead + a.Dropped + a.Lost
	waiting := ln.waiting()
	s.Accepted += accepted
	s.Filtered += filtered
	s.Denied += denied
	s.Rejected += rejected
	s.Pending += waiting + a.Retrying
	s.Delivered += due - waiting - a.Retrying - rejected - a.Filtered - a.Denied
	s.Redacted += head.redacted - ln.base.redacted
	s.Retrying += a.Retrying
	s.Dead += a.Dead
	s.Lost += a.Lost
}

// step is what a lane does next.
type step uint8

const (
	idle    step = iota // nothing to do
	goOn                // something was passed over; look again
	fetch               // the stream must be read first
	handOut             // here is a group
)

// fresh looks at the next group. The caller holds the log's mutex.
func (ln *lane) fresh() (*Group, step) {
	number := ln.w.read + 1
	if number > ln.book.number {
		return nil, idle
	}
	if ln.book == ln.book.log.own {
		if g := ln.book.log.recent.get(number); g != nil {
			due := g.within.slot(ln.cursor.slot).due
			if due == 0 || g.decoded {
				ln.fetched = nil
				ln.w.open(number, g.seq, due)
				ln.nextSeq = g.seq + 1
				if due == 0 {
					return nil, goOn
				}
				return &Group{lane: ln, number: number, seq: g.seq, Time: g.time, Items: g.items(ln.cursor.slot, due)}, handOut
			}
		}
	}
	if len(ln.fetched) == 0 {
		return nil, fetch
	}
	f := ln.fetched[0]
	if f.number > number {
		ln.miss(f)
		return nil, goOn
	}
	ln.fetched = ln.fetched[1:]
	ln.nextSeq = max(ln.nextSeq, f.seq+1)
	if f.number < number {
		return nil, goOn
	}
	due := f.cursor(ln.cursor.name).within.due
	ln.w.open(number, f.seq, due)
	if due == 0 {
		return nil, goOn
	}
	return &Group{lane: ln, number: number, seq: f.seq, Time: f.time, Items: f.items(ln.cursor.name)}, handOut
}

// miss passes over the groups missing before f.
func (ln *lane) miss(f fetched) {
	groups := f.number - 1 - ln.w.read
	lost := ln.w.lose(f.number-1, f.cursor(ln.cursor.name).before.due)
	ln.account.Lost += lost
	ln.book.touch()
	ln.book.log.missed(ln, groups, lost)
}

// read fetches groups from the stream into the lane. The caller does not hold the log's mutex, but is the only one to
// read for this cursor.
func (ln *lane) read(ctx context.Context) error {
	l := ln.book.log
	l.mu.Lock()
	from := ln.nextSeq
	l.mu.Unlock()
	some, err := l.store.Read(ctx, stream.Log, stream.LogSubject(ln.book.writer), from, stream.ReadAtOnce)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if ln.nextSeq != from {
		return nil // the cursor caught up with what is in memory meanwhile
	}
	for _, m := range some {
		ln.nextSeq = m.Seq + 1
		if f, err := decodeFrame(m.Data); err == nil { // an unreadable one shows as a gap before the next
			ln.fetched = append(ln.fetched, fetched{f, m.Seq})
		}
	}
	if len(some) > 0 {
		ln.barren = 0
	} else {
		ln.barren++
	}
	return nil
}

// items are the frame's events that are due for a cursor.
func (f *frame) items(cursor string) []Item {
	items := make([]Item, 0, f.cursor(cursor).within.due)
	for i := range f.entries {
		if s := f.state(i, cursor); s.Due() {
			items = append(items, Item{Bytes: f.entries[i].bytes, State: s, origin: origin{f.number, i}})
		}
	}
	return items
}
