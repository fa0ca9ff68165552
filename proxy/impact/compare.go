package impact

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"headgate/event"
	"headgate/event/trace"
)

// Comparison adds up.
type Comparison struct {
	report  Report
	rules   map[string]*Rule
	fields  fields
	reasons map[[2]string]*Reason
	at      map[string]*tally
	spent   [2]time.Duration
}

// tally is a Destination while it is added up.
type tally struct {
	Destination
	fields fields
	shown  map[string]int // examples by kind
}

// Sides are the rules of the two configurations, in order: what each says, by its name. Names of destinations are those of both.
type Sides struct {
	Before, After []Definition
	Destinations  []string
}

// Definition is a rule's name, and all that it says in one text.
type Definition struct{ Name, Says string }

// New begins with no events.
func New(s Sides) *Comparison {
	c := &Comparison{rules: map[string]*Rule{}, fields: fields{}, reasons: map[[2]string]*Reason{}, at: map[string]*tally{}}
	c.report.Skipped = map[string]int{}
	before := map[string]string{}
	for _, d := range s.Before {
		before[d.Name] = d.Says
	}
	add := func(name, state string) {
		r := &Rule{Name: name, State: state}
		c.rules[name] = r
		c.report.Rules = append(c.report.Rules, r)
	}
	for _, d := range s.After {
		switch says, known := before[d.Name]; {
		case !known:
			add(d.Name, Added)
		case says != d.Says:
			add(d.Name, Changed)
		default:
			add(d.Name, Same)
		}
	}
	for _, d := range s.Before {
		if c.rules[d.Name] == nil {
			add(d.Name, Removed)
		}
	}
	for _, name := range s.Destinations {
		c.at[name] = &tally{fields: fields{}, shown: map[string]int{}}
	}
	return c
}

// Skip counts an event that cannot be compared.
func (c *Comparison) Skip(why string) { c.report.Skipped[why]++ }

// Way is what one configuration makes of an event: its trace and those of the events that rules emitted, and the time that took.
type Way struct {
	Traces []*trace.Trace
	Took   time.Duration
}

// Take adds one event. The ids of emitted events tell which belong together.
func (c *Comparison) Take(before, after Way) {
	c.report.Events++
	c.spent[0] += before.Took
	c.spent[1] += after.Took
	for _, t := range before.Traces {
		c.match(t, func(r *Rule) { r.Before++ })
		c.compare(t, find(after.Traces, t.Event.ID))
	}
	for _, t := range after.Traces {
		c.match(t, func(r *Rule) { r.After++ })
		if find(before.Traces, t.Event.ID) == nil {
			c.compare(nil, t)
		}
	}
}

func find(traces []*trace.Trace, id string) *trace.Trace {
	for _, t := range traces {
		if t.Event.ID == id {
			return t
		}
	}
	return nil
}

// match counts the rules that matched.
func (c *Comparison) match(t *trace.Trace, count func(*Rule)) {
	for i := range t.Rules {
		one := &t.Rules[i]
		if !one.Matched {
			continue
		}
		if r := c.rules[RuleName(one.For, one.Name)]; r != nil {
			count(r)
		}
	}
}

// RuleName is how a report calls a rule: of all, or of one destination.
func RuleName(destination, rule string) string {
	if destination == "" {
		return rule
	}
	return destination + ": " + rule
}

// compare compares one event, which either configuration may not have made at all.
func (c *Comparison) compare(before, after *trace.Trace) {
	if before != nil && after != nil && before.DroppedBy == "" && after.DroppedBy == "" { // what is dropped is not looked at any more
		eachField(before.Event, after.Event, c.fields.note(after.Event.ID))
	}
	for name, at := range c.at {
		x, y := standingAt(before, name), standingAt(after, name)
		c.reason(name, x.reason, func(r *Reason) { r.Before++ })
		c.reason(name, y.reason, func(r *Reason) { r.After++ })
		if x.reason != y.reason || x.sent != y.sent {
			c.report.Changed = true
		}
		at.take(cmp.Or(after, before).Event, &x, &y)
	}
}

// standing is what becomes of an event at a destination.
type standing struct {
	sent     bool
	reason   string
	because  string
	requests []trace.Request
}

// The reasons that no event has.
const (
	reasonNoEvent = "no_event"       // this configuration makes no such event
	reasonNowhere = "no_destination" // this configuration has no such destination
	reasonUnfit   = "cannot_be_sent" // the vendor would not take it
)

