package proxy

import (
	"context"
	"sync"
	"sync/atomic"

	"headgate/event"
	"headgate/rules"
)

// Sighting is one trace of the live view. The trace is never changed afterwards.
type Sighting struct {
	Trace *event.Trace
	Lost  int // traces left out before this one, since the reader was slow
}

// watchers are those who look at the live view. While there is none, the walk makes no trace.
type watchers struct {
	count atomic.Int32
	mu    sync.Mutex
	all   map[*watcher]struct{}
}

type watcher struct {
	where     *rules.Formula // nil picks all
	sightings chan Sighting
	lost      int
}

// liveBuffer is how many traces a slow reader may be behind before it loses some.
const liveBuffer = 64

// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), until ctx
// ends or the server stops; then the channel is closed. A slow reader loses traces, never slows the walk. Of an event that
// consent refuses to everybody it shows what cover leaves; where the configuration shows it whole, the log says that somebody
// looks.
func (s *Server) Live(ctx context.Context, where string) (<-chan Sighting, error) {
	w := &watcher{sightings: make(chan Sighting, liveBuffer)}
	var err error
	if w.where, err = s.plan.Load().condition(where); err != nil {
		return nil, err
	}
	if s.plan.Load().Config.Admin.ShowRefused {
		s.logger.Warn("the live view is opened and shows visitors who refused: admin.show_refused is on")
	}
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
	if ws.all == nil {
		ws.all = map[*watcher]struct{}{}
	}
	ws.all[w] = struct{}{}
	ws.count.Add(1)
}

func (ws *watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
	ws.count.Add(-1)
	close(w.sightings)
}

// watched reports whether anybody looks.
func (ws *watchers) watched() bool { return ws.count.Load() > 0 }

// show gives a trace to all whose formula picks its event.
func (ws *watchers) show(t *event.Trace, h *event.Hit, m *rules.Machine) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		if w.where != nil {
			env := rules.Env{Event: t.Event}
			if !t.Refused {
				env.Hit = h
			}
			picked, err := w.where.Truth(m, &env)
			if err != nil || !picked {
				continue
			}
		}
		select {
		case w.sightings <- Sighting{Trace: t, Lost: w.lost}:
			w.lost = 0
		default:
			w.lost++
		}
	}
}
