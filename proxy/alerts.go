package proxy

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/alerts"
	"headgate/alerts/evidence"
	"headgate/event"
	"headgate/proxy/history"
	"headgate/queue"
)

// How often is looked for alerts, and how often what that rests on is read anew.
const (
	lookEvery   = 10 * time.Second
	recentEvery = time.Minute
	usualEvery  = 5 * time.Minute
)

// lookout looks for alerts.
type lookout struct {
	ledger  *alerts.Ledger
	failing bool // it was logged that something failed; only runLookout knows

	mu       sync.Mutex    // one at a time looks
	usual    *alerts.Facts // read at usualAt
	usualAt  time.Time
	recent   map[string]*evidence.Answered // read at recentAt
	recentAt time.Time
	steps    []alerts.Step     // read at recentAt
	halts    map[string]string // the words that destinations refused our settings with
}

func (s *Server) openLookout() {
	ledger, err := alerts.Open(filepath.Join(s.folder, "alerts.json"))
	if err != nil {
		s.logger.Error("the list of alerts begins anew; nothing else is affected", "error", err)
	}
	s.lookout = &lookout{ledger: ledger, halts: map[string]string{}}
}

// runLookout looks until ctx ends.
func (s *Server) runLookout(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.look(ctx)
		if err != nil && !s.lookout.failing && ctx.Err() == nil {
			s.logger.Warn("alerts cannot be looked for or told; it is tried again", "error", err)
		}
		s.lookout.failing = err != nil
	}
}

// look finds what there is now, notes what has changed, and tells those who want to know.
func (s *Server) look(ctx context.Context) error {
	p, o, now := s.plan.Load(), s.lookout, s.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	facts, err := s.facts(ctx, p, now)
	if err != nil {
		return err
	}
	config := &p.Config.Alerts
	o.ledger.Step(now, alerts.Detect(facts, config), config)
	if len(config.To) > 0 {
		for _, m := range o.ledger.Due(now, config) {
			if err := s.tell(ctx, p, &m, now); err != nil {
				return err // the others are due the next time
			}
			o.ledger.Told(&m, now)
		}
	}
	return o.ledger.Save()
}

// facts gathers what is known now. The caller holds the lookout's mutex.
func (s *Server) facts(ctx context.Context, p *Plan, now time.Time) (*alerts.Facts, error) {
	o := s.lookout
	if now.Sub(o.usualAt) >= usualEvery || o.usual == nil {
		usual, err := evidence.Usual(s.book, now)
		if err != nil {
			return nil, err
		}
		o.usual, o.usualAt = usual, now
	}
	if now.Sub(o.recentAt) >= recentEvery || o.recent == nil {
		recent, err := evidence.Recent(s.book, now)
		if err != nil {
			return nil, err
		}
		o.recent, o.recentAt = recent, now
		if o.steps, err = s.insight.DropOffs(ctx); err != nil {
			return nil, err
		}
	}
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	f := *o.usual
	f.Now, f.Steps = now, o.steps
	f.Filters = slices.DeleteFunc(slices.Clone(f.Filters), func(one alerts.Share) bool { return p.destination(one.Destination) == nil })
	f.Destinations = s.conditions(p, &status)
	f.Free, f.Space = spaceOf(s.folder)
	f.LogFull = s.log.NearlyFull()
	f.Damage = s.damages(&status)
	f.Expiries = p.Expiries()
	return &f, nil
}

// conditions are what the destinations of a plan do.
func (s *Server) conditions(p *Plan, status *Status) (all []alerts.Destination) {
	o := s.lookout
	for i := range p.Destinations {
		d := &p.Destinations[i]
		is := status.Destinations[d.Name()]
		one := alerts.Destination{Name: d.Name(), State: string(is.State), Wait: d.Delivery().Wait, Oldest: time.Duration(is.LagSeconds * float64(time.Second))}
		if a := o.recent[d.Name()]; a != nil {
			one.Attempts, one.Rejected, one.Words, one.Why = a.Attempts[:], a.Rejected, a.Failure, a.Reject
			if a.Halt != "" {
				o.halts[d.Name()] = a.Halt
			}
		}
		if one.State == "halted" {
			one.Words = o.halts[d.Name()]
		}
		for _, usual := range o.usual.Rejected {
			if usual.Destination == d.Name() {
				one.Rejected.UsualNow, one.Rejected.UsualOf, one.Rejected.Days = usual.UsualNow, usual.UsualOf, usual.Days
			}
		}
		all = append(all, one)
	}
	return all
}

