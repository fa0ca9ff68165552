package rows

import (
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/wording"
)

// Decision is the decision about one event for one destination, as a row of a warehouse.
type Decision struct {
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

// decisionColumns are where a row has its columns, in their order; see Column.Ref.
var decisionColumns = []struct {
	name string
	ref  func(*Decision) any
}{
	{"event_id", func(d *Decision) any { return &d.EventID }},
	{"event_name", func(d *Decision) any { return &d.EventName }},
	{"time", func(d *Decision) any { return &d.Time }},
	{"received", func(d *Decision) any { return &d.Received }},
	{"site", func(d *Decision) any { return &d.Site }},
	{"destination", func(d *Decision) any { return &d.Destination }},
	{"action", func(d *Decision) any { return &d.Action }},
	{"reason", func(d *Decision) any { return &d.Reason }},
	{"because", func(d *Decision) any { return &d.Because }},
	{"profile", func(d *Decision) any { return &d.Profile }},
	{"country", func(d *Decision) any { return &d.Country }},
	{"region", func(d *Decision) any { return &d.Region }},
	{"rule", func(d *Decision) any { return &d.Rule }},
	{"model", func(d *Decision) any { return &d.Model }},
	{"monitor", func(d *Decision) any { return &d.Monitor }},
	{"conflict", func(d *Decision) any { return &d.Conflict }},
	{"states", func(d *Decision) any { return &d.States }},
	{"signals", func(d *Decision) any { return &d.Signals }},
}

// Decisions are the columns of a table of what was decided about events.
func Decisions() []Column[Decision] {
	columns := make([]Column[Decision], len(decisionColumns))
	for i, c := range decisionColumns {
		t := typeOf(c.ref(&Decision{}))
		columns[i] = Column[Decision]{Name: c.name, Type: t, Required: t == Bool, Repeats: t == Text && c.name != "event_id", Ref: c.ref}
	}
	return columns
}

// DecisionsOf are the rows about an event: one for each destination that there was when it arrived.
func DecisionsOf(s *destinations.Sending) []*Decision {
	if s.Consent == nil || len(s.Outcomes) == 0 {
		return nil
	}
	var states event.Map
	for i := range s.Consent.States {
		state := &s.Consent.States[i]
		states.Add(state.Purpose, event.ObjectOf(event.Map{
			{Key: "state", Value: event.String(state.State)},
			{Key: "basis", Value: event.String(state.Basis)},
			{Key: "source", Value: event.String(wording.Source(s.Consent, state))},
		}))
	}
	e, r, signals := s.Event, s.Consent, signalsOf(s.Consent)
	rows := make([]*Decision, len(s.Outcomes))
	for i := range s.Outcomes {
		o := &s.Outcomes[i]
		rows[i] = &Decision{
			EventID: e.ID, EventName: e.Name, Time: e.Time, Received: e.Received, Site: e.Site,
			Destination: o.Destination, Action: o.Action.String(), Reason: string(o.Reason), Because: wording.Sentence(o, r), Profile: o.Profile,
			Country: r.Country, Region: r.Region, Rule: r.Rule, Model: r.Model, Monitor: r.Monitor, Conflict: wording.Conflict(r), States: states, Signals: signals,
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
		for _, one := range []struct{ key, text string }{{"source", signal.Source}, {"name", signal.Name}, {"says", wording.Says(r, signal)}, {"aside", wording.Aside(r, signal)}} {
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
