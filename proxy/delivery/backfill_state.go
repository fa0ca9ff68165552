package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// fillState is how far a backfill has come, on disk while it is not done: asked again in the same words, it goes on there.
type fillState struct {
	Asked string    `json:"asked"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Filled
}

// fillFile is where the state of a destination's backfill lies; names are checked to be plain words at load.
func (ds *Deliveries) fillFile(name string) string {
	return filepath.Join(ds.folder, "backfill", name+".json")
}

// readFill returns the state of the same backfill as before; nil when there is none.
func (ds *Deliveries) readFill(name, asked string) (*fillState, error) {
	text, err := os.ReadFile(ds.fillFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s fillState
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, cannot("%s is not understood: %w; begin anew with --again", ds.fillFile(name), err)
	}
	if s.Asked != asked {
		return nil, nil
	}
	return &s, nil
}

func (ds *Deliveries) writeFill(name string, s *fillState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file := ds.fillFile(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (ds *Deliveries) forgetFill(name string) error {
	if err := os.Remove(ds.fillFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget how far the backfill had come: %w", err)
	}
	return nil
}

// ErrReplaced is why a backfill ends when the configuration is loaded anew: another can go on with that.
var ErrReplaced = fmt.Errorf("%w: the configuration was loaded anew", ErrBackfill)

var errStops = fmt.Errorf("%w: Headgate stops; the same command goes on where this ended", ErrBackfill)

// beginFill makes sure that there is one backfill at a time, which ends before the destination is closed.
func (d *Delivery) beginFill(ctx context.Context) (context.Context, func(), error) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fill != nil {
		cancel(nil)
		return nil, nil, cannot("another one into %s is under way", d.name)
	}
	d.fill = func() <-chan struct{} {
		cancel(ErrReplaced)
		return ended
	}
	return ctx, func() {
		cancel(nil)
		d.mu.Lock()
		d.fill = nil
		d.mu.Unlock()
		close(ended)
	}, nil
}

// endFill ends a backfill that is under way and waits for it.
func (d *Delivery) endFill() {
	d.mu.Lock()
	ended := d.endFillLocked()
	d.mu.Unlock()
	<-ended
}

// endFillLocked ends a backfill that is under way, and returns what is closed when it has ended.
func (d *Delivery) endFillLocked() <-chan struct{} {
	if d.fill != nil {
		return d.fill()
	}
	none := make(chan struct{})
	close(none)
	return none
}
