package resend

import (
	"context"
	"time"

	"headgate/proxy/decide"
	"headgate/queue"
)

// Replay says which events to send again to a destination. Consent may only have become stricter since.
type Replay struct {
	To          string
	Since       time.Time // received then or later; the zero time for all that is kept
	DeadLetters bool      // only its dead letters
	Where       string    // a formula on the event
	DryRun      bool      // count, send nothing
}

// Tally is how far a replay has come.
type Tally struct {
	Read    int64 `json:"read"`    // events looked at
	Of      int64 `json:"of"`      // events to look at, at most
	Matched int64 `json:"matched"` // sent again, or would be
	// Had is how many of them the destination may have had: it does not recognise duplicates, and may count them twice. Only
	// a dry run finds out.
	Had int64 `json:"had,omitempty"`
}

// Replay sends events of the log to a destination again, as r says: those that it had, and those that came before it
// existed and that it may have by their recorded consent. progress is called now and then, from one goroutine; the final
// tally is returned. ErrNotFound when there is no such destination.
func (s *Resender) Replay(ctx context.Context, r Replay, progress func(Tally)) (tally Tally, err error) {
	if r.DeadLetters {
		return s.replayDead(ctx, r, progress)
	}
	d, err := s.deliveries.Find(r.To)
	if err != nil {
		return tally, err
	}
	p := s.plan()
	where, err := p.Condition(r.Where)
	if err != nil {
		return tally, err
	}
	m := p.Language.Machine()
	defer m.Release()
	t := d.Target()
	of, err := s.log.Count(ctx, r.Since)
	if err != nil {
		return tally, err
	}
	tally.Of = int64(of)
	progress(tally)
	sites := map[string]int64{} // events that are sent again
	pick := func(stored queue.Stored) (queue.State, bool) {
		if tally.Read++; tally.Read%1000 == 0 {
			progress(tally)
		}
		decision, action, again := t.Again(stored, where, m)
		if again {
			tally.Matched++
			sites[decision.Event.Site]++
		}
		return decide.StateOf(action), again
	}
	var again, had int
	if r.DryRun {
		again, had, err = d.Cursor().TryReplay(ctx, r.Since, pick)
	} else {
		if again, err = d.Cursor().Replay(ctx, r.Since, pick); err == nil {
			s.countAgain(r.To, "replay", sites)
		}
	}
	tally.Matched = int64(again)
	if t.CountsTwice() {
		tally.Had = int64(had)
	}
	return tally, err
}

func (s *Resender) replayDead(ctx context.Context, r Replay, progress func(Tally)) (tally Tally, err error) {
	pick := Pick{Destination: r.To, Since: r.Since, Where: r.Where}
	found, err := s.DeadLetters(ctx, pick)
	total := int64(found.Total)
	tally = Tally{Read: total, Of: total, Matched: total, Had: int64(found.Unsure)}
	if err != nil || r.DryRun {
		return tally, err
	}
	progress(tally)
	n, err := s.RetryDeadLetters(ctx, pick)
	tally.Matched = int64(n)
	return tally, err
}
