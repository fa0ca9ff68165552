package delivery

import (
	"os"
	"path/filepath"
	"slices"

	"headgate/destinations"
)

// State is what a destination is doing.
type State string

// The states of a destination.
const (
	Running State = "running"
	Paused  State = "paused" // by a person
	Halted  State = "halted" // by its own settings being refused: a person must act, then resume
)

// Condition is what the delivery is doing, and what went wrong last.
func (d *Delivery) Condition() (State, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state, d.words
}

// halt stops deliveries until a person resumes them: the destination refuses our settings.
func (d *Delivery) halt(batch []item, verdicts []destinations.Verdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != Running {
		return
	}
	refused := slices.IndexFunc(verdicts, func(v destinations.Verdict) bool { return v.Kind == destinations.Halt })
	d.words = impersonal(verdicts[refused].Why, batch)
	d.state, d.resumed = Halted, make(chan struct{})
	d.interrupt()
	d.logger.Error("destination halted: it refuses our settings; fix them and resume it", "why", d.words)
}

// trouble notes what went wrong last, and logs it once while it stays the same.
func (d *Delivery) trouble(why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.words == why {
		return
	}
	d.words = why
	d.logger.Warn("delivery failed; it is tried again", "why", why)
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
	d.gate.succeeded()
	return nil
}

// A pause is an empty file named after the destination: names are checked to be plain words at load.
func (ds *Deliveries) pauseFile(name string) string { return filepath.Join(ds.folder, "paused", name) }

func (ds *Deliveries) isPaused(name string) bool {
	_, err := os.Stat(ds.pauseFile(name))
	return err == nil
}

func (ds *Deliveries) notePause(name string, paused bool) error {
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
