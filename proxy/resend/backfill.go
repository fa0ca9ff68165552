package resend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/proxy/delivery"
)

// Backfill says which stored events to load into a destination's store once more.
type Backfill struct {
	From  string // "log", or a destination that keeps files which can be read
	To    string
	Since time.Time // accepted then or later; the zero time for all that is kept
	Until time.Time // and before then; the zero time is now
	Where string    // a formula on the event
	Asked string    // the same in the words of who asks; asked so again, it goes on where it ended

	Again  bool // it begins anew, wherever an earlier one has ended
	DryRun bool // count, send nothing
}

// Filled is how far a backfill has come.
type Filled = delivery.Filled

// ErrBackfill are reasons why a backfill cannot begin or go on that a person can do something about.
var ErrBackfill = delivery.ErrBackfill

// Backfill loads stored events into a destination's store once more, or those that it never had; see delivery.Deliveries. When the
// configuration is loaded anew meanwhile, it goes on with that. ErrNotFound when there is no such destination.
func (s *Resender) Backfill(ctx context.Context, b Backfill, progress func(Filled)) (filled Filled, err error) {
	ask := delivery.Backfill{From: b.From, To: b.To, Since: b.Since, Until: b.Until, DryRun: b.DryRun, Asked: b.Asked, Again: b.Again}
	if ask.Until.IsZero() {
		ask.Until = s.now()
	}
	if !ask.Since.Before(ask.Until) {
		return filled, fmt.Errorf("%w: nothing is between since and until", ErrBackfill)
	}
	for {
		if ask.Where, err = s.plan().Condition(b.Where); err != nil {
			return filled, err
		}
		filled, err = s.deliveries.Backfill(ctx, ask, progress)
		if !errors.Is(err, delivery.ErrReplaced) || ctx.Err() != nil {
			return filled, err
		}
		ask.Again = false
	}
}
