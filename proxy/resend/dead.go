package resend

import (
	"context"
	"slices"
	"time"

	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/event/wording"
	"headgate/proxy/decide"
	"headgate/proxy/delivery"
	"headgate/proxy/explain"
	"headgate/queue"
	"headgate/rules"
)

// Pick chooses dead letters; the zero value picks all.
type Pick struct {
	Destination string    // "" for every destination
	IDs         []string  // event ids, none for all
	Since       time.Time // rejected then or later
	Where       string    // a formula on the event
	After       string    // of a list: the cursor of the last letter of the page before
	Limit       int       // of a list: the most letters, 0 for no limit
}

// DeadLetter is a rejected event.
type DeadLetter struct {
	Cursor      string // where a list continues
	Destination string
	EventID     string
	EventName   string
	EventTime   time.Time
	Rejected    time.Time
	Attempts    int
	Why         string       // the destination's words
	Unsure      bool         // it may have arrived: it was given up after failures, and what arrives twice is not recognised there
	Trace       *trace.Trace // of a single one; nil in lists
}

// DeadLetters are a page of dead letters.
type DeadLetters struct {
	Letters []DeadLetter // oldest first within each destination
	Total   int          // in all that are picked, whatever the page
	Unsure  int          // of Total
}

// DeadLetters lists the dead letters that p picks.
func (s *Resender) DeadLetters(ctx context.Context, p Pick) (out DeadLetters, err error) {
	passed := p.After == ""
	err = s.eachDeadLetter(ctx, p, func(l DeadLetter, _ *delivery.Delivery, _ string) {
		out.Total++
		if l.Unsure {
			out.Unsure++
		}
		if passed && (p.Limit == 0 || len(out.Letters) < p.Limit) {
			out.Letters = append(out.Letters, l)
		}
		passed = passed || l.Cursor == p.After
	})
	return out, err
}

// DeadLetter returns one dead letter with its trace; ErrNotFound when there is none.
func (s *Resender) DeadLetter(ctx context.Context, destination, eventID string) (DeadLetter, error) {
	var found *DeadLetter
	var decision *event.Decision
	plan := s.plan()
	err := s.eachDeadLetterDecision(ctx, Pick{Destination: destination, IDs: []string{eventID}}, func(l DeadLetter, _ *delivery.Delivery, _ string, d *event.Decision) {
		found, decision = &l, d
	})
	switch {
	case err != nil:
		return DeadLetter{}, err
	case found == nil:
		return DeadLetter{}, delivery.ErrNotFound
	}
	t := explain.TraceOf(decision)
	t.Destinations = nil
	if o := decision.Outcome(destination); o != nil {
		t.Destinations = []trace.Destination{{Outcome: *o, Because: wording.Sentence(o, &decision.Consent)}}
	}
	explain.AddRequests(plan, t, decision)
	decide.CoverStored(plan, t, decision)
	for i := range t.Destinations {
		t.Destinations[i].Verdict = &trace.Verdict{Verdict: "reject", Why: found.Why}
	}
	found.Trace = t
	return *found, nil
}

// RetryDeadLetters makes the picked dead letters pending again and returns how many they were.
func (s *Resender) RetryDeadLetters(ctx context.Context, p Pick) (int, error) {
	return s.changeDead(ctx, p, (*queue.Cursor).RetryDeadLetters, func(d *delivery.Delivery, sites map[string]int64) {
		s.countAgain(d.Name(), "dead", sites)
	})
}

// DropDeadLetters forgets the picked dead letters for good and returns how many they were; they stay counted as rejected.
func (s *Resender) DropDeadLetters(ctx context.Context, p Pick) (int, error) {
	return s.changeDead(ctx, p, (*queue.Cursor).DropDeadLetters, func(*delivery.Delivery, map[string]int64) {})
}

func (s *Resender) changeDead(ctx context.Context, p Pick, change func(*queue.Cursor, context.Context, ...string) (int, error),
	done func(d *delivery.Delivery, sites map[string]int64)) (int, error) {
	picked, sites := map[*delivery.Delivery][]string{}, map[*delivery.Delivery]map[string]int64{}
	err := s.eachDeadLetterDecision(ctx, p, func(_ DeadLetter, d *delivery.Delivery, id string, decision *event.Decision) {
		if picked[d] = append(picked[d], id); sites[d] == nil {
			sites[d] = map[string]int64{}
		}
		sites[d][decision.Event.Site]++
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for d, ids := range picked {
		n, err := change(d.Cursor(), ctx, ids...)
		total += n
		if err != nil {
			return total, err
		}
		done(d, sites[d])
	}
	return total, nil
}

func (s *Resender) eachDeadLetter(ctx context.Context, p Pick, fn func(l DeadLetter, d *delivery.Delivery, id string)) error {
	return s.eachDeadLetterDecision(ctx, p, func(l DeadLetter, d *delivery.Delivery, id string, _ *event.Decision) { fn(l, d, id) })
}

// eachDeadLetterDecision calls fn with all dead letters that p picks, whatever its page.
func (s *Resender) eachDeadLetterDecision(ctx context.Context, p Pick, fn func(l DeadLetter, d *delivery.Delivery, id string, decision *event.Decision)) error {
	plan := s.plan()
	where, err := plan.Condition(p.Where)
	if err != nil {
		return err
	}
	found, err := s.deliveries.Pick(p.Destination)
	if err != nil {
		return err
	}
	m := plan.Language.Machine()
	defer m.Release()
	for _, d := range found {
		err := d.Cursor().DeadLetters(ctx, "", func(l queue.DeadLetter) bool {
			if l.When.Before(p.Since) {
				return true
			}
			decision, err := layout.Decode(string(l.Bytes))
			if err != nil { // it can be dropped, and cannot be sent
				decision = &event.Decision{}
			}
			e := &decision.Event
			if len(p.IDs) > 0 && !slices.Contains(p.IDs, e.ID) {
				return true
			}
			if where != nil {
				if picked, err := where.Truth(m, &rules.Env{Event: e}); err != nil || !picked {
					return true
				}
			}
			fn(DeadLetter{
				Cursor: d.Name() + "/" + l.ID, Destination: d.Name(), EventID: e.ID, EventName: e.Name, EventTime: e.Time,
				Rejected: l.When, Attempts: l.Attempt, Why: l.Why,
				Unsure: d.MayHaveArrived(&l),
			}, d, l.ID, decision)
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EachDeadLetter calls fn with all dead letters of a destination, or of all of them for "".
func (s *Resender) EachDeadLetter(ctx context.Context, destination string, fn func(destination, id, why string, d *event.Decision)) error {
	return s.eachDeadLetterDecision(ctx, Pick{Destination: destination}, func(l DeadLetter, _ *delivery.Delivery, id string, d *event.Decision) {
		fn(l.Destination, id, l.Why, d)
	})
}

// DropDeadLettersOf forgets dead letters of a destination and returns how many they were.
func (s *Resender) DropDeadLettersOf(ctx context.Context, destination string, ids []string) (int, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return 0, err
	}
	return d.Cursor().DropDeadLetters(ctx, ids...)
}
