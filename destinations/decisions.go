package destinations

import (
	"time"

	"headgate/event"
)

// DecisionRow is the decision about one event for one destination, as a row of a warehouse.
type DecisionRow struct {
	EventID, EventName                                  string
	Time, Received                                      time.Time
	Site, Destination, Action, Reason, Because, Profile string
	Country, Region, Rule, Model                        string
	Monitor                                             bool
	Conflict                                            string
	States                                              event.Map // by purpose: state, basis and source
	// Signals are a list of what was seen: source, name, says, aside and time. Their values are left out: some of them tell visitors apart.
	Signals event.Value
}

// DecisionColumn is one column of such a row. Ref returns *string, *bool, *time.Time, *event.Map or *event.Value.
type DecisionColumn struct {
	Name string
	Ref  func(*DecisionRow) any
}

// DecisionColumns are the columns in their order.
var DecisionColumns = []DecisionColumn{
	{"event_id", func(d *DecisionRow) any { return &d.EventID }},
	{"event_name", func(d *DecisionRow) any { return &d.EventName }},
	{"time", func(d *DecisionRow) any { return &d.Time }},
	{"received", func(d *DecisionRow) any { return &d.Received }},
	{"site", func(d *DecisionRow) any { return &d.Site }},
	{"destination", func(d *DecisionRow) any { return &d.Destination }},
	{"action", func(d *DecisionRow) any { return &d.Action }},
	{"reason", func(d *DecisionRow) any { return &d.Reason }},
	{"because", func(d *DecisionRow) any { return &d.Because }},
	{"profile", func(d *DecisionRow) any { return &d.Profile }},
	{"country", func(d *DecisionRow) any { return &d.Country }},
	{"region", func(d *DecisionRow) any { return &d.Region }},
	{"rule", func(d *DecisionRow) any { return &d.Rule }},
	{"model", func(d *DecisionRow) any { return &d.Model }},
	{"monitor", func(d *DecisionRow) any { return &d.Monitor }},
	{"conflict", func(d *DecisionRow) any { return &d.Conflict }},
	{"states", func(d *DecisionRow) any { return &d.States }},
	{"signals", func(d *DecisionRow) any { return &d.Signals }},
}

// Decisions are the rows about an event: one for each destination that there was when it arrived.
func (s *Sending) Decisions() []*DecisionRow {
	if s.Consent == nil || len(s.Outcomes) == 0 {
		return nil
	}
	var states event.Map
	for i := range s.Consent.States {
		state := &s.Consent.States[i]
		states.Add(state.Purpose, event.ObjectOf(event.Map{
			{Key: "state", Value: event.String(state.State)},
			{Key: "basis", Value: event.String(state.Basis)},
			{Key: "source", Value: event.String(s.Consent.SourceOf(state))},
		}))
	}
	e, r, signals := s.Event, s.Consent, signalsOf(s.Consent)
	rows := make([]*DecisionRow, len(s.Outcomes))
	for i := range s.Outcomes {
		o := &s.Outcomes[i]
		rows[i] = &DecisionRow{
			EventID: e.ID, EventName: e.Name, Time: e.Time, Received: e.Received, Site: e.Site,
			Destination: o.Destination, Action: o.Action.String(), Reason: string(o.Reason), Because: o.Sentence(r), Profile: o.Profile,
			Country: r.Country, Region: r.Region, Rule: r.Rule, Model: r.Model, Monitor: r.Monitor, Conflict: r.ConflictText(), States: states, Signals: signals,
		}
	}
	return rows
}

// signalsOf is a list of the signals of a record; null when there are none.
func signalsOf(r *event.Record) event.Value {
	if len(r.Signals) == 0 {
		return event.Value{}
	}
	list := make([]event.Value, len(r.Signals))
	for i := range r.Signals {
		signal := &r.Signals[i]
		var said event.Map
		for _, one := range []struct{ key, text string }{{"source", signal.Source}, {"name", signal.Name}, {"says", r.SaysOf(signal)}, {"aside", r.AsideOf(signal)}} {
			if one.text != "" {
				said.Add(one.key, event.String(one.text))
			}
		}
		if !signal.When.IsZero() {
			said.Add("when", event.TimeValue(signal.When))
		}
		list[i] = event.ObjectOf(said)
	}
	return event.ListOf(list...)
}