func standingAt(t *trace.Trace, name string) standing {
	if t == nil {
		return standing{reason: reasonNoEvent, because: "no rule makes such an event"}
	}
	d := t.Destination(name)
	switch {
	case d == nil:
		return standing{reason: reasonNowhere, because: "the configuration has no such destination"}
	case d.Action.Due() && d.Verdict != nil:
		return standing{reason: reasonUnfit, because: d.Verdict.Why}
	}
	return standing{sent: len(d.Requests) > 0, reason: string(d.Reason), because: d.Because, requests: d.Requests}
}

func (c *Comparison) reason(destination, reason string, count func(*Reason)) {
	key := [2]string{destination, reason}
	r := c.reasons[key]
	if r == nil {
		r = &Reason{Destination: destination, Reason: reason}
		c.reasons[key] = r
	}
	count(r)
}

// take adds an event at one destination.
func (t *tally) take(e *event.Event, before, after *standing) {
	if before.sent {
		t.Before++
		t.BytesBefore += sizeOf(before.requests)
	}
	if after.sent {
		t.After++
		t.BytesAfter += sizeOf(after.requests)
	}
	one := Example{ID: e.ID, Name: e.Name, Before: before.because, After: after.because, Fields: []Difference{}}
	switch {
	case !before.sent && !after.sent, before.sent && after.sent && same(before.requests, after.requests):
		return
	case !before.sent:
		t.Appear++
		one.Kind = Appear
	case !after.sent:
		t.Disappear++
		one.Kind = Disappear
	default:
		t.Change++
		if one.Kind = Change; t.Change > mostRead {
			return
		}
		noted := t.fields.note(e.ID)
		eachPart(before.requests, after.requests, func(path string, a, b event.Value) {
			noted(path, a, b)
			if len(one.Fields) < mostShown {
				one.Fields = append(one.Fields, Difference{path, shown(a), shown(b)})
			}
		})
	}
	if t.shown[one.Kind]++; t.shown[one.Kind] <= mostExamples {
		t.Examples = append(t.Examples, one)
	}
}

func sizeOf(requests []trace.Request) (n int) {
	for i := range requests {
		n += len(requests[i].URL) + len(requests[i].Body)
	}
	return n
}

// fields are differences by their paths.
type fields map[string]*Field

// note returns what notes the differences of one event. What finds no room is counted together, once for each event.
func (f fields) note(id string) func(path string, a, b event.Value) {
	others := false
	return func(path string, a, b event.Value) {
		one := f[path]
		if one == nil && len(f) >= mostPaths {
			if path, one = otherFields, f[otherFields]; others {
				return
			}
			others = true
		}
		if one == nil {
			one = &Field{Path: path, Examples: []Value{}}
			f[path] = one
		}
		one.Count++
		if len(one.Examples) < mostExamples && path != otherFields {
			one.Examples = append(one.Examples, Value{id, shown(a), shown(b)})
		}
	}
}

// list has the most frequent first.
func (f fields) list() []*Field {
	list := slices.AppendSeq([]*Field{}, maps.Values(f))
	slices.SortFunc(list, func(a, b *Field) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Path, b.Path)) })
	return list
}

// Report is what was added up, of so many events that were asked for, in so much time.
func (c *Comparison) Report(of int, took time.Duration) *Report {
	r := &c.report
	r.Of, r.Seconds, r.Fields, r.Reasons, r.Destinations = of, took.Seconds(), c.fields.list(), []*Reason{}, map[string]*Destination{}
	if r.Rules == nil {
		r.Rules = []*Rule{}
	}
	for name, t := range c.at {
		d := &t.Destination
		d.Fields = t.fields.list()
		if d.Examples == nil {
			d.Examples = []Example{}
		}
		r.Destinations[name] = d
		r.Changed = r.Changed || d.Appear+d.Disappear+d.Change > 0
	}
	for _, one := range c.reasons {
		if one.Before != one.After {
			r.Reasons = append(r.Reasons, one)
		}
	}
	slices.SortFunc(r.Reasons, func(a, b *Reason) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Reason, b.Reason))
	})
	r.Changed = r.Changed || len(r.Fields) > 0
	if r.Events > 0 {
		per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(r.Events) }
		r.Cost = Cost{per(c.spent[0]), per(c.spent[1])}
	}
	return r
}
