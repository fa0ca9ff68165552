package alerts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"headgate/document"
)

// What is kept of alerts that have closed.
const (
	keptFor  = 30 * 24 * time.Hour
	keptMost = 200
)

// Ledger knows which alerts are open, which were, and what was said of them. It is safe for concurrent use.
type Ledger struct {
	path string

	mu     sync.Mutex
	alerts []*entry // in the order in which they were raised
	raised map[string]int64
	dirty  bool
}

// entry is an alert and what is kept beside it.
type entry struct {
	Alert
	Seen  time.Time `json:"seen"`           // when its cause was last there
	Said  string    `json:"said,omitempty"` // the state that the last message was about
	At    time.Time `json:"at,omitzero"`    // of the last message
	Times int       `json:"times"`          // messages so far

}

// The states that messages are about.
const (
	Raised = "raised"
	Closed = "closed"
)

// Message is what destinations are told.
type Message struct {
	Alert
	EventID string // of the same message always the same
	State   string // Raised or Closed
}

// Open reads the alerts of the last run. A file that cannot be read is set aside, and the error says so; the ledger can be used.
func Open(path string) (*Ledger, error) {
	l := &Ledger{path: path, raised: map[string]int64{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		if err = json.Unmarshal(text, &l.alerts); err == nil && !slices.Contains(l.alerts, nil) {
			return l, nil
		}
	}
	l.alerts = nil
	aside := path + ".damaged"
	if moved := os.Rename(path, aside); moved != nil {
		return l, fmt.Errorf("read the alerts: %w", errors.Join(err, moved))
	}
	return l, fmt.Errorf("read the alerts: the file is damaged and was moved to %s; open alerts may be told a second time", aside)
}

// calm is how long a cause has to be gone before its alert closes. What is certain at once closes at once.
func calm(kind string) time.Duration {
	switch kind {
	case LogDamage, Certificate, Token, APIVersion:
		return 0
	case Halted, Failing, Lag, DeadLetters, Disk:
		return 2 * time.Minute
	}
	return 15 * time.Minute
}

// Step takes what is found now: it raises, keeps and closes alerts.
func (l *Ledger) Step(now time.Time, found []Finding, c *Config) {
	l.mu.Lock()
	defer l.mu.Unlock()
	open := map[string]*entry{}
	for _, e := range l.alerts {
		if e.Until == nil {
			open[e.key()] = e
		}
	}
	for i := range found {
		f := &found[i]
		e := open[f.key()]
		delete(open, f.key())
		switch {
		case e != nil && f.Unsure:
			e.Seen = now
		case e != nil:
			l.dirty = l.dirty || e.Cause != f.Cause
			e.Seen, e.Cause, e.Next, e.AtStake = now, f.Cause, f.Next, f.Stake
		case !f.Unsure:
			l.raise(f, now, c)
		}
	}
	for _, e := range open {
		if now.Sub(e.Seen) >= calm(e.Kind) || c.IsOff(e.Kind) {
			e.Until, l.dirty = &now, true
		}
	}
	l.forget(now)
}

// key of an entry is that of its findings.
func (e *entry) key() string {
	return (&Finding{Kind: e.Kind, Site: e.Site, Destination: e.Destination, About: e.About}).key()
}

// raise opens an alert, or opens one again that closed a moment ago.
func (l *Ledger) raise(f *Finding, now time.Time, c *Config) {
	l.dirty = true
	for _, e := range slices.Backward(l.alerts) {
		if e.key() == f.key() && e.Until != nil && now.Sub(*e.Until) < c.Quiet.Std() {
			e.Until, e.Seen, e.Cause, e.Next, e.AtStake = nil, now, f.Cause, f.Next, f.Stake
			return
		}
	}
	l.raised[f.Kind]++
	id := sha256.Sum256([]byte(f.key() + now.UTC().Format(time.RFC3339Nano)))
	l.alerts = append(l.alerts, &entry{Seen: now, Alert: Alert{ID: hex.EncodeToString(id[:8]), Kind: f.Kind, Since: now.UTC(), Site: f.Site, Destination: f.Destination,
		About: f.About, Cause: f.Cause, Next: f.Next, Link: linkOf(f), Urgent: slices.Contains(urgent[:], f.Kind), AtStake: f.Stake}})
}

// forget drops what closed long ago.
func (l *Ledger) forget(now time.Time) {
	closed := 0
	kept := slices.Clone(l.alerts)
	slices.Reverse(kept)
	kept = slices.DeleteFunc(kept, func(e *entry) bool {
		if e.Until == nil {
			return false
		}
		closed++
		return closed > keptMost || now.Sub(*e.Until) > keptFor
	})
	slices.Reverse(kept)
	l.dirty = l.dirty || len(kept) < len(l.alerts)
	l.alerts = kept
}

// Due returns the messages that are due: of each alert that was raised, and of each that closed after a message said that it was
// raised. One that comes back within quiet of the last message waits until that is over.
func (l *Ledger) Due(now time.Time, c *Config) (due []Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.alerts {
		state := Raised
		if e.Until != nil {
			state = Closed
		}
		switch {
		case e.Said == state, state == Closed && e.Said != Raised, state == Raised && e.Times > 0 && now.Sub(e.At) < c.Quiet.Std():
			continue
		}
		due = append(due, Message{Alert: e.Alert, State: state, EventID: "alert-" + e.ID + "-" + strconv.Itoa(e.Times+1)})
	}
	return due
}

// Told notes that a message is in the log.
func (l *Ledger) Told(m *Message, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.alerts {
		if e.ID == m.ID {
			e.Said, e.At, e.Times, l.dirty = m.State, now, e.Times+1, true
		}
	}
}

// Save writes what has changed to disk.
func (l *Ledger) Save() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.dirty {
		return nil
	}
	text, err := json.Marshal(l.alerts)
	if err == nil {
		err = document.Replace(l.path, text)
	}
	if err != nil {
		return fmt.Errorf("write the alerts: %w", err)
	}
	l.dirty = false
	return nil
}

// List returns the open alerts, then those that closed, each newest first.
func (l *Ledger) List() []Alert {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Alert, 0, len(l.alerts))
	for _, wanted := range []bool{true, false} {
		for _, e := range slices.Backward(l.alerts) {
			if (e.Until == nil) == wanted {
				all = append(all, e.Alert)
			}
		}
	}
	return all
}

// Counts returns how many alerts of each kind are open, and how many were raised since the start.
func (l *Ledger) Counts() (open, raised map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	open, raised = map[string]int64{}, map[string]int64{}
	for _, kind := range Kinds() {
		open[kind], raised[kind] = 0, l.raised[kind]
	}
	for _, e := range l.alerts {
		if e.Until == nil {
			open[e.Kind]++
		}
	}
	return open, raised
}
