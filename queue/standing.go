package queue

import (
	"context"
	"fmt"
	"slices"
)

// Standing is how far a stored event has come at one destination.
type Standing uint8

// The standings.
const (
	Delivered     Standing = iota // it was due and is done
	Done                          // the same, or it was one of this cursor's dead letters that were dropped: which is not kept
	Waiting                       // it is still to be delivered
	Rejected                      // it is a dead letter
	LeftOut                       // it was filtered or denied when it came
	LateFiltered                  // it was due, but filtered when it was to be sent
	LateDenied                    // it was due, but denied when it was to be sent
	LateDuplicate                 // it was due, but the cursor had had the same event
	Elsewhere                     // a Headgate that runs elsewhere knows
)

// Standings returns how far each of some events of Scan has come for this cursor.
func (c *Cursor) Standings(ctx context.Context, events []Stored) ([]Standing, error) {
	out := make([]Standing, len(events))
	pasts := map[*lane]map[origin]past{}
	for i := range events {
		e := &events[i]
		ln := c.laneOf(e.Writer)
		if ln == nil {
			out[i] = Elsewhere
			continue
		}
		if pasts[ln] == nil {
			var err error
			if pasts[ln], err = ln.pasts(ctx); err != nil {
				return nil, fmt.Errorf("how far %s has come: %w", c.name, err)
			}
		}
		out[i] = ln.standing(e, pasts[ln][origin{e.Group, e.Index}])
	}
	return out, nil
}

func (ln *lane) standing(e *Stored, p past) Standing {
	was := Filtered
	if at := slices.Index(e.Names, ln.cursor.name); at >= 0 {
		was = e.States[at]
	}
	finished := ln.finished(e.Group)
	ln.book.log.mu.Lock()
	dropped := ln.account.Dropped
	ln.book.log.mu.Unlock()
	switch {
	case p.dead:
		return Rejected
	case p.waits:
		return Waiting
	case p.late == filteredRecord:
		return LateFiltered
	case p.late == deniedRecord:
		return LateDenied
	case p.late == duplicateRecord:
		return LateDuplicate
	case !was.Due() && !p.replayed:
		return LeftOut
	case was.Due() && !finished:
		return Waiting
	case dropped > 0:
		return Done
	}
	return Delivered
}
