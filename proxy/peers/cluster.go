package peers

import (
	"context"
	"time"

	"headgate/queue"
)

// Cluster is the answer of /api/cluster: who accepts events, who delivers them, and who is gone. Without a cluster there is one.
type Cluster struct {
	Clustered bool     `json:"clustered"`
	Self      string   `json:"self"` // the Headgate that answers
	Writers   []Writer `json:"writers"`
}

// The states of a Writer.
const (
	writerRunning = "running" // its process answers
	writerSilent  = "silent"  // its process holds its events but does not answer
	writerGone    = "gone"    // there is no process of that name; held_by has its events, nobody while it is ""
)

// Writer is a Headgate, running or not, and what it has accepted.
type Writer struct {
	Name         string              `json:"name"`
	State        string              `json:"state"`
	HeldBy       string              `json:"held_by"`
	Accepted     int64               `json:"accepted"`
	Pending      int64               `json:"pending"`
	Destinations map[string]WriterAt `json:"destinations"`
	Saved        *time.Time          `json:"saved"` // when it last wrote down how far it is; null: never
	// Of one that runs.
	Started *time.Time `json:"started,omitempty"`
	Config  string     `json:"config,omitempty"` // hash of the configuration in force
	Failed  bool       `json:"failed,omitempty"` // a newer configuration could not be loaded
}

// WriterAt is what a Headgate's events still wait for at a destination.
type WriterAt struct {
	State       string `json:"state,omitempty"` // of one that runs: paused or halted there; left out when running
	Pending     int64  `json:"pending"`
	Retrying    int64  `json:"retrying"` // a part of pending
	DeadLetters int64  `json:"dead_letters"`
}

// Cluster says who accepts events and who delivers them.
func (p *Peers) Cluster(ctx context.Context) (*Cluster, error) {
	writers, err := p.Log.Writers(ctx)
	if err != nil {
		return nil, err
	}
	self := p.self()
	out := &Cluster{Clustered: p.all != nil, Self: self.Writer, Writers: make([]Writer, 0, len(writers))}
	by := p.ask(ctx, asked{})
	if p.all != nil {
		by[p.all.Self()] = self
	}
	for i := range writers {
		w := &writers[i]
		holder := by[w.Holder]
		if w.Own || p.all == nil {
			holder = self
		}
		out.Writers = append(out.Writers, writerOf(w, holder))
	}
	return out, nil
}

func writerOf(w *queue.WriterStatus, holder *reply) Writer {
	out := Writer{Name: w.Name, State: writerGone, Accepted: int64(w.Accepted), Destinations: map[string]WriterAt{}}
	if !w.Saved.IsZero() {
		saved := w.Saved.UTC().Truncate(time.Second)
		out.Saved = &saved
	}
	for _, c := range w.Cursors {
		out.Pending += int64(c.Pending)
		out.Destinations[c.Name] = WriterAt{Pending: int64(c.Pending), Retrying: int64(c.Retrying), DeadLetters: int64(c.DeadLetters)}
	}
	switch {
	case holder == nil && w.Holder != "":
		out.State = writerSilent
	case holder == nil:
	case holder.Writer != w.Name:
		out.HeldBy = holder.Writer
	default:
		out.State, out.HeldBy, out.Started, out.Config, out.Failed = writerRunning, w.Name, &holder.Started, holder.Config, holder.Failed
		for name, state := range holder.Idle {
			at := out.Destinations[name]
			at.State = state
			out.Destinations[name] = at
		}
	}
	return out
}
