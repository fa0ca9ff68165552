package proxy

import (
	"context"

	"headgate/proxy/delivery"
	"headgate/proxy/report"
	"headgate/proxy/resend"
	"headgate/proxy/status"
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
	out, err := report.OfConversions(all.from, ask, s.book.Conversions(), s.plan.Load().Names())
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
	all := s.peers.counts(ctx)
	if out.Performance, err = report.OfDestination(all.from, ask, delivery.ImportantFields()); err != nil {
		return nil, err
	}
	out.Headgates = all.headgates
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	out.Destination = status.Destinations[ask.Destination]
	out.Dead, err = s.Causes(ctx, ask.Destination)
	return out, err
}