// damages are what was found missing or unreadable.
func (s *Server) damages(status *Status) (all []alerts.Damage) {
	for _, one := range []alerts.Damage{
		{Where: "the log", What: status.Queue.Damage},
		{Where: "the suppression list", What: status.Suppression.Damage},
		{Where: "the history of counts", What: s.book.Damage()},
	} {
		if one.What != "" {
			all = append(all, one)
		}
	}
	return all
}

// Alerts returns the open alerts, then those that have closed, each newest first.
func (s *Server) Alerts() []alerts.Alert { return s.lookout.ledger.List() }

// aboutNobody is why an alert may be sent whatever consent a destination needs.
const aboutNobody = "an alert of Headgate itself, which is about no person"

// tell writes a message to the log, as an event that only those destinations get that alerts.to names.
func (s *Server) tell(ctx context.Context, p *Plan, m *alerts.Message, now time.Time) error {
	d := &event.Decision{Event: alertEvent(m, now), Consent: event.Record{Rule: "none", Model: "none"}}
	for _, purpose := range p.Policy.Purposes() {
		d.Consent.States = append(d.Consent.States, event.State{Purpose: purpose, State: event.Granted, Basis: event.ByPolicy, Source: aboutNobody})
	}
	states := make([]queue.State, len(p.Destinations))
	for i := range p.Destinations {
		dest := &p.Destinations[i]
		o := event.Outcome{Action: event.Filter, Reason: event.OwnAlert, Text: "an alert of Headgate itself: alerts.to does not name this destination"}
		if p.ToldOfAlerts(dest.Name()) {
			o = p.Policy.Judge(&d.Consent, &dest.Need)
		}
		o.Destination = dest.Name()
		d.Outcomes = append(d.Outcomes, o)
		states[i] = stateOf[o.Action]
		p.tallies[i].count(&o)
	}
	d.Weight = d.Held()
	entry := queue.Entry{Bytes: d.AppendLog(nil), Live: d, Held: d.Weight, Roster: p.roster, States: states}
	if err := s.log.Append(ctx, []queue.Entry{entry}); err != nil {
		return err
	}
	s.book.Flow("", "").Counter("accepted", string(event.OwnAlert), "").Add(1)
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			s.book.Flow("", o.Destination).Counter(stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent)).Add(1)
		}
	}
	return nil
}

// alertEvent is a message as destinations get it. Site is a parameter: it is no event of the site's.
func alertEvent(m *alerts.Message, now time.Time) event.Event {
	e := event.Event{ID: m.EventID, Name: event.AlertName, Source: event.AlertSource, Time: m.Since, Received: now.UTC()}
	text := m.Cause + " " + m.Next
	if m.State == alerts.Closed {
		e.Time = *m.Until
		text = "Over: " + m.Cause
	}
	for _, param := range [][2]string{{"state", m.State}, {"kind", m.Kind}, {"text", text}, {"cause", m.Cause}, {"next", m.Next},
		{"site", m.Site}, {"destination", m.Destination}, {"about", m.About}, {"link", m.Link}, {"alert_id", m.ID}, {"since", m.Since.Format(time.RFC3339)}} {
		if param[1] != "" {
			e.Params.Set(param[0], event.String(param[1]))
		}
	}
	e.Params.Set("urgent", event.Boolean(m.Urgent))
	return e
}

// alertMetrics are the alerts as metrics.
type alertMetrics struct {
	server *Server
	open   *prometheus.Desc
	raised *prometheus.Desc
}

func newAlertMetrics(s *Server) *alertMetrics {
	return &alertMetrics{s,
		prometheus.NewDesc("headgate_alerts_open", "Alerts that are open, by kind.", []string{"kind"}, nil),
		prometheus.NewDesc("headgate_alerts_raised_total", "Alerts that were raised since the start, by kind.", []string{"kind"}, nil)}
}

// Describe says what is measured.
func (a *alertMetrics) Describe(out chan<- *prometheus.Desc) { out <- a.open; out <- a.raised }

// Collect counts the alerts.
func (a *alertMetrics) Collect(out chan<- prometheus.Metric) {
	open, raised := a.server.lookout.ledger.Counts()
	for _, kind := range alerts.Kinds() {
		out <- prometheus.MustNewConstMetric(a.open, prometheus.GaugeValue, float64(open[kind]), kind)
		out <- prometheus.MustNewConstMetric(a.raised, prometheus.CounterValue, float64(raised[kind]), kind)
	}
}

var _ evidence.Book = (*history.Book)(nil)
