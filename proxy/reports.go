package proxy

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"headgate/consent"
	"headgate/event"
	"headgate/proxy/delivery"
	"headgate/proxy/report"
	"headgate/proxy/status"
)

// History says what became of events over time; report.ErrAsked when the question is not understood.
func (s *Server) History(_ context.Context, ask report.Ask) (*report.History, error) {
	out, err := report.OfHistory(s.book, ask)
	if err == nil {
		out.Writer = s.log.Writer()
	}
	return out, err
}

// Conversions says what happened and what each destination got of it; report.ErrAsked when the question is not understood.
func (s *Server) Conversions(_ context.Context, ask report.Ask) (*report.Conversions, error) {
	return report.OfConversions(s.book, ask, s.plan.Load().Names())
}

// Choices says what visitors chose and what destinations lost by it; report.ErrAsked when the question is not understood.
func (s *Server) Choices(_ context.Context, ask report.Ask) (*report.Consent, error) {
	return report.OfConsent(s.book, ask)
}

// DestinationReport is how one destination fares.
type DestinationReport struct {
	Name string `json:"name"`
	Use  string `json:"use"`
	status.Destination
	*report.Performance
	Dead DeadReport `json:"dead"`
}

// DeadReport groups dead letters by why they were rejected.
type DeadReport struct {
	Total   int         `json:"total"`
	Reasons []DeadCause `json:"reasons"` // most first
}

// DeadCause is one reason, without what it quotes of visitors.
type DeadCause struct {
	Why    string    `json:"why"`
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest"`
	Newest time.Time `json:"newest"`
	IDs    []string  `json:"ids"` // of a few
}

const (
	mostCauses  = 50
	examplesOf  = 5
	otherCauses = "other reasons"
)

// Destination says how a destination fares; ErrNotFound when there is none of that name, report.ErrAsked when the question is not
// understood.
func (s *Server) Destination(ctx context.Context, ask report.Ask) (*DestinationReport, error) {
	d, err := s.deliveries.Find(ask.Destination)
	if err != nil {
		return nil, err
	}
	out := &DestinationReport{Name: ask.Destination, Use: d.Target().Destination().Spec().Name}
	if out.Performance, err = report.OfDestination(s.book, ask, delivery.ImportantFields()); err != nil {
		return nil, err
	}
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	out.Destination = status.Destinations[ask.Destination]
	out.Dead, err = s.deadReport(ctx, ask.Destination)
	return out, err
}

func (s *Server) deadReport(ctx context.Context, destination string) (out DeadReport, err error) {
	by := map[string]*DeadCause{}
	err = s.eachDeadLetterDecision(ctx, Pick{Destination: destination}, func(l DeadLetter, _ *delivery.Delivery, _ string, d *event.Decision) {
		out.Total++
		why := consent.Impersonal(l.Why, []*event.Event{&d.Event})
		if by[why] == nil && len(by) >= mostCauses {
			why = otherCauses
		}
		cause := by[why]
		if cause == nil {
			cause = &DeadCause{Why: why, Oldest: l.Rejected}
			by[why] = cause
		}
		cause.Count++
		if l.Rejected.Before(cause.Oldest) {
			cause.Oldest = l.Rejected
		}
		if l.Rejected.After(cause.Newest) {
			cause.Newest = l.Rejected
		}
		if len(cause.IDs) < examplesOf {
			cause.IDs = append(cause.IDs, l.EventID)
		}
	})
	out.Reasons = make([]DeadCause, 0, len(by))
	for _, cause := range by {
		out.Reasons = append(out.Reasons, *cause)
	}
	slices.SortFunc(out.Reasons, func(a, b DeadCause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Why, b.Why)) })
	return out, err
}
