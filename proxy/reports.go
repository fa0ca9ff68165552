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
)

// History says what became of events over time, at all Headgates of a cluster; report.ErrAsked when the question is not understood.
func (s *Server) History(ctx context.Context, ask report.Ask) (*report.History, error) {
	all := s.peers.counts(ctx)
	out, err := report.OfHistory(all.from, ask)
	if err == nil {
		out.Writer, out.Headgates = s.log.Writer(), all.headgates
	}
	return out, err
}

// Conversions says what happened and what each destination got of it; report.ErrAsked when the question is not understood.
func (s *Server) Conversions(ctx context.Context, ask report.Ask) (*report.Conversions, error) {
	all := s.peers.counts(ctx)
	out, err := report.OfConversions(all.from, ask, s.book.Conversions(), s.plan.Load().names())
	if err == nil {
		out.Headgates = all.headgates
	}
	return out, err
}

// Choices says what visitors chose and what destinations lost by it; report.ErrAsked when the question is not understood.
func (s *Server) Choices(ctx context.Context, ask report.Ask) (*report.Consent, error) {
	all := s.peers.counts(ctx)
	out, err := report.OfConsent(all.from, ask)
	if err == nil {
		out.Headgates = all.headgates
	}
	return out, err
}

// DestinationReport is how one destination fares.
type DestinationReport struct {
	Name string `json:"name"`
	Use  string `json:"use"`
	DestinationStatus
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
	all := s.peers.counts(ctx)
	if out.Performance, err = report.OfDestination(all.from, ask, delivery.ImportantFields()); err != nil {
		return nil, err
	}
	out.Headgates = all.headgates
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	out.DestinationStatus = status.Destinations[ask.Destination]
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
