package proxy

import (
	"context"

	"headgate/proxy/delivery"
	"headgate/proxy/report"
	"headgate/proxy/resend"
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
	Dead resend.DeadReport `json:"dead"`
}

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
	out.Dead, err = s.Causes(ctx, ask.Destination)
	return out, err
}
