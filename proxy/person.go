package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/consent"
	"headgate/destinations"
	"headgate/event"
	"headgate/queue"
)

// Person is somebody who asks what is held about them, or not to be tracked.
type Person struct {
	Kind string `json:"kind"` // client_id, user_id or email
	ID   string `json:"id"`   // as events have it
}

// ErrPerson is a Person that names nobody.
var ErrPerson = errors.New("who is meant: kind is client_id, user_id or email, and id is not empty")

// check returns ErrPerson for nobody.
func (p Person) check() error {
	switch p.Kind {
	case "client_id", "user_id", "email":
		if strings.TrimSpace(p.ID) != "" {
			return nil
		}
	}
	return ErrPerson
}

// subject is how the suppression list and the receipts know the person.
func (p Person) subject() consent.Subject {
	switch p.Kind {
	case "client_id":
		return consent.ClientSubject(p.ID)
	case "user_id":
		return consent.UserSubject(p.ID)
	}
	return consent.EmailSubject(p.ID)
}

// did reports whether an event is the person's.
func (p Person) did(e *event.Event) bool {
	switch p.Kind {
	case "client_id":
		return e.User.ClientID == p.ID
	case "user_id":
		return e.User.UserID == p.ID
	}
	return e.User.Email != "" && consent.EmailSubject(e.User.Email) == p.subject()
}

// mayBeIn rules out stored events without decoding them. An e-mail address has too many spellings for that.
func (p Person) mayBeIn(stored []byte) bool {
	return p.Kind == "email" || bytes.Contains(stored, []byte(p.ID))
}

// atDestinations is how destinations find the person in what they wrote.
func (p Person) atDestinations() destinations.Person {
	out := destinations.Person{Field: "user." + p.Kind, Values: []string{p.ID}}
	if p.Kind == "email" {
		out.AnyCase = true
		out.Values = []string{strings.ToLower(strings.TrimSpace(p.ID)), p.subject().String()}
	}
	return out
}

// Held is one thing that is held about a person; one of the members is set.
type Held struct {
	Suppression *Suppression     `json:"suppression,omitempty"`
	Receipt     *consent.Receipt `json:"receipt,omitempty"`
	Event       *event.Trace     `json:"event,omitempty"` // with what became of it at each destination
	DeadLetter  *event.Trace     `json:"dead_letter,omitempty"`
}

// Suppression is an entry of the suppression list.
type Suppression struct {
	Subject   string     `json:"subject"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"` // null: nothing is ever sent
	Purposes  []string   `json:"purposes,omitempty"`
}

// Export calls fn with all that is held about a person: suppressions, receipts, the events in the log with what became of
// them, and dead letters. What destinations were sent is theirs. Other than the events, nothing holds the id in clear.
func (s *Server) Export(ctx context.Context, p Person, fn func(Held)) error {
	if err := p.check(); err != nil {
		return err
	}
	for _, stop := range s.subjects.list.Of(p.subject()) {
		entry := &Suppression{Subject: p.subject().String(), Purposes: stop.Purposes}
		if !stop.Withdrawn.IsZero() {
			entry.Withdrawn = &stop.Withdrawn
		}
		fn(Held{Suppression: entry})
	}
	err := s.subjects.receipts.about([]consent.Subject{p.subject()}, func(r *consent.Receipt) { fn(Held{Receipt: r}) })
	if err != nil {
		return fmt.Errorf("read the receipts: %w", err)
	}
	events, decisions, err := s.eventsOf(ctx, p)
	if err != nil {
		return err
	}
	traces := make([]*event.Trace, len(decisions))
	for i, d := range decisions {
		traces[i] = traceOf(d)
	}
	if err := s.addStandings(ctx, events, traces); err != nil {
		return err
	}
	for _, t := range traces {
		fn(Held{Event: t})
	}
	return s.eachDeadDecision(ctx, Pick{}, func(l DeadLetter, _ *delivery, _ string, d *event.Decision) {
		if p.did(&d.Event) {
			t := &event.Trace{Event: &d.Event, Source: d.Event.Source, Consent: &d.Consent}
			if o := d.Outcome(l.Destination); o != nil {
				t.Destinations = []event.DestinationTrace{{Outcome: *o, Verdict: &event.VerdictTrace{Verdict: "reject", Why: l.Why}}}
			}
			fn(Held{DeadLetter: t})
		}
	})
}

