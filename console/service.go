// Package console is the admin side of a running Headgate: the HTTP API that commands, dashboards and the built-in page
// use. It promises that nothing personal or secret is shown without the token (or a loopback connection), that a foreign
// web page cannot reach it through the visitor's browser, and that every answer but the page, the metrics and the
// configuration's own text is JSON. It never decides anything about events: all it knows it asks of a Service.
package console

import (
	"context"
	"errors"
	"time"

	"headgate/event"
)

// Service is the running proxy as the console sees it. All methods may be called from many goroutines at once. Besides the
// errors each method names, document.Mistakes may be returned wherever a person wrote something (a formula, a file):
// they are shown with their places.
type Service interface {
	// Accepting returns nil while the log accepts events, else the reason why it does not.
	Accepting() error
	// Ready returns nil once the configuration is loaded, the log is open and the listener is up, until shutdown begins.
	Ready() error
	// Status returns a consistent picture: for each destination accepted = delivered + filtered + denied + rejected + pending.
	Status(ctx context.Context) (Status, error)

	// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), until
	// ctx ends or the proxy stops; then the channel is closed. A slow reader loses traces, never slows the proxy.
	Live(ctx context.Context, where string) (<-chan Sighting, error)
	// Explain walks what q says with the live configuration and returns a trace per event. Nothing is stored or sent, and
	// secrets are masked.
	Explain(ctx context.Context, q Question) ([]*event.Trace, error)
	// Stored explains the events with this id that are still in the log; ErrNotFound when there is none.
	Stored(ctx context.Context, id string) ([]*event.Trace, error)

	// Dead lists dead letters, oldest first, and how many there are in all that p picks, whatever its limit.
	Dead(ctx context.Context, p Pick) (letters []DeadLetter, total int, err error)
	// DeadLetter returns one dead letter with its trace; ErrNotFound when there is none.
	DeadLetter(ctx context.Context, destination, eventID string) (DeadLetter, error)
	// RetryDead makes the picked dead letters pending again and returns how many they were.
	RetryDead(ctx context.Context, p Pick) (int, error)
	// DropDead forgets the picked dead letters for good and returns how many they were; they stay counted as rejected.
	DropDead(ctx context.Context, p Pick) (int, error)
	// Replay sends events of the log to a destination again, as Replay says. progress is called now and then, from
	// one goroutine; the final tally is returned. ErrNotFound when there is no such destination.
	Replay(ctx context.Context, r Replay, progress func(Tally)) (Tally, error)

	// Reload reads the configuration again and swaps it in whole; with mistakes in it nothing changes.
	Reload(ctx context.Context) error
	// Configuration returns the files the proxy was started with, as they are on disk now.
	Configuration(ctx context.Context) (Configuration, error)
	// Configure replaces one file if the files on disk are still of that version, and reloads. With mistakes in it the file
	// on disk stays as it was. ErrStale when the version is another, ErrNotFound when name is none of the files.
	Configure(ctx context.Context, name string, text []byte, version string) (Configuration, error)

	// Pause stops deliveries to a destination and keeps its events, across restarts, until Resume. ErrNotFound when there is
	// no such destination.
	Pause(ctx context.Context, destination string) error
	// Resume starts deliveries again, after a Pause or after the destination was halted.
	Resume(ctx context.Context, destination string) error
}

// What a Service returns when it could not do what was asked; each has its HTTP status.
var (
	ErrNotFound    = errors.New("not found")                                              // 404
	ErrStale       = errors.New("the configuration was changed meanwhile: read it again") // 412
	ErrUnavailable = errors.New("not available now")                                      // 503
)

// Status is the answer of /api/status.
type Status struct {
	Config       ConfigStatus                 `json:"config"`
	Accepted     int64                        `json:"accepted"` // events that were written to the log
	Queue        QueueStatus                  `json:"queue"`
	Destinations map[string]DestinationStatus `json:"destinations"`
}

// ConfigStatus is the configuration in force and what was wrong with a newer one.
type ConfigStatus struct {
	Hash     string    `json:"hash"`
	LoadedAt time.Time `json:"loaded_at"`
	Error    string    `json:"error"` // of the last reload, "" when it went well
}

// QueueStatus is the log as a whole.
type QueueStatus struct {
	Bytes   int64      `json:"bytes"`
	Oldest  *time.Time `json:"oldest"`           // of the events kept, null when there is none
	Pending int64      `json:"pending"`          // summed over the destinations
	Damage  string     `json:"damage,omitempty"` // what is missing, in words
}

// DestinationStatus accounts for every accepted event at one destination.
type DestinationStatus struct {
	State      State   `json:"state"`
	Delivered  int64   `json:"delivered"`
	Redacted   int64   `json:"redacted"` // a part of delivered
	Filtered   int64   `json:"filtered"`
	Denied     int64   `json:"denied"`
	Rejected   int64   `json:"rejected"`
	Pending    int64   `json:"pending"`
	Retrying   int64   `json:"retrying"`    // a part of pending
	LagSeconds float64 `json:"lag_seconds"` // age of the oldest pending event
	LastError  string  `json:"last_error"`
}

// State is what a destination is doing.
type State string

// The states of a destination.
const (
	Running State = "running"
	Paused  State = "paused" // by a person
	Halted  State = "halted" // by its own settings being refused: a person must act, then resume
)

// Sighting is one trace of the live view. The trace is never changed afterwards.
type Sighting struct {
	Trace *event.Trace
	Lost  int // traces left out before this one, since the reader was slow
}

// Question is what Explain is asked about: exactly one of the three.
type Question struct {
	Sample string       // name of a sample event
	Event  *event.Event // an event as a source would have read it
	Hit    *event.Hit   // a raw request
}

// Pick chooses dead letters; the zero value picks all.
type Pick struct {
	Destination string    // "" for every destination
	IDs         []string  // event ids, none for all
	Since       time.Time // died then or later
	Where       string    // a formula on the event
	After       string    // of a list: the cursor of the last letter of the page before
	Limit       int       // of a list: at most so many, 0 for no limit
}

// DeadLetter is an event that a destination refused for good.
type DeadLetter struct {
	Cursor      string // where a list goes on
	Destination string
	EventID     string
	EventName   string
	EventTime   time.Time
	Died        time.Time
	Attempts    int
	Status      int          // HTTP status of the last answer, 0 when there was none
	Why         string       // the destination's words
	Trace       *event.Trace // of a single one; nil in lists
}

// Replay says which events to send again to a destination. Consent may only have become stricter since.
type Replay struct {
	To     string
	Since  time.Time // received then or later; the zero time for all that is kept
	Dead   bool      // only its dead letters
	Where  string    // a formula on the event
	DryRun bool      // count, send nothing
}

// Tally is how far a replay has come.
type Tally struct {
	Read    int64 `json:"read"`    // events looked at
	Of      int64 `json:"of"`      // events to look at, as far as known
	Matched int64 `json:"matched"` // sent again, or would be
}

// Configuration is what a person edits: one file, or those of a folder.
type Configuration struct {
	Version string // changes with any byte of any file
	Files   []File // sorted by name
}

// File is one file of the configuration; Name is relative to its folder.
type File struct {
	Name string
	Text []byte
}
