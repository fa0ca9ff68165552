// Package trial answers what would happen: to an event or a request, by the configuration in force or by a draft of it, and what did.
// It never changes anything.
package trial

import (
	"context"
	"time"

	"headgate/config/edit"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/explain"
	"headgate/proxy/impact"
)

// Service tries things; *proxy.Server is one, and its methods say what each promises.
type Service interface {
	Explain(ctx context.Context, q explain.Question) ([]*trace.Trace, error)
	Stored(ctx context.Context, id string) ([]*trace.Trace, error)
	Check(ctx context.Context, d edit.Draft) (document.Mistakes, error)
	RunCases(ctx context.Context, d edit.Draft) ([]explain.CaseResult, error)
	Try(ctx context.Context, d edit.Draft, formula string, q explain.Question) (event.Value, error)
	Diff(ctx context.Context, d edit.Draft, t explain.Trial) (*impact.Report, error)
}

// Trials answers what is asked of a Service.
type Trials struct {
	service Service
	now     func() time.Time
}

// New returns Trials.
func New(service Service, now func() time.Time) *Trials { return &Trials{service: service, now: now} }
