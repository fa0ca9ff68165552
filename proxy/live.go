package proxy

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

// watchers are those who look at the live view. While there is none, the walk makes no trace; while there are some, it hands
// its traces to one goroutine, so that a hit waits neither for their formulas nor for their number.
type watchers struct {
	count  atomic.Int32
	missed atomic.Int64 // traces that nobody was shown
	seen   chan sighted
	ended  chan struct{} // closed when run has ended

	mu  sync.Mutex
	all map[*watcher]struct{}
}

func newWatchers() watchers {
	return watchers{seen: make(chan sighted, seenBuffer), ended: make(chan struct{}), all: map[*watcher]struct{}{}}
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

// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), until ctx
// ends or the server stops; then the channel is closed. A slow reader loses traces, never slows the walk. Of an event that
// consent refuses to everyone it shows what cover leaves; where the configuration shows it whole, the log says that someone
// looks.
func (s *Server) Live(ctx context.Context, where string) (<-chan Sighting, error) {
	p := s.plan.Load()
	w := &watcher{sightings: make(chan Sighting, liveBuffer)}
	var err error
	if w.where, err = p.condition(where); err != nil {
		return nil, err
	}
	if p.Config.Admin.ShowRefused {
		s.logger.Warn("the live view is opened and shows visitors who refused: admin.show_refused is on")
	}
	w.machine = p.Language.Machine()
	s.watchers.add(w)
	go func() { // ends with the request that asked, or with the server
		select {
		case <-ctx.Done():
		case <-s.stopped:
		}
		s.watchers.remove(w)
	}()
	return w.sightings, nil
}

func (ws *watchers) add(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.all[w] = struct{}{}
	ws.count.Add(1)
}

func (ws *watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
	ws.count.Add(-1)
	close(w.sightings)
	w.machine.Release()
}

// watched reports whether anyone is watching.
func (ws *watchers) watched() bool { return ws.count.Load() > 0 }

// show hands a trace to all whose formula picks its event. It never waits.
func (ws *watchers) show(t *trace.Trace, h *event.Hit) {
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

// run shows what is handed to it until stop is closed.
func (ws *watchers) run(stop <-chan struct{}) {
	defer close(ws.ended)
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
func (ws *watchers) give(one sighted) {
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
