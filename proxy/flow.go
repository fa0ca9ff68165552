package proxy

import (
	"maps"
	"sync"
	"sync/atomic"

	"headgate/event"
	"headgate/proxy/history"
)

// flows count what is decided about the events of one site.
type flows struct {
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

// newFlows returns the flows of a plan by site, also of no site.
func newFlows(p *Plan, book *history.Book) map[*Site]*flows {
	all := map[*Site]*flows{&noSite: nil}
	for _, site := range p.sites {
		all[site] = nil
	}
	for site := range all {
		f := &flows{book: book, site: site.Name, accepted: book.Flow(site.Name, "").Counter("accepted", "", ""), purposes: len(p.Policy.Purposes())}
		for _, name := range p.names() {
			f.at = append(f.at, book.Flow(site.Name, name))
		}
		f.choices.Store(&map[choice]*history.Counter{})
		all[site] = f
	}
	return all
}

// counted is what is counted once the log has the event.
type counted struct {
	counter *history.Counter
	value   int64
	valued  bool
}

// tally notes what to count of a decision. arrived says that a source read the event, and no rule made it.
func (w *walker) tally(d *event.Decision, arrived bool) {
	f := w.flows
	w.counted = append(w.counted, counted{counter: f.accepted})
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			w.counted = append(w.counted, counted{counter: f.at[i].Counter(stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent))})
		}
	}
	if value, currency, is := f.book.ConversionOf(&d.Event); is {
		w.tallyConversion(d, value, currency)
	}
	if arrived {
		w.counted = append(w.counted, counted{counter: f.choice(&d.Consent, w.live.counts.consent)})
	}
}

func (w *walker) tallyConversion(d *event.Decision, value int64, currency string) {
	f := w.flows
	add := func(destination, state, reason, detail string) {
		c := f.book.Conversion(f.site, destination, d.Event.Name, currency).Counter(state, reason, detail)
		w.counted = append(w.counted, counted{c, value, true})
	}
	add("", "accepted", "", "")
	for i := range d.Outcomes {
		if o := &d.Outcomes[i]; !o.Action.Due() {
			add(o.Destination, stateNames[o.Action], string(o.Reason), detailOf(o, &d.Consent))
		}
	}
}

// count counts what was noted: the log has the events.
func (w *walker) count() {
	for i := range w.counted {
		if c := &w.counted[i]; c.valued {
			c.counter.AddValue(c.value)
		} else {
			c.counter.Add(1)
		}
	}
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
func (f *flows) choice(r *event.Record, tools *consentCounts) *history.Counter {
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

func (f *flows) learn(c choice, r *event.Record, tools *consentCounts) *history.Counter {
	f.mu.Lock()
	defer f.mu.Unlock()
	tool := c.tool
	if (*tools.known.Load())[tool] == nil { // the name comes from a page, and there are too many
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
