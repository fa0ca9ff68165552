// Package live shows the traces of events as they are decided, to whoever looks. It slows no hit: who looks too slowly loses traces.
package live

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

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

// Watchers are those who look at the live view. While there is none, the walk makes no trace; while there are some, it hands
// its traces to one goroutine, so that a hit waits neither for their formulas nor for their number.
type Watchers struct {
	count  atomic.Int32
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
}

// watcher belongs to the goroutine that shows.
type watcher struct {
	where     *rules.Formula // nil picks all
	machine   *rules.Machine // of the formula
	sightings chan Sighting
	lost      int
}

const (
	liveBuffer   = 64        // traces that a slow reader may be behind before it loses some
	seenBuffer   = 256       // and all of them together
	largestTrace = 128 << 10 // bytes of the event in a trace that is shown
)

// Watch returns the traces of events as they are decided, of those that a formula picks (nil picks all), until ctx ends or stop is
// closed; then the channel is closed. A slow reader loses traces, never slows the walk. The machine is the formula's, and is released.
func (ws *Watchers) Watch(ctx context.Context, where *rules.Formula, machine *rules.Machine, stop <-chan struct{}) <-chan Sighting {
	w := &watcher{where: where, machine: machine, sightings: make(chan Sighting, liveBuffer)}
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
}

func (ws *Watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
	ws.count.Add(-1)
	close(w.sightings)
	w.machine.Release()
}

// Any reports whether anyone is watching.
func (ws *Watchers) Any() bool { return ws.count.Load() > 0 }

// Show hands a trace to all whose formula picks its event. It never waits.
func (ws *Watchers) Show(t *trace.Trace, h *event.Hit) {
	if t.Event.Size() > largestTrace {
		ws.missed.Add(1)
		return
	}
	select {
	case ws.seen <- sighted{t, h}:
	default:
		ws.missed.Add(1)
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
		select {
		case w.sightings <- Sighting{Trace: one.trace, Lost: w.lost, encoded: encoded}:
			w.lost = 0
		default:
			w.lost++
		}
	}
}
