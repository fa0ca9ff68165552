package proxy

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/alerts"
	"headgate/proxy/delivery"
	"headgate/proxy/live"
	"headgate/proxy/plan"
	"headgate/proxy/status"
	"headgate/queue"
	"headgate/scripts"
)

// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), sampled or all of them,
// until ctx ends or the server stops; then the channel is closed. A slow reader loses traces, never slows the walk. Of an event that
// consent refuses to everyone it shows what decide leaves of it; where the configuration shows it whole, the log says that someone
// looks.
func (s *Server) Live(ctx context.Context, where string, sampled bool) (<-chan live.Sighting, error) {
	p := s.plan.Load()
	formula, err := p.Condition(where)
	if err != nil {
		return nil, err
	}
	if p.Config.Admin.ShowRefused {
		s.logger.Warn("the live view is opened and shows visitors who refused: admin.show_refused is on")
	}
	return s.watchers.Watch(ctx, live.View{Where: formula, Machine: p.Language.Machine(), Sampled: sampled}, s.stopped), nil
}

// Alerts returns the open alerts, then those that have closed, each newest first.
func (s *Server) Alerts() []alerts.Alert { return s.lookout.List() }

// Metrics are the collectors of what the server counts.
func (s *Server) Metrics() []prometheus.Collector {
	return append(append(s.counts.Collectors(), s.lookout.Metrics()), s.insight.Collectors()...)
}

// Status gathers a consistent picture from the log's account and the deliveries.
func (s *Server) Status(ctx context.Context) (status.Status, error) {
	account, err := s.log.Status(ctx)
	if err != nil {
		return status.Status{}, err
	}
	p := s.plan.Load()
	s.reload.mu.Lock()
	fact := s.reload.fact
	s.reload.mu.Unlock()
	out := status.Status{
		Config:       status.Config{Hash: p.Hash, LoadedAt: p.LoadedAt, Error: fact, Warnings: warnings(p)},
		Accepted:     int64(account.Accepted),
		Queue:        queueStatus(&account),
		Consent:      status.Consent{UnreadCookies: p.Unread.List()},
		Suppression:  status.Suppression{Subjects: p.Policy.Suppression.Len(), Damage: s.subjects.Damage()},
		Traffic:      s.counts.Traffic.Status(),
		Scripts:      scriptStatus(p),
		Insight:      s.insight.State(),
		Destinations: map[string]status.Destination{},
		Orphans:      map[string]status.Orphan{},
	}
	for i := range account.Cursors {
		c := &account.Cursors[i]
		d, err := s.deliveries.Find(c.Name)
		if err != nil {
			if o := s.orphan(c); !o.Empty() {
				out.Orphans[c.Name] = o
			}
			continue
		}
		one := destinationStatus(d, c, s.now())
		out.Queue.Pending += one.Pending
		out.Destinations[c.Name] = one
	}
	return out, nil
}

// queueStatus is the log as a whole, but for what is pending.
func queueStatus(account *queue.Status) status.Queue {
	out := status.Queue{Bytes: int64(account.Bytes)}
	if !account.Oldest.IsZero() {
		out.Oldest = &account.Oldest
	}
	for _, damage := range account.Damage {
		if out.Damage != "" {
			out.Damage += "; "
		}
		out.Damage += damage.What
	}
	return out
}

// destinationStatus is how a destination in force stands, by its account in the log.
func destinationStatus(d *delivery.Delivery, c *queue.CursorStatus, now time.Time) status.Destination {
	out := status.Destination{
		Delivered: int64(c.Delivered), Redacted: int64(c.Redacted), Filtered: int64(c.Filtered), Denied: int64(c.Denied),
		Rejected: int64(c.Rejected), Pending: int64(c.Pending), Retrying: int64(c.Retrying),
	}
	out.State, out.LastError = d.Condition()
	if !c.Oldest.IsZero() {
		out.LagSeconds = max(0, now.Sub(c.Oldest).Seconds())
	}
	out.MisfitValues, out.AddedColumns = d.Target().Destination().Misfits(), d.Target().Destination().AddedColumns()
	return out
}

// scriptStatus is what an operator should know of each script.
func scriptStatus(p *plan.Plan) map[string]scripts.Status {
	out := map[string]scripts.Status{}
	for _, one := range p.Scripts.List() {
		out[one.Name] = one.Status()
	}
	return out
}

// warnings are what a person should look at in the configuration, though nothing is wrong with it.
func warnings(p *plan.Plan) []string {
	out := make([]string, len(p.Warnings))
	for i := range p.Warnings {
		out[i] = p.Warnings[i].Error()
	}
	return out
}