// eventsOf reads the person's events in the log.
func (s *Server) eventsOf(ctx context.Context, p Person) (events []queue.Stored, decisions []*event.Decision, err error) {
	err = s.log.Scan(ctx, time.Time{}, func(stored queue.Stored) bool {
		if !p.mayBeIn(stored.Bytes) {
			return ctx.Err() == nil
		}
		if d, err := event.DecodeLog(string(stored.Bytes)); err == nil && p.did(&d.Event) {
			events, decisions = append(events, stored), append(decisions, d)
		}
		return ctx.Err() == nil
	})
	return events, decisions, errors.Join(err, ctx.Err())
}

// Suppress makes sure that nothing of a person is sent any more, from now on and of what is pending.
func (s *Server) Suppress(_ context.Context, p Person, why string) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.subjects.suppress(p.subject(), p.Kind, why, s.now())
}

// Erasure is what became of a person's data at one destination. It tells only what is certain.
type Erasure struct {
	Destination string   `json:"destination"`
	Delivered   int      `json:"delivered"`         // events in the log that it has had, or that were dead letters and dropped before
	Stopped     int      `json:"stopped"`           // pending ones, which will not be sent
	Dropped     int      `json:"dropped"`           // dead letters that were dropped
	Elsewhere   int      `json:"elsewhere"`         // events that another Headgate of the cluster delivers
	Removed     int64    `json:"removed"`           // rows that the destination has removed
	Remains     []string `json:"remains,omitempty"` // where the person still is
	Advice      string   `json:"advice,omitempty"`  // what a person has to do
	Error       string   `json:"error,omitempty"`   // why removing failed
}

// Delete suppresses a person, stops what is pending, drops their dead letters, and has each destination remove what it can.
// What is in the log stays there, never to be sent, until its time is over: groups of events are not rewritten.
func (s *Server) Delete(ctx context.Context, p Person, why string) ([]Erasure, error) {
	if err := s.Suppress(ctx, p, why); err != nil {
		return nil, err
	}
	events, _, err := s.eventsOf(ctx, p)
	if err != nil {
		return nil, err
	}
	running, err := s.deliveries.pick("")
	if err != nil {
		return nil, err
	}
	var out []Erasure
	for _, d := range running {
		one := Erasure{Destination: d.name}
		standings, err := d.cursor.Standings(ctx, events)
		if err != nil {
			return out, err
		}
		for _, standing := range standings {
			switch standing {
			case queue.Delivered, queue.Done:
				one.Delivered++
			case queue.Waiting:
				one.Stopped++
			case queue.Elsewhere:
				one.Elsewhere++
			}
		}
		if one.Dropped, err = s.dropDeadOf(ctx, d, p); err != nil {
			return out, err
		}
		erased, err := d.target.Load().destination.Erase(ctx, p.atDestinations())
		if err != nil {
			one.Error = err.Error()
		}
		one.Removed, one.Remains, one.Advice = erased.Removed, erased.Remains, erased.Advice
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) dropDeadOf(ctx context.Context, d *delivery, p Person) (int, error) {
	var ids []string
	err := s.eachDeadDecision(ctx, Pick{Destination: d.name}, func(_ DeadLetter, _ *delivery, id string, decision *event.Decision) {
		if p.did(&decision.Event) {
			ids = append(ids, id)
		}
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return d.cursor.DropDead(ctx, ids...)
}
