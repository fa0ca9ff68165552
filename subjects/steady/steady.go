// Package steady has a clock that is not fooled by a machine whose clock jumps. It never removes anything itself.
package steady

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"headgate/subjects/journal"
)

// Clock is the clock that data is expired by. It follows the machine's, but not into an implausible future: a clock that is
// further ahead of the last known time than a Headgate is usually stopped for has jumped, and must not expire anything. Clock
// then runs at twice the speed of time, so that it catches up with a clock that was right.
type Clock struct {
	path    string
	machine func() time.Time

	mu    sync.Mutex
	time  time.Time // what it shows
	asked time.Time // when it was last asked, by the machine's clock
}

// standstill is how long a Headgate may have been stopped without its clock being doubted.
const standstill = 30 * 24 * time.Hour

// Open reads the last known time from a data folder. Without one it is newest, when the newest thing in the folder was
// written, and in an empty folder now. jumped reports that the machine's time is not believed.
func Open(folder string, newest time.Time, machine func() time.Time) (s *Clock, jumped bool, err error) {
	now := machine()
	s = &Clock{path: filepath.Join(folder, "clock.json"), machine: machine, asked: now}
	text, err := os.ReadFile(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	var last lastKnown
	if err == nil && json.Unmarshal(text, &last) == nil { // one that cannot be read says nothing
		s.time = last.Time
	}
	switch {
	case !s.time.IsZero():
	case !newest.IsZero():
		s.time = newest
	default:
		s.time = now
	}
	return s, s.Now().Add(standstill).Before(now), s.Save()
}

type lastKnown struct {
	Time time.Time `json:"time"`
}

// Now returns the time. It never goes back.
func (s *Clock) Now() time.Time {
	machine := s.machine()
	s.mu.Lock()
	defer s.mu.Unlock()
	passed := machine.Sub(s.asked) // by the monotonic clock, which does not jump
	s.asked = machine
	ahead := machine.Round(0).Sub(s.time)
	if ahead > standstill {
		ahead = min(ahead, 2*max(passed, 0))
	}
	if ahead > 0 {
		s.time = s.time.Add(ahead)
	}
	return s.time
}

// Save keeps the time for the next start.
func (s *Clock) Save() error {
	s.mu.Lock()
	text, err := json.Marshal(lastKnown{s.time.UTC().Truncate(time.Millisecond)})
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return journal.WriteOwn(s.path, append(text, '\n'))
}
