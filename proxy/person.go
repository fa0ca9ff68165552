package proxy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"headgate/consent"
	"headgate/destinations"
	"headgate/event"
	"headgate/queue"
)

// atDestinations is how destinations find the person in what they wrote.
func (r *recognised) atDestinations() destinations.Person {
	out := destinations.Person{Field: "user." + r.kind.String(), Values: []string{r.id}}
	if r.kind == event.Email || r.kind == event.Phone {
		out.AnyCase = true
		for _, s := range r.subjects {
			if hash := s.String(); hash != r.id {
				out.Values = append(out.Values, hash)
			}
		}
	}
	return out
}

// people are identifiers to look for.
type people map[event.IdentifierHash]bool

func (s *Server) peopleOf(r *recognised) people {
	found := people{}
	for _, subject := range r.subjects {
		found[s.subjects.list.Hasher.Hash(subject)] = true
	}
	return found
}

// did reports whether an event is one of theirs.
func (p people) did(ids []event.Identifier) bool {
	return slices.ContainsFunc(ids, func(id event.Identifier) bool { return p[id.Hash] })
}

// eachIdentified calls fn with the events in the log and their identifiers, until it says false. Only what an older version
// wrote is decoded for that.
func (s *Server) eachIdentified(ctx context.Context, fn func(stored queue.Stored, ids []event.Identifier) bool) error {
	err := s.log.Scan(ctx, time.Time{}, func(stored queue.Stored) bool {
		ids, ok := event.PeekIdentifiers(stored.Bytes)
		if !ok {
			d, err := event.DecodeLog(string(stored.Bytes))
			if err != nil {
				return true // nobody knows whose it is
			}
			ids = s.subjects.list.Hasher.OfDecision(d)
		}
		return ctx.Err() == nil && fn(stored, ids)
	})
	return errors.Join(err, ctx.Err())
}

// Held is one thing that is held about a person; one of the members is set.
type Held struct {
	Person      *Understood      `json:"person,omitempty"` // the first: how the person was understood
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
	who, err := s.recognise(ctx, p)
	if err != nil {
		return err
	}
	understood := who.understood()
	fn(Held{Person: &understood})
	for _, stop := range s.subjects.list.Of(who.subject) {
		entry := &Suppression{Subject: who.subject.String(), Purposes: stop.Purposes}
		if !stop.Withdrawn.IsZero() {
			entry.Withdrawn = &stop.Withdrawn
		}
		fn(Held{Suppression: entry})
	}
	err = s.subjects.receipts.about(who.subjects, func(r *consent.Receipt) { fn(Held{Receipt: r}) })
	if err != nil {
		return fmt.Errorf("read the receipts: %w", err)
	}
	events, decisions, err := s.eventsOf(ctx, s.peopleOf(who))
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
	theirs := s.peopleOf(who)
	return s.eachDeadLetterDecision(ctx, Pick{}, func(l DeadLetter, _ *delivery, _ string, d *event.Decision) {
		if theirs.did(s.subjects.list.Hasher.OfDecision(d)) {
			t := &event.Trace{Event: &d.Event, Source: d.Event.Source, Consent: &d.Consent}
			if o := d.Outcome(l.Destination); o != nil {
				t.Destinations = []event.DestinationTrace{{Outcome: *o, Verdict: &event.VerdictTrace{Verdict: "reject", Why: l.Why}}}
			}
			fn(Held{DeadLetter: t})
		}
	})
}

// eventsOf reads people's events in the log.
func (s *Server) eventsOf(ctx context.Context, p people) (events []queue.Stored, decisions []*event.Decision, err error) {
	err = s.eachIdentified(ctx, func(stored queue.Stored, ids []event.Identifier) bool {
		if p.did(ids) {
			if d, err := event.DecodeLog(string(stored.Bytes)); err == nil {
				events, decisions = append(events, stored), append(decisions, d)
			}
		}
		return true
	})
	return events, decisions, err
}

// Suppressed is who is suppressed now.
type Suppressed struct {
	Understood
	Together int `json:"together"` // identifiers that were seen with this one and are suppressed, too
}

