package counts

import (
	"maps"
	"sync"
	"sync/atomic"

	"headgate/event"
	"headgate/proxy/history"
)

// Flows count what is decided about the events of one site.
type Flows struct {
	book     *history.Book
	site     string
	accepted *history.Counter
	at       []*history.Flow // of the destinations of the plan, in order
	purposes int             // so many states of a record are about purposes

	mu      sync.Mutex // one at a time adds a choice
	choices atomic.Pointer[map[choice]*history.Counter]
}

// choice is what a visitor chose, as it is counted.
type choice struct {
	country, tool string
	states        uint64 // two bits for each purpose
	marks         history.Marks
}

// NewFlows returns the counters of a site, "" for hosts of none, and of destinations in order. So many states of a record are about
// purposes.
func NewFlows(book *history.Book, site string, destinations []string, purposes int) *Flows {
	f := &Flows{book: book, site: site, accepted: book.Flow(site, "").Counter("accepted", "", ""), purposes: purposes}
	for _, name := range destinations {
		f.at = append(f.at, book.Flow(site, name))
	}
	f.choices.Store(&map[choice]*history.Counter{})
	return f
}

// Counted is what is counted once the log has the event.
type Counted struct {
	counter *history.Counter
	value   int64
	valued  bool
}

// Add counts it.
func (c *Counted) Add() {
	if c.valued {
		c.counter.AddValue(c.value)
	} else {
		c.counter.Add(1)
	}
}

// Note appends what to count of a decision. arrived says that a source read the event, and no rule made it.
func (f *Flows) Note(list []Counted, d *event.Decision, arrived bool, tools *Consent) []Counted {
	list = append(list, Counted{counter: f.accepted})
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			list = append(list, Counted{counter: f.at[i].Counter(stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent))})
		}
	}
	if value, currency, is := f.book.ConversionOf(&d.Event); is {
		list = f.noteConversion(list, d, value, currency)
	}
	if arrived {
		list = append(list, Counted{counter: f.choice(&d.Consent, tools)})
	}
	return list
}

// CountAlert counts an alert of Headgate itself, which the log has.
func (f *Flows) CountAlert(d *event.Decision) {
	f.book.Flow(f.site, "").Counter("accepted", string(event.OwnAlert), "").Add(1)
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			f.at[i].Counter(stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent)).Add(1)
		}
	}
}

func (f *Flows) noteConversion(list []Counted, d *event.Decision, value int64, currency string) []Counted {
	add := func(destination, state, reason, detail string) {
		c := f.book.Conversion(f.site, destination, d.Event.Name, currency).Counter(state, reason, detail)
		list = append(list, Counted{c, value, true})
	}
	add("", "accepted", "", "")
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			add(o.Destination, stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent))
		}
	}
	return list
}

// stateNames are the states of events that are not due.
var stateNames = [...]string{event.Deny: "denied", event.Filter: "filtered"}

// detailOf is the rule that left an event out, or the purpose that was not granted: words of the configuration.
func detailOf(o *event.Outcome, r *event.Record) string {
	switch o.Reason {
	case event.DroppedByRule, event.SkippedByRule, event.SampledOut:
		return o.Text
	}
	if at := int(o.Cites[0]) - 1; o.Action == event.Deny && at >= 0 && at < len(r.States) {
		return r.States[at].Purpose
	}
	return ""
}

// choice returns the counter of what a record says that a visitor chose.
func (f *Flows) choice(r *event.Record, tools *Consent) *history.Counter {
	c := choice{country: r.Country, tool: r.Tool(), marks: history.MarksOf(r)}
	for i := range r.States[:min(f.purposes, len(r.States))] {
		switch r.States[i].State {
		case event.Granted:
			c.states |= 1 << (2 * i)
		case event.Denied:
			c.states |= 2 << (2 * i)
		}
	}
	if counter := (*f.choices.Load())[c]; counter != nil {
		return counter
	}
	return f.learn(c, r, tools)
}

// mostChoices bounds what is found without the book's lock.
const mostChoices = 2000

func (f *Flows) learn(c choice, r *event.Record, tools *Consent) *history.Counter {
	f.mu.Lock()
	defer f.mu.Unlock()
	tool := c.tool
	if !tools.names(tool) { // the name comes from a page, and there are too many
		tool = history.Other
	}
	if c.tool == "" {
		tool = ""
	}
	counter := f.book.Counter(history.ConsentKey(f.site, tool, r, f.purposes))
	if known := *f.choices.Load(); len(known) < mostChoices {
		more := maps.Clone(known)
		c.country, c.tool = string([]byte(c.country)), string([]byte(c.tool)) // they may be parts of a request
		more[c] = counter
		f.choices.Store(&more)
	}
	return counter
}
