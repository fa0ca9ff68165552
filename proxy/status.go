package proxy

import (
	"context"
	"encoding/json"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/proxy/counts"
	"headgate/proxy/delivery"
	"headgate/proxy/live"
	"headgate/proxy/plan"
	"headgate/scripts"
)

// Status is the answer of /api/status. For each destination accepted = delivered + filtered + denied + rejected + pending.
type Status struct {
	Config       ConfigStatus                 `json:"config"`
	Accepted     int64                        `json:"accepted"` // events that were answered with success
	Queue        QueueStatus                  `json:"queue"`
	Consent      ConsentStatus                `json:"consent,omitzero"`
	Suppression  SuppressionStatus            `json:"suppression"`
	Traffic      map[string]int64             `json:"traffic,omitempty"` // events since the start, by the class of what sent them
	Scripts      map[string]scripts.Status    `json:"scripts,omitempty"`
	Destinations map[string]DestinationStatus `json:"destinations"`
	Orphans      map[string]OrphanStatus      `json:"orphans,omitempty"` // of destinations that are no longer in force
	Insight      json.RawMessage              `json:"insight,omitempty"` // an insight.Status; left out when it is off
}

// ConfigStatus is the configuration in force and what was wrong with a newer one.
type ConfigStatus struct {
	Hash     string    `json:"hash"`
	LoadedAt time.Time `json:"loaded_at"`
	Error    string    `json:"error"`    // of the last reload, "" when it went well
	Warnings []string  `json:"warnings"` // what check warns of in the configuration in force
}

// QueueStatus is the log as a whole.
type QueueStatus struct {
	Bytes   int64      `json:"bytes"`
	Oldest  *time.Time `json:"oldest"`           // of the events kept, null when there is none
	Pending int64      `json:"pending"`          // summed over the destinations
	Damage  string     `json:"damage,omitempty"` // what is missing, in words
}

// ConsentStatus is what an operator should know of the consent signals that arrive.
type ConsentStatus struct {
	UnreadCookies []counts.UnreadCookie `json:"unread_cookies,omitempty"`
}

// SuppressionStatus is the list of those who must not be tracked.
type SuppressionStatus struct {
	Subjects int    `json:"subjects"`
	Damage   string `json:"damage,omitempty"` // what was wrong with its files at the start, in words
}

// Live sends the traces of events as they are decided, of those that the formula where picks ("" picks all), until ctx
// ends or the server stops; then the channel is closed. A slow reader loses traces, never slows the walk. Of an event that
// consent refuses to everyone it shows what decide leaves of it; where the configuration shows it whole, the log says that someone
// looks.
func (s *Server) Live(ctx context.Context, where string) (<-chan live.Sighting, error) {
	p := s.plan.Load()
	formula, err := p.Condition(where)
	if err != nil {
		return nil, err
	}
	if p.Config.Admin.ShowRefused {
		s.logger.Warn("the live view is opened and shows visitors who refused: admin.show_refused is on")
	}
	return s.watchers.Watch(ctx, formula, p.Language.Machine(), s.stopped), nil
}

// Metrics are the collectors of what the server counts.
func (s *Server) Metrics() []prometheus.Collector {
	return append(s.counts.Collectors(), newAlertMetrics(s))
}

// DestinationStatus accounts for every accepted event at one destination.
type DestinationStatus struct {
	State      delivery.State `json:"state"`
	Delivered  int64          `json:"delivered"`
	Redacted   int64          `json:"redacted"` // a part of delivered
	Filtered   int64          `json:"filtered"`
	Denied     int64          `json:"denied"`
	Rejected   int64          `json:"rejected"`
	Pending    int64          `json:"pending"`
	Retrying   int64          `json:"retrying"`    // a part of pending
	LagSeconds float64        `json:"lag_seconds"` // age of the oldest pending event
	LastError  string         `json:"last_error"`
	// Of a warehouse, since the configuration was loaded.
	MisfitValues int64 `json:"misfit_values,omitempty"` // of columns of a person's own, which are in _rejected
	AddedColumns int64 `json:"added_columns,omitempty"` // to tables that were there
}

// Status gathers a consistent picture from the log's account and the deliveries.
func (s *Server) Status(ctx context.Context) (Status, error) {
	account, err := s.log.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	p := s.plan.Load()
	s.reload.mu.Lock()
	fact := s.reload.fact
	s.reload.mu.Unlock()
	out := Status{
		Config:       ConfigStatus{Hash: p.Hash, LoadedAt: p.LoadedAt, Error: fact, Warnings: warnings(p)},
		Accepted:     int64(account.Accepted),
		Queue:        QueueStatus{Bytes: int64(account.Bytes)},
		Consent:      ConsentStatus{UnreadCookies: p.Unread.List()},
		Suppression:  SuppressionStatus{Subjects: p.Policy.Suppression.Len(), Damage: s.subjects.Damage()},
		Traffic:      s.counts.Traffic.Status(),
		Scripts:      scriptStatus(p),
		Insight:      s.insight.State(),
		Destinations: map[string]DestinationStatus{},
		Orphans:      map[string]OrphanStatus{},
	}
	if !account.Oldest.IsZero() {
		out.Queue.Oldest = &account.Oldest
	}
	for _, damage := range account.Damage {
		if out.Queue.Damage != "" {
			out.Queue.Damage += "; "
		}
		out.Queue.Damage += damage.What
	}
	now := s.now()
	for i := range account.Cursors {
		c := &account.Cursors[i]
		d, err := s.deliveries.Find(c.Name)
		if err != nil {
			if o := s.orphan(c); !o.empty() {
				out.Orphans[c.Name] = o
			}
			continue
		}
		one := DestinationStatus{
			Delivered: int64(c.Delivered), Redacted: int64(c.Redacted), Filtered: int64(c.Filtered), Denied: int64(c.Denied),
			Rejected: int64(c.Rejected), Pending: int64(c.Pending), Retrying: int64(c.Retrying),
		}
		one.State, one.LastError = d.Condition()
		if !c.Oldest.IsZero() {
			one.LagSeconds = max(0, now.Sub(c.Oldest).Seconds())
		}
		one.MisfitValues, one.AddedColumns = d.Target().Destination().Misfits(), d.Target().Destination().AddedColumns()
		out.Queue.Pending += one.Pending
		out.Destinations[c.Name] = one
	}
	return out, nil
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
