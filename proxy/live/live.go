// Package live shows the traces of events as they are decided, to whoever looks. It slows no hit: who looks too slowly loses traces.
package live

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// Sighting is one trace of the live view. The trace is never changed afterwards.
type Sighting struct {
	Trace *trace.Trace
	Lost  int // traces left out before this one, since the reader was slow

	encoded *encoding
}

// encoding is a trace's JSON, which all who watch it share: whoever needs it first makes it.
type encoding struct {
	once sync.Once
	json []byte
	err  error
}

// JSON is the trace on one line. It must not be changed.
func (s *Sighting) JSON() ([]byte, error) {
	if s.encoded == nil {
		s.encoded = new(encoding)
	}
	e := s.encoded
	e.once.Do(func() {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		e.err = enc.Encode(s.Trace)
		e.json = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	})
	return e.json, e.err
}

// Watchers are those who look at the live view. While there is none, the walk makes no trace; while all look at a sample, it makes
// those of the sample only. It hands its traces to one goroutine, so that a hit waits neither for formulas nor for their number.
type Watchers struct {
	count  atomic.Int32
	whole  atomic.Int32 // of them, those for whom every event is looked at
	sample sample       // that all others share
	missed atomic.Int64 // traces that nobody was shown
	seen   chan sighted
	Ended  chan struct{} // closed when run has returned

	mu  sync.Mutex
	all map[*watcher]struct{}
}

// New are nobody yet. run has to be called.
func New() Watchers {
	return Watchers{seen: make(chan sighted, seenBuffer), Ended: make(chan struct{}), all: map[*watcher]struct{}{}}
}

// sighted is a trace on its way to the watchers.
type sighted struct {
	trace *trace.Trace
	hit   *event.Hit
	drawn bool // in the sample
}

// watcher belongs to the goroutine that shows.
type watcher struct {
	where     *rules.Formula // nil picks all
	machine   *rules.Machine // of the formula
	sampled   bool
	own       sample // of a formula's events
	sightings chan Sighting
	lost      int
}

// whole reports whether every event has to be looked at: without a sample, and also for a formula, which may pick the one event that
// somebody waits for.
func (w *watcher) whole() bool { return !w.sampled || w.where != nil }

const (
	liveBuffer   = 64        // traces that a slow reader may be behind before it loses some
	seenBuffer   = 256       // and all of them together
	largestTrace = 128 << 10 // bytes of the event in a trace that is shown
)

// draws reports whether a trace that a watcher may see is in the sample: in that of all, or among the events of a formula.
func (w *watcher) draws(one *sighted) bool {
	if w.where == nil {
		return one.drawn
	}
	return w.own.draw(1, one.hit.Received)
}

// View is what somebody wants to see.
type View struct {
	Where   *rules.Formula // only these events; nil: all
	Machine *rules.Machine // of the formula; it is released in the end
	Sampled bool           // at most mostSampled a second, the others are counted as lost
}

// Watch returns the traces of events as they are decided until ctx ends or stop is closed; then the channel is closed. A slow reader
// loses traces, never slows the walk.
func (ws *Watchers) Watch(ctx context.Context, v View, stop <-chan struct{}) <-chan Sighting {
	w := &watcher{where: v.Where, machine: v.Machine, sampled: v.Sampled, sightings: make(chan Sighting, liveBuffer)}
	ws.add(w)
	go func() { // ends with the request that asked, or with the server
		select {
		case <-ctx.Done():
		case <-stop:
		}
		ws.remove(w)
	}()
	return w.sightings
}

func (ws *Watchers) add(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.all[w] = struct{}{}
	ws.count.Add(1)
	if w.whole() {
		ws.whole.Add(1)
	}
}

func (ws *Watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
	ws.count.Add(-1)
	if w.whole() {
		ws.whole.Add(-1)
	}
	close(w.sightings)
	w.machine.Release()
}

// Interest is what watchers want of a hit.
type Interest int

// What watchers may want.
const (
	None   Interest = iota // nobody watches
	Number                 // how many events it had, which are counted as lost
	Some                   // the traces, for those who look at every event
	All                    // the traces, which are in the sample, too
)

// Traces reports whether the walk has to make traces.
func (i Interest) Traces() bool { return i >= Some }

// Interest says what to make of a hit with so many events.
func (ws *Watchers) Interest(events int, now time.Time) Interest {
	switch count, whole := ws.count.Load(), ws.whole.Load(); {
	case count == 0:
		return None
	case count > whole && ws.sample.draw(events, now):
		return All
	case whole > 0:
		return Some
	}
	return Number
}

// Show hands the traces of a hit with so many events to all whose formula picks them. It never waits.
func (ws *Watchers) Show(traces []*trace.Trace, events int, h *event.Hit, interest Interest) {
	if interest == Number {
		ws.missed.Add(int64(events))
	}
	if !interest.Traces() {
		return
	}
	for _, t := range traces {
		if t.Event.Size() > largestTrace {
			ws.missed.Add(1)
			continue
		}
		select {
		case ws.seen <- sighted{t, h, interest == All}:
		default:
			ws.missed.Add(1)
		}
	}
}

// Run shows what is handed to it until stop is closed.
func (ws *Watchers) Run(stop <-chan struct{}) {
	defer close(ws.Ended)
	for {
		select {
		case one := <-ws.seen:
			ws.give(one)
		case <-stop:
			return
		}
	}
}

// give gives a trace to whoever wants it.
func (ws *Watchers) give(one sighted) {
	missed := int(ws.missed.Swap(0))
	encoded := new(encoding)
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		w.lost += missed
		if w.where != nil {
			env := rules.Env{Event: one.trace.Event}
			if !one.trace.Refused {
				env.Hit = one.hit
			}
			picked, err := w.where.Truth(w.machine, &env)
			if err != nil || !picked {
				continue
			}
		}
		if w.sampled && !w.draws(&one) {
			w.lost++
			continue
		}
		select {
		case w.sightings <- Sighting{Trace: one.trace, Lost: w.lost, encoded: encoded}:
			w.lost = 0
		default:
			w.lost++
		}
	}
}
