// Package queue is durability and time: one log of accepted groups, a cursor per destination, retries and dead letters.
// It knows bytes and counts, never events.
package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"headgate/document"
)

// What callers test for.
var (
	ErrFull   = errors.New("the log is full")   // nothing was written; the answer is 503 and Retry-After
	ErrClosed = errors.New("the log is closed") // also what a blocked Next returns when the log closes
	errNotYet = errors.New("not built yet")
)

// Config is the queue section.
type Config struct {
	Keep          document.Duration `yaml:"keep" help:"How long delivered events stay in the log for replay." example:"72h"`
	MaxBytes      document.Size     `yaml:"max_bytes" help:"The most the log may take on disk." example:"20GiB"`
	Sync          string            `yaml:"sync" help:"always: answered means on disk. off: the system writes when it likes." example:"always"`
	URL           string            `yaml:"url" help:"An existing NATS cluster instead of the embedded log." example:"nats://a:4222,b:4222,c:4222"`
	Replicas      int               `yaml:"replicas" help:"Copies of the log in that cluster." example:"3"`
	EncryptionKey document.Secret   `yaml:"encryption_key" help:"Encrypts the embedded log on disk." example:"${QUEUE_KEY}"`
}

// Default is the queue section of somebody who wrote none.
func Default() Config { return Config{} }

// Check finds the mistakes in c.
func (c Config) Check() document.Mistakes { return nil }

// Options are what Open needs.
type Options struct {
	Dir      string // the data folder; the log lives in Dir/queue
	Config   Config
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
	Instance string           // who writes, stable over restarts; "" is "headgate"
}

// Log is the log of accepted groups with its cursors.
type Log struct{}

// Open starts or reconnects the log; damage does not stop it (see Status.Damage).
func Open(ctx context.Context, o Options) (*Log, error) { return nil, errNotYet }

// Close checkpoints, stops everything and waits; ctx bounds it.
func (l *Log) Close(ctx context.Context) error { return errNotYet }

// State is what was decided about one event for one cursor when it was accepted.
type State uint8

// The states.
const (
	Due State = iota
	DueRedacted
	Filtered
	Denied
)

// Roster is an immutable list of cursor names: the destinations of one plan.
type Roster struct{}

// Names are the cursors' names, in order.
func (r *Roster) Names() []string { return nil }

// Roster makes the cursors exist (a new one starts here: what was accepted before counts as filtered) and returns their list.
func (l *Log) Roster(names []string) (*Roster, error) { return nil, errNotYet }

// Entry is one accepted event. Append keeps Live and States, which must not change afterwards; Bytes are the caller's
// again when Append returns.
type Entry struct {
	Bytes  []byte  // nil: nobody may have it; only counted
	Live   any     // its decoded form, handed to cursors that keep up; nil is fine
	Roster *Roster //
	States []State // one per name of the Roster
}

// Append returns when the entries are durable: all of them or, with an error, none.
func (l *Log) Append(ctx context.Context, entries []Entry) error { return errNotYet }

// Cursor returns a destination's cursor, made if need be. There is one *Cursor per name; it may be asked for again.
func (l *Log) Cursor(name string) (*Cursor, error) { return nil, errNotYet }

// Forget drops a cursor for good: its pending events, retries and dead letters go, and it no longer holds back retention.
func (l *Log) Forget(ctx context.Context, name string) error { return errNotYet }

// Cursor is one destination's place in the log.
type Cursor struct{}

// Next waits for the next group with something due for this cursor: fresh ones in order, and retries when their time has
// come, in turn. A group is the caller's until Settle or Release; nothing else is needed to keep it.
func (c *Cursor) Next(ctx context.Context) (*Group, error) { return nil, errNotYet }

// Group is some events due for one cursor.
type Group struct {
	Items []Item
	Time  time.Time // when they were accepted, or last put back for a retry
}

// Item is one event of a Group. Either Live or Bytes is set.
type Item struct {
	Live    any
	Bytes   []byte
	State   State     // Due or DueRedacted
	Attempt int       // deliveries tried before: 0 for a fresh one
	Since   time.Time // when it failed first; zero for a fresh one
	Why     string    // of the last failure
}

// Fate is what becomes of an item that was not delivered.
type Fate uint8