// Suppress makes sure that nothing of a person is sent any more, from now on and of what is pending. Whoever is named by an
// e-mail address, a phone number or a user id is stopped under every identifier that the log has seen together with it, and
// later under the client ids of the browsers that it is seen with. A client id stands for itself: people may share a browser.
func (s *Server) Suppress(ctx context.Context, p Person, why string) (Suppressed, error) {
	who, err := s.recognise(ctx, p)
	if err != nil {
		return Suppressed{}, err
	}
	return s.suppressPerson(ctx, who, why)
}

func (s *Server) suppressPerson(ctx context.Context, who *recognised, why string) (Suppressed, error) {
	out := Suppressed{Understood: who.understood()}
	lines := make([]stopLine, len(who.subjects))
	for i, subject := range who.subjects {
		lines[i] = stopLine{Subject: subject.String(), Kind: who.kind.String(), When: s.now(), Why: why}
	}
	if _, err := s.subjects.suppressAll(lines...); err != nil || !who.kind.Personal() {
		return out, err
	}
	others, err := s.together(ctx, s.peopleOf(who))
	if err != nil {
		return out, err
	}
	lines = lines[:0]
	for _, id := range others {
		lines = append(lines, s.subjects.hashed(id, why, s.now()))
	}
	out.Together = len(others)
	_, err = s.subjects.suppressAll(lines...)
	return out, err
}

// together returns the other identifiers of a person's events: of those that name the person, and of those that name them by
// another e-mail address, phone number or user id found so.
func (s *Server) together(ctx context.Context, person people) (others []event.Identifier, err error) {
	named, found := maps.Clone(person), people{}
	more := true
	look := func(ids []event.Identifier) {
		if !named.did(ids) {
			return
		}
		for _, id := range ids {
			if person[id.Hash] || found[id.Hash] {
				continue
			}
			found[id.Hash] = true
			others = append(others, id)
			if id.Kind.Personal() {
				named[id.Hash], more = true, true
			}
		}
	}
	for more && err == nil {
		more = false
		err = s.eachIdentified(ctx, func(_ queue.Stored, ids []event.Identifier) bool {
			look(ids)
			return true
		})
		if err == nil {
			err = s.eachDeadLetterDecision(ctx, Pick{}, func(_ DeadLetter, _ *delivery, _ string, d *event.Decision) {
				look(s.subjects.list.Hasher.OfDecision(d))
			})
		}
	}
	return others, err
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
func (s *Server) Delete(ctx context.Context, p Person, why string) (Suppressed, []Erasure, error) {
	who, err := s.recognise(ctx, p)
	if err != nil {
		return Suppressed{}, nil, err
	}
	done, err := s.suppressPerson(ctx, who, why)
	if err != nil {
		return done, nil, err
	}
	out, err := s.erase(ctx, who)
	return done, out, err
}

func (s *Server) erase(ctx context.Context, who *recognised) (out []Erasure, err error) {
	theirs := s.peopleOf(who)
	events, _, err := s.eventsOf(ctx, theirs)
	if err != nil {
		return nil, err
	}
	running, err := s.deliveries.pick("")
	if err != nil {
		return nil, err
	}
	for _, d := range running {
		one := Erasure{Destination: d.name}
		standings, err := d.cursor.Standings(ctx, events)
		if err != nil {
			return out, err
		}
		for _, standing := range standings {
			switch standing {
			case queue.Delivered, queue.DeliveredOrDropped:
				one.Delivered++
			case queue.Waiting:
				one.Stopped++
			case queue.Elsewhere:
				one.Elsewhere++
			}
		}
		if one.Dropped, err = s.dropDeadOf(ctx, d, theirs); err != nil {
			return out, err
		}
		erased, err := d.target.Load().destination.Erase(ctx, who.atDestinations())
		if err != nil {
			one.Error = err.Error()
		}
		one.Removed, one.Remains, one.Advice = erased.Removed, erased.Remains, erased.Advice
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) dropDeadOf(ctx context.Context, d *delivery, theirs people) (int, error) {
	var ids []string
	err := s.eachDeadLetterDecision(ctx, Pick{Destination: d.name}, func(_ DeadLetter, _ *delivery, id string, decision *event.Decision) {
		if theirs.did(s.subjects.list.Hasher.OfDecision(decision)) {
			ids = append(ids, id)
		}
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return d.cursor.DropDeadLetters(ctx, ids...)
}
