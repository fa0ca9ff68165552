// Package peers asks the other Headgates of a cluster for what each keeps for itself: its state, what it has counted, how destinations
// answered it. Whoever does not answer is named, and its part is missing. Without a cluster there is nobody to ask, and everything
// is answered by this Headgate alone.
package peers

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"headgate/event/trace"
	"headgate/proxy/attempts"
	"headgate/proxy/history"
	"headgate/proxy/report"
	"headgate/queue"
)

// Peers are the other Headgates of a cluster.
type Peers struct {
	Options
	all     *queue.Peers // nil without a cluster
	started time.Time
}

// Options are what this Headgate answers with, and what it knows itself.
type Options struct {
	Log     *queue.Log
	Book    *history.Book
	Answers *attempts.Store
	State   func() State
	Logger  *slog.Logger
	Now     func() time.Time
}

// State is how this Headgate is.
type State struct {
	Config string            // hash of the configuration in force
	Failed bool              // a newer one could not be loaded
	Idle   map[string]string // destinations that are not running, with their states
}

// New returns the peers of a log. Run has to be called for them to get answers.
func New(o Options) *Peers {
	return &Peers{Options: o, all: o.Log.Peers(), started: o.Now().UTC().Truncate(time.Second)}
}

// asked is one question: the state is part of every answer.
type asked struct {
	Counts   *history.Span `json:"counts,omitempty"`
	Attempts []attemptsOf  `json:"attempts,omitempty"`
}

// attemptsOf are those to deliver one event to one destination.
type attemptsOf struct {
	Destination string         `json:"destination"`
	Writer      string         `json:"writer"`
	Place       attempts.Place `json:"place"`
	Accepted    time.Time      `json:"accepted"`
}

// reply is what a Headgate answers.
type reply struct {
	Writer   string               `json:"writer"`
	Started  time.Time            `json:"started"`
	Config   string               `json:"config"` // hash of the one in force
	Failed   bool                 `json:"failed"` // a newer one could not be loaded
	Idle     map[string]string    `json:"idle"`   // destinations that are not running, with their states
	Began    time.Time            `json:"began"`  // of its counts
	Counts   []byte               `json:"counts,omitempty"`
	Attempts [][]attempts.Attempt `json:"attempts,omitempty"`
}

// Run answers what others ask, until ctx ends.
func (p *Peers) Run(ctx context.Context) {
	if p.all == nil {
		return
	}
	if err := p.all.Answer(ctx, p.answer); err != nil {
		p.Logger.Warn("the other Headgates get no answers from this one: their consoles do not show what it has counted", "error", err)
	}
}

func (p *Peers) answer(question []byte) []byte {
	var q asked
	if json.Unmarshal(question, &q) != nil {
		return nil
	}
	out := p.self()
	if q.Counts != nil {
		counts, err := p.Book.Extract(*q.Counts)
		if err != nil {
			p.Logger.Debug("read the history for another Headgate", "error", err)
			return nil
		}
		out.Counts = counts
	}
	for _, of := range q.Attempts {
		found, err := p.Answers.Of(of.Destination, of.Writer, of.Place, of.Accepted)
		if err != nil {
			p.Logger.Debug("read attempts for another Headgate", "error", err)
		}
		out.Attempts = append(out.Attempts, found)
	}
	said, err := json.Marshal(out)
	if err != nil {
		p.Logger.Debug("answer another Headgate", "error", err)
		return nil
	}
	return said
}

// self is the state of this Headgate.
func (p *Peers) self() *reply {
	state := p.State()
	return &reply{Writer: p.Log.Writer(), Started: p.started, Config: state.Config, Failed: state.Failed, Idle: state.Idle, Began: p.Book.Began()}
}

// ask returns the answers of the others by process, none without a cluster. A cluster that does not work is no error: what this
// Headgate knows is shown without the others.
func (p *Peers) ask(ctx context.Context, q asked) map[string]*reply {
	if p.all == nil {
		return nil
	}
	question, err := json.Marshal(q)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	answers, err := p.all.Ask(ctx, question)
	if err != nil {
		p.Logger.Debug("ask the other Headgates", "error", err)
	}
	out := map[string]*reply{}
	for process, said := range answers {
		t := &reply{}
		if json.Unmarshal(said, t) == nil {
			out[process] = t
		}
	}
	return out
}

// Counts are the counts of all Headgates.
type Counts struct {
	From      report.From       // reads them
	Headgates []report.Headgate // whose they are, once they were read; nil without a cluster
}

// Counts returns how the counters of all Headgates are read.
func (p *Peers) Counts(ctx context.Context) *Counts {
	all := &Counts{}
	all.From = func(span history.Span) history.Counts {
		together := history.NewTogether(p.Book)
		if p.all == nil {
			return together
		}
		began := p.Book.Began()
		all.Headgates = []report.Headgate{{Writer: p.Log.Writer(), Began: &began}}
		answers := p.ask(ctx, asked{Counts: &span})
		for _, t := range answers {
			one := report.Headgate{Writer: t.Writer}
			if together.Add(t.Counts, t.Began) {
				one.Began = &t.Began
			}
			all.Headgates = append(all.Headgates, one)
		}
		for _, name := range p.silent(ctx, answers) {
			all.Headgates = append(all.Headgates, report.Headgate{Writer: name})
		}
		slices.SortFunc(all.Headgates, func(a, b report.Headgate) int { return strings.Compare(a.Writer, b.Writer) })
		return together
	}
	return all
}

// silent are the writers whose events are held by a process that did not answer.
func (p *Peers) silent(ctx context.Context, answers map[string]*reply) (names []string) {
	holders, err := p.all.Holders(ctx)
	if err != nil {
		p.Logger.Debug("ask who delivers whose events", "error", err)
	}
	for writer, process := range holders {
		if process != p.all.Self() && answers[process] == nil {
			names = append(names, writer)
		}
	}
	return names
}

// AddAttempts says how destinations answered, as far as it is known: whoever delivered an event has kept it.
func (p *Peers) AddAttempts(ctx context.Context, events []queue.Stored, traces []*trace.Trace) error {
	var q asked
	var at []*trace.Destination
	for i, t := range traces {
		e := &events[i]
		for k := range t.Destinations {
			d := &t.Destinations[k]
			of := attemptsOf{d.Destination, e.Writer, attempts.Place{Group: e.Group, Index: e.Index}, e.Time}
			found, err := p.Answers.Of(of.Destination, of.Writer, of.Place, of.Accepted)
			if err != nil {
				return err
			}
			for _, a := range found {
				d.Attempts = append(d.Attempts, trace.Attempt(a))
			}
			q.Attempts, at = append(q.Attempts, of), append(at, d)
		}
	}
	for _, t := range p.ask(ctx, q) {
		for i, found := range t.Attempts[:min(len(t.Attempts), len(at))] {
			for _, a := range found {
				at[i].Attempts = append(at[i].Attempts, trace.Attempt(a))
			}
		}
	}
	for _, d := range at {
		slices.SortStableFunc(d.Attempts, func(a, b trace.Attempt) int { return a.Time.Compare(b.Time) })
	}
	return nil
}
