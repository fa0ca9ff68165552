package proxy

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/event"
	"headgate/queue"
)

// deliveries are the running loops, one per enabled destination. A reload changes their targets; only a destination that
// came or went, or whose number of workers changed, starts or stops a loop.
type deliveries struct {
	logger *slog.Logger
	now    func() time.Time
	log    *queue.Log
	folder string // where pauses are noted
	room   int    // bytes of memory that the batches of all destinations may take together

	mu       sync.Mutex
	running  map[string]*delivery
	dedups   dedups
	recalled chan struct{}   // closed when the dedups know what was sent before the start; nil before adopt
	ctx      context.Context // ends all loops
	cancel   context.CancelFunc
}

func newDeliveries(log *queue.Log, folder string, room int, logger *slog.Logger, now func() time.Time) *deliveries {
	ctx, cancel := context.WithCancel(context.Background())
	return &deliveries{logger: logger, now: now, log: log, folder: folder, room: room, running: map[string]*delivery{},
		dedups: dedups{numbers: map[string]int{}}, ctx: ctx, cancel: cancel}
}

// adopt makes the loops those of a plan. Loops of destinations that are gone end with what they have in flight; what the log
// still holds for them stays there. The destinations of the plan before are closed once nobody uses them.
func (ds *deliveries) adopt(p *Plan) error {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	first := ds.recalled == nil
	if first {
		ds.recalled = make(chan struct{})
	}
	for name, d := range ds.running {
		if p.destination(name) == nil {
			d.stop()
			delete(ds.running, name)
		}
	}
	for i := range p.Destinations {
		dest := &p.Destinations[i]
		next := &target{destination: dest.Destination, plan: p, configured: dest, room: ds.room / len(p.Destinations)}
		if d := ds.running[dest.Name()]; d != nil {
			d.retarget(next)
			continue
		}
		cursor, err := ds.log.Cursor(dest.Name())
		if err != nil {
			return err
		}
		ds.running[dest.Name()] = ds.start(dest.Name(), cursor, next)
	}
	ds.dedups.resize(p, ds.now())
	if first {
		all := make(map[*queue.Cursor]*dedup, len(ds.running))
		for _, d := range ds.running {
			all[d.cursor] = d.dedup
		}
		go ds.recall(all, ds.now().Add(-ds.dedups.window))
	}
	return nil
}

func (ds *deliveries) start(name string, cursor *queue.Cursor, t *target) *delivery {
	d := &delivery{
		name: name, cursor: cursor, now: ds.now, gate: newGate(shortestProbe, longestProbe),
		dedup:  ds.dedups.of(name, t.destination.Delivery().Dedup.Window),
		logger: ds.logger.With("destination", name), state: Running, resumed: make(chan struct{}), done: make(chan struct{}),
	}
	d.target.Store(t)
	if ds.isPaused(name) {
		d.state = Paused
	}
	ctx, end := context.WithCancel(ds.ctx)
	d.end, d.interrupt = end, func() {}
	go func() {
		select {
		case <-ds.recalled:
		case <-ctx.Done():
		}
		d.run(ctx)
	}()
	return d
}

// stop ends all loops and waits for them until ctx ends.
func (ds *deliveries) stop(ctx context.Context) {
	ds.cancel()
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.running {
		select {
		case <-d.done:
		case <-ctx.Done():
			return
		}
	}
	for _, d := range ds.running {
		if err := d.target.Load().destination.Close(ctx); err != nil {
			d.logger.Warn("the destination did not close cleanly", "error", err)
		}
	}
}

func (ds *deliveries) find(name string) (*delivery, error) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if d := ds.running[name]; d != nil {
		return d, nil
	}
	return nil, &unknownDestination{name, slices.Sorted(maps.Keys(ds.running))}
}

// retarget gives a loop another destination. A batch under way ends with the old one, which is closed behind it.
func (d *delivery) retarget(t *target) {
	old := d.target.Swap(t)
	d.dedup.resize(t.destination.Delivery().Dedup.Window)
	d.mu.Lock()
	interrupt := d.interrupt
	if d.state == Halted { // the settings may have been fixed
		d.state, d.words = Running, ""
		close(d.resumed)
	}
	round := d.roundDone
	d.mu.Unlock()
	interrupt()
	go func() { // ends when the round does, which was just interrupted
		if round != nil {
			<-round
		}
		ctx, cancel := context.WithTimeout(context.Background(), settleFor)
		defer cancel()
		if err := old.destination.Close(ctx); err != nil {
			d.logger.Warn("the destination did not close cleanly", "error", err)
		}
	}()
}

// stop ends the loop and waits for what is in flight.
func (d *delivery) stop() {
	d.end()
	<-d.done
	ctx, cancel := context.WithTimeout(context.Background(), settleFor)
	defer cancel()
	if err := d.target.Load().destination.Close(ctx); err != nil {
		d.logger.Warn("the destination did not close cleanly", "error", err)
	}
}

// recall has the dedups learn from the log's tail what was sent before a restart. Deliveries begin when it ends.
func (ds *deliveries) recall(all map[*queue.Cursor]*dedup, since time.Time) {
	defer close(ds.recalled)
	err := ds.log.ScanFinished(ds.ctx, since, slices.Collect(maps.Keys(all)), func(s queue.Stored, by []*queue.Cursor) bool {
		if id, name, ok := event.Peek(s.Bytes); ok {
			k := keyOf(id, name)
			for _, c := range by {
				all[c].done(k, s.Time)
			}
		}
		return ds.ctx.Err() == nil
	})
	if err != nil && ds.ctx.Err() == nil {
		ds.logger.Warn("the log's tail cannot be read: an event that arrives twice may be sent twice", "error", err)
	}
}

// Pause stops deliveries to a destination and keeps its events, across restarts, until Resume.
func (s *Server) Pause(_ context.Context, name string) error {
	d, err := s.deliveries.find(name)
	if err != nil {
		return err
	}
	if err := s.deliveries.notePause(name, true); err != nil {
		return err
	}
	d.mu.Lock()
	if d.state == Running {
		d.resumed = make(chan struct{})
	}
	d.state = Paused
	interrupt := d.interrupt
	d.mu.Unlock()
	interrupt()
	return nil
}

// Resume starts deliveries again, after a Pause or after the destination was halted.
func (s *Server) Resume(_ context.Context, name string) error {
	d, err := s.deliveries.find(name)
	if err != nil {
		return err
	}
	if err := s.deliveries.notePause(name, false); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != Running {
		d.state, d.words = Running, ""
		close(d.resumed)
	}
	d.gate.succeeded()
	return nil
}

// A pause is an empty file named after the destination: names are checked to be plain words at load.
func (ds *deliveries) pauseFile(name string) string { return filepath.Join(ds.folder, "paused", name) }

func (ds *deliveries) isPaused(name string) bool {
	_, err := os.Stat(ds.pauseFile(name))
	return err == nil
}

func (ds *deliveries) notePause(name string, paused bool) error {
	file := ds.pauseFile(name)
	if !paused {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, nil, 0o600)
}
