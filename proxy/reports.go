package proxy

import (
	"context"

	"headgate/proxy/delivery"
	"headgate/proxy/peers"
	"headgate/proxy/report"
	"headgate/proxy/resend"
	"headgate/proxy/status"
)

// History says what became of events over time, at all Headgates of a cluster; report.ErrAsked when the question is not understood.
func (s *Server) History(ctx context.Context, ask report.Ask) (*report.History, error) {
	all := s.peers.Counts(ctx)
	out, err := report.OfHistory(all.From, ask)
	if err == nil {
		out.Writer, out.Headgates = s.log.Writer(), all.Headgates
	}
	return out, err
}

// Conversions says what happened and what each destination got of it; report.ErrAsked when the question is not understood.
func (s *Server) Conversions(ctx context.Context, ask report.Ask) (*report.Conversions, error) {
	all := s.peers.Counts(ctx)
	out, err := report.OfConversions(all.From, ask, s.book.Conversions(), s.plan.Load().Names())
	if err == nil {
		out.Headgates = all.Headgates
	}
	return out, err
}

// Choices says what visitors chose and what destinations lost by it; report.ErrAsked when the question is not understood.
func (s *Server) Choices(ctx context.Context, ask report.Ask) (*report.Consent, error) {
	all := s.peers.Counts(ctx)
	out, err := report.OfConsent(all.From, ask)
	if err == nil {
		out.Headgates = all.Headgates
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
	all := s.peers.Counts(ctx)
	if out.Performance, err = report.OfDestination(all.From, ask, delivery.ImportantFields()); err != nil {
		return nil, err
	}
	out.Headgates = all.Headgates
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	out.Destination = status.Destinations[ask.Destination]
	out.Dead, err = s.Causes(ctx, ask.Destination)
	return out, err
}

// What /api/cluster answers with.
type (
	// Cluster is all Headgates.
	Cluster = peers.Cluster
	// Writer is one of them.
	Writer = peers.Writer
	// WriterAt is how a destination stands with what one of them has accepted.
	WriterAt = peers.WriterAt
)

// Cluster says who accepts events and who delivers them.
func (s *Server) Cluster(ctx context.Context) (*Cluster, error) { return s.peers.Cluster(ctx) }

// state is how this Headgate is, for the others of its cluster.
func (s *Server) state() peers.State {
	s.reload.mu.Lock()
	failed := s.reload.fact != ""
	s.reload.mu.Unlock()
	return peers.State{Config: s.plan.Load().Hash, Failed: failed, Idle: s.idle()}
}

// idle are the destinations in force that are not running, with their states.
func (s *Server) idle() map[string]string {
	out := map[string]string{}
	running, _ := s.deliveries.Pick("") // only an unknown name is an error
	for _, d := range running {
		if state, _ := d.Condition(); state != delivery.Running {
			out[d.Name()] = string(state)
		}
	}
	return out
}
