package console

import (
	"context"
	"time"

	"headgate/alerts"
	"headgate/console/access"
	"headgate/console/editing"
	"headgate/console/trial"
	"headgate/proxy"
	"headgate/proxy/find"
	"headgate/proxy/live"
	"headgate/proxy/report"
	"headgate/proxy/resend"
	"headgate/proxy/status"
	"headgate/subjects"
)

// Service is the running proxy as the console uses it. *proxy.Server is one, and its methods say what each promises; they may
// be called from many goroutines at once. Where a person wrote something (a formula, a file), document.Mistakes may be
// returned, and are shown with their places; the errors of package proxy have an HTTP status of their own.
type Service interface {
	access.Settings
	health
	traces
	past
	letters
	editing.Service
	trial.Service
	switches
	notices
}

type notices interface {
	Alerts() []alerts.Alert
}

type health interface {
	Accepting() error
	Ready() error
	Status(ctx context.Context) (status.Status, error)
	Cluster(ctx context.Context) (*proxy.Cluster, error)
}

type traces interface {
	Live(ctx context.Context, where string, sampled bool) (<-chan live.Sighting, error)
	Decisions(ctx context.Context, since time.Time, fn func(bytes []byte) bool) error
}

type past interface {
	Search(ctx context.Context, ask find.Ask) (find.Result, error)
	History(ctx context.Context, ask report.Ask) (*report.History, error)
	Conversions(ctx context.Context, ask report.Ask) (*report.Conversions, error)
	Choices(ctx context.Context, ask report.Ask) (*report.Consent, error)
	Destination(ctx context.Context, ask report.Ask) (*proxy.DestinationReport, error)
}

type letters interface {
	DeadLetters(ctx context.Context, p resend.Pick) (resend.DeadLetters, error)
	DeadLetter(ctx context.Context, destination, eventID string) (resend.DeadLetter, error)
	RetryDeadLetters(ctx context.Context, p resend.Pick) (int, error)
	DropDeadLetters(ctx context.Context, p resend.Pick) (int, error)
	Backfill(ctx context.Context, b resend.Backfill, progress func(resend.Filled)) (resend.Filled, error)
	Replay(ctx context.Context, r resend.Replay, progress func(resend.Tally)) (resend.Tally, error)
}

type switches interface {
	Pause(ctx context.Context, destination string) error
	Resume(ctx context.Context, destination string) error
	Forget(ctx context.Context, destination string) (status.Orphan, error)
}

// Rights is what people may ask for; *subjects.Rights is one, and says what each method promises.
type Rights interface {
	Export(ctx context.Context, p subjects.Person, fn func(subjects.Held)) error
	Suppress(ctx context.Context, p subjects.Person, why string) (subjects.Suppressed, error)
	Delete(ctx context.Context, p subjects.Person, why string) (subjects.Suppressed, []subjects.Erasure, error)
	Requests(ctx context.Context) ([]subjects.Asked, error)
	Settle(ctx context.Context, id, by, why string) (subjects.Asked, error)
	Link(ctx context.Context, p subjects.Person, until time.Time) (string, error)
	Label(p subjects.Person) string
}
