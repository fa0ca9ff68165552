package delivery

import (
	"os"
	"path/filepath"
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