// The fates.
const (
	Retry  Fate = iota // again, not before After from now
	Bury               // dead letter: the vendor will never take it
	Filter             // the destination's own choice at delivery time
	Deny               // consent was withdrawn meanwhile
)

// Left is an item that was not delivered.
type Left struct {
	Item  int // its place in Group.Items
	Fate  Fate
	After time.Duration
	Why   string // Retry and Bury: the vendor's words; shown to people
}

// Settle finishes the group: what left does not name was delivered. With Retry or Bury in it, it returns when they are
// durable; the group is still the caller's when that fails. After a crash, at most what was settled in the last tenth of
// a second is handed out again.
func (g *Group) Settle(ctx context.Context, left ...Left) error { return errNotYet }

// Release gives the group back untouched; Next returns it again after that time. For a destination that is down.
func (g *Group) Release(after time.Duration) {}

// DeadLetter is an event a destination refused for good.
type DeadLetter struct {
	ID      string // for DropDead and RetryDead
	Bytes   []byte
	State   State
	Why     string
	When    time.Time // when it was given up
	Since   time.Time // when it failed first
	Attempt int
}

// Dead calls fn with the dead letters, oldest first, after the one with that ID ("" from the start), until fn says false.
func (c *Cursor) Dead(ctx context.Context, after string, fn func(DeadLetter) bool) error {
	return errNotYet
}

// ShowDead returns one dead letter.
func (c *Cursor) ShowDead(ctx context.Context, id string) (DeadLetter, error) {
	return DeadLetter{}, errNotYet
}

// RetryDead makes dead letters pending again, due now; it returns how many there were.
func (c *Cursor) RetryDead(ctx context.Context, ids ...string) (int, error) { return 0, errNotYet }

// DropDead throws dead letters away; they stay counted as rejected.
func (c *Cursor) DropDead(ctx context.Context, ids ...string) (int, error) { return 0, errNotYet }

// Stored is one event in the log.
type Stored struct {
	Group  uint64 // the group's place in the log
	Index  int    // its place in the group
	Time   time.Time
	Bytes  []byte // valid until fn returns
	Roster *Roster
	States []State
}

// Scan calls fn with the stored events accepted since that time (zero: all), oldest first, until fn says false.
func (l *Log) Scan(ctx context.Context, since time.Time, fn func(Stored) bool) error {
	return errNotYet
}

// Replay makes events pending again for this cursor, due now: those accepted since that time for which pick says true and
// with which state. It passes over those that still are pending. An event that was delivered, filtered or denied is pending
// again and its old state is uncounted. It returns how many were put back.
func (c *Cursor) Replay(ctx context.Context, since time.Time, pick func(Stored) (State, bool)) (int, error) {
	return 0, errNotYet
}

// Status is what there is to know at a moment; for each cursor the sums match exactly.
type Status struct {
	Accepted uint64
	Bytes    uint64    // on disk, all of it
	MaxBytes uint64    //
	Oldest   time.Time // accepted time of the oldest group still kept
	Full     bool      // Append fails with ErrFull
	Err      string    // why Append fails, "" when it does not
	Damage   []Damage
	Cursors  []CursorStatus // by name
}

// CursorStatus is the account of one cursor: Accepted = Delivered + Filtered + Denied + Rejected + Pending.
type CursorStatus struct {
	Name                                                     string
	Accepted, Delivered, Filtered, Denied, Rejected, Pending uint64
	Redacted                                                 uint64    // of Accepted: decided as DueRedacted
	Retrying                                                 uint64    // of Pending: waiting for another try
	Dead                                                     uint64    // of Rejected: still kept as dead letters
	Lost                                                     uint64    // of Rejected: unreadable after damage
	Oldest                                                   time.Time // accepted time of the oldest pending event in the log, zero when there is none
}

// Damage is something missing or unreadable in the log.
type Damage struct {
	What   string
	Groups uint64
	Events uint64
}

// Status gathers the account.
func (l *Log) Status(ctx context.Context) (Status, error) { return Status{}, errNotYet }

// Healthy is nil while Append is expected to work.
func (l *Log) Healthy() error { return errNotYet }

// Verified is what Verify found.
type Verified struct {
	Groups, Events, Retries, DeadLetters, Bytes uint64
	Damage                                      []Damage
}

// Verify reads everything in a log's folder that no server has open, and checks it.
func Verify(ctx context.Context, o Options) (Verified, error) { return Verified{}, errNotYet }
