package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"headgate/config"
	"headgate/document"
	"headgate/event/layout"
	"headgate/proxy/delivery/dedup"
	"headgate/proxy/delivery/gate"
	"headgate/queue"
)

// Deliveries are the running loops, one per enabled destination. A reload changes their targets; only a destination that
// came or went, or whose number of workers changed, starts or stops a loop.
type Deliveries struct {
	logger *slog.Logger
	now    func() time.Time
	log    *queue.Log
	folder string // where pauses are noted
	room   int    // bytes of memory that the batches of all destinations may take together
	record Recorder

	mu       sync.Mutex
	running  map[string]*Delivery
	dedups   *dedup.Set
	recalled chan struct{}   // closed when the dedups know what was sent before the start; nil before adopt
	ctx      context.Context // ends all loops
	cancel   context.CancelFunc
}

// New returns deliveries of a log to no destination yet. Pauses are noted in a folder; room is how many bytes of memory the
// batches of all destinations may take together. What becomes of events is told to a recorder.
func New(log *queue.Log, folder string, room int, record Recorder, logger *slog.Logger, now func() time.Time) *Deliveries {
	ctx, cancel := context.WithCancel(context.Background())
	return &Deliveries{logger: logger, now: now, log: log, folder: folder, room: room, record: record, running: map[string]*Delivery{},
		dedups: dedup.New(), ctx: ctx, cancel: cancel}
}

// Adopt makes the loops those of a configuration. Loops of destinations that are gone end with what they have in flight; what the log
// still holds for them stays there. The destinations of the plan before are closed once nobody uses them.
func (ds *Deliveries) Adopt(p *config.Parts) error {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	first := ds.recalled == nil
	if first {
		ds.recalled = make(chan struct{})
	}
	for name, d := range ds.running {
		if !slices.ContainsFunc(p.Destinations, func(d config.Destination) bool { return d.Name() == name }) {
			d.stop()
			delete(ds.running, name)
		}
	}
	for i := range p.Destinations {
		dest := &p.Destinations[i]
		next := &Target{destination: dest.Destination, parts: p, configured: dest, room: ds.room / len(p.Destinations)}
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
	window, most := dedupAsked(p)
	ds.dedups.Resize(window, most, ds.now())
	if first {
		all := make(map[*queue.Cursor]*dedup.Dedup, len(ds.running))
		for _, d := range ds.running {
			all[d.cursor] = d.dedup
		}
		go ds.recall(all, ds.now().Add(-ds.dedups.Window()))
	}
	return nil
}

// dedupAsked returns the longest window and the largest room that a plan's destinations ask for.
func dedupAsked(p *config.Parts) (window time.Duration, most int) {
	for i := range p.Destinations {
		if d := p.Destinations[i].Delivery().Dedup; d.Window > 0 {
			window, most = max(window, d.Window), max(most, d.Max)
		}
	}
	return window, most
}

func (ds *Deliveries) start(name string, cursor *queue.Cursor, t *Target) *Delivery {
	d := &Delivery{
		name: name, cursor: cursor, now: ds.now, record: ds.record, gate: gate.New(shortestProbe, longestProbe),
		dedup:  ds.dedups.Of(name, t.destination.Delivery().Dedup.Window),
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

// Stop ends all loops and waits for them until ctx ends.
func (ds *Deliveries) Stop(ctx context.Context) {
	ds.cancel()
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.running {
		select {
		case <-d.done:
		case <-ctx.Done():
			return
		}
		d.endFill()
	}
	for _, d := range ds.running {
		if err := d.target.Load().destination.Close(ctx); err != nil {
			d.logger.Warn("the destination did not close cleanly", "error", err)
		}
	}
}

// Find returns the running delivery of a destination; the error names those that there are.
func (ds *Deliveries) Find(name string) (*Delivery, error) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if d := ds.running[name]; d != nil {
		return d, nil
	}
	return nil, &unknownDestination{name, slices.Sorted(maps.Keys(ds.running))}
}

// retarget gives a loop another destination. A batch under way ends with the old one, which is closed behind it.
func (d *Delivery) retarget(t *Target) {
	old := d.target.Swap(t)
	d.dedup.Resize(t.destination.Delivery().Dedup.Window)
	d.mu.Lock()
	interrupt := d.interrupt
	if d.state == Halted { // the settings may have been fixed
		d.state, d.words = Running, ""
		close(d.resumed)
	}
	round := d.roundDone
	filled := d.endFillLocked()
	d.mu.Unlock()
	interrupt()
	go func() { // ends when the round does, which was just interrupted
		if round != nil {
			<-round
		}
		<-filled
		ctx, cancel := context.WithTimeout(context.Background(), settleFor)
		defer cancel()
		if err := old.destination.Close(ctx); err != nil {
			d.logger.Warn("the destination did not close cleanly", "error", err)
		}
	}()
}

// stop ends the loop and waits for what is in flight.
func (d *Delivery) stop() {
	d.end()
	<-d.done
	d.endFill()
	ctx, cancel := context.WithTimeout(context.Background(), settleFor)
	defer cancel()
	if err := d.target.Load().destination.Close(ctx); err != nil {
		d.logger.Warn("the destination did not close cleanly", "error", err)
	}
}

// recall has the dedups learn from the log's tail what was sent before a restart. Deliveries begin when it ends.
func (ds *Deliveries) recall(all map[*queue.Cursor]*dedup.Dedup, since time.Time) {
	defer close(ds.recalled)
	err := ds.log.ScanFinished(ds.ctx, since, slices.Collect(maps.Keys(all)), func(s queue.Stored, by []*queue.Cursor) bool {
		if id, name, ok := layout.Peek(s.Bytes); ok {
			k := dedup.KeyOf(id, name)
			for _, c := range by {
				all[c].Done(k, s.Time)
			}
		}
		return ds.ctx.Err() == nil
	})
	if err != nil && ds.ctx.Err() == nil {
		ds.logger.Warn("the log's tail cannot be read: an event that arrives twice may be sent twice", "error", err)
	}
}

// Pause stops deliveries to a destination and keeps its events, across restarts, until Resume.
func (ds *Deliveries) Pause(name string) error {
	d, err := ds.Find(name)
	if err != nil {
		return err
	}
	if err := ds.notePause(name, true); err != nil {
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
func (ds *Deliveries) Resume(name string) error {
	d, err := ds.Find(name)
	if err != nil {
		return err
	}
	if err := ds.notePause(name, false); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != Running {
		d.state, d.words = Running, ""
		close(d.resumed)
	}
	d.gate.Succeeded()
	return nil
}

// Pick returns the running delivery of that name, or all of them, by name, for "".
func (ds *Deliveries) Pick(name string) ([]*Delivery, error) {
	if name != "" {
		d, err := ds.Find(name)
		return []*Delivery{d}, err
	}
	ds.mu.Lock()
	defer ds.mu.Unlock()
	all := make([]*Delivery, 0, len(ds.running))
	for _, d := range ds.running {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Delivery) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// ErrNotFound is returned for a destination that is not in force.
var ErrNotFound = errors.New("not found")

// unknownDestination is an ErrNotFound that says of what, with a suggestion.
type unknownDestination struct {
	name  string
	known []string
}

func (e *unknownDestination) Error() string {
	said := fmt.Sprintf("no destination %q", e.name)
	if like := document.DidYouMean(e.name, e.known); like != "" {
		return said + "; " + like
	}
	return said
}

// Is makes it an ErrNotFound.
func (e *unknownDestination) Is(target error) bool { return target == ErrNotFound }
