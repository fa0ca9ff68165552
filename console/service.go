package console

import (
	"context"
	"time"

	"headgate/event"
	"headgate/proxy"
)

// Service is the running proxy as the console sees it; *proxy.Server is one. All methods may be called from many
// goroutines at once. Where a person wrote something (a formula, a file), document.Mistakes may be returned, and are shown
// with their places; proxy.ErrNotFound, ErrStale and ErrUnavailable have an HTTP status of their own.
type Service interface {
	// Accepting returns nil while the log accepts events, else the reason why it does not.
	Accepting() error
	// Ready returns nil once the configuration is loaded, the log is open and the listener is up, until shutdown begins.
	Ready() error
	// Status returns a consistent picture: for each destination accepted = delivered + filtered + denied + rejected + pending.
	Status(ctx context.Context) (proxy.Status, error)

	// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), until
	// ctx ends or the proxy stops; then the channel is closed. A slow reader loses traces, never slows the proxy.
	Live(ctx context.Context, where string) (<-chan proxy.Sighting, error)
	// Explain walks what q says with the live configuration and returns a trace per event. Nothing is stored or sent, and
	// secrets are masked.
	Explain(ctx context.Context, q proxy.Question) ([]*event.Trace, error)
	// Stored explains the events with this id that are still in the log; ErrNotFound when there is none.
	Stored(ctx context.Context, id string) ([]*event.Trace, error)

	// DeadLetters lists the dead letters that p picks.
	DeadLetters(ctx context.Context, p proxy.Pick) (proxy.DeadLetters, error)
	// DeadLetter returns one dead letter with its trace; ErrNotFound when there is none.
	DeadLetter(ctx context.Context, destination, eventID string) (proxy.DeadLetter, error)
	// RetryDeadLetters makes the picked dead letters pending again and returns how many they were.
	RetryDeadLetters(ctx context.Context, p proxy.Pick) (int, error)
	// DropDeadLetters forgets the picked dead letters for good and returns how many they were; they stay counted as rejected.
	DropDeadLetters(ctx context.Context, p proxy.Pick) (int, error)
	// Replay sends events of the log to a destination again, as r says. progress is called now and then, before Replay
	// returns the final tally. ErrNotFound when there is no such destination.
	Replay(ctx context.Context, r proxy.Replay, progress func(proxy.Tally)) (proxy.Tally, error)

	// Decisions calls fn with the decisions of the log, as it keeps them, since that time, until fn says false.
	Decisions(ctx context.Context, since time.Time, fn func(bytes []byte) bool) error
	// Export calls fn with all that is held about a person. proxy.ErrPerson when it is not clear who p is, as by the next three.
	Export(ctx context.Context, p proxy.Person, fn func(proxy.Held)) error
	// Suppress makes sure that nothing of a person is sent any more, from now on and of what is pending.
	Suppress(ctx context.Context, p proxy.Person, why string) (proxy.Suppressed, error)
	// Delete suppresses a person, removes what can be removed and says what became of the rest at each destination.
	Delete(ctx context.Context, p proxy.Person, why string) (proxy.Suppressed, []proxy.Erasure, error)
	// Link returns the query of a signed link to /consent by which a person may tell of their choice until that time.
	Link(ctx context.Context, p proxy.Person, until time.Time) (string, error)

	// Reload reads the configuration again and swaps it in whole; with mistakes in it nothing changes.
	Reload(ctx context.Context) error
	// Configuration returns the files the proxy was started with, as they are on disk now.
	Configuration(ctx context.Context) (proxy.Configuration, error)
	// Configure replaces one file if the files on disk are still of that version, and reloads. With mistakes in it the file
	// on disk stays as it was. ErrStale when the version is another, ErrNotFound when name is none of the files.
	Configure(ctx context.Context, name string, text []byte, version string) (proxy.Configuration, error)

	// Pause stops deliveries to a destination and keeps its events, across restarts, until Resume. ErrNotFound when there is
	// no such destination.
	Pause(ctx context.Context, destination string) error
	// Resume starts deliveries again, after a Pause or after the destination was halted.
	Resume(ctx context.Context, destination string) error
	// Forget drops what the log holds for a destination that is not in force any more, and returns what that was.
	// proxy.ErrInForce when it is in force, ErrNotFound when nothing is held for that name.
	Forget(ctx context.Context, destination string) (proxy.OrphanStatus, error)
}
