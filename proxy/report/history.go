// Package report answers what people ask of the counters: how many, when, why, and what was lost.
//
// It promises that a sum of it is the sum of what was counted in the time asked for, and that no answer holds anything about a person.
// It counts nothing itself.
package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/proxy/history"
)

// ErrAsked says that what was asked cannot be answered. The rest of its text is the cure.
var ErrAsked = errors.New("the question is not understood")

// Ask is a time and what of it is asked for; "" is any.
type Ask struct {
	Since, Until      time.Time
	Step              time.Duration // of History; 0: one that fits the time
	Site, Destination string
	Event             string // of Conversions
}

// Span is the time that an answer is about.
type Span struct {
	Since     time.Time  `json:"since"`
	Until     time.Time  `json:"until"`
	Began     time.Time  `json:"began"`               // nothing is known of before
	Headgates []Headgate `json:"headgates,omitempty"` // of a cluster, whose counts were asked for
}

// Headgate is one of a cluster: what it has counted since it began is part of an answer if it was there to be asked.
type Headgate struct {
	Writer string     `json:"writer"`
	Began  *time.Time `json:"began"` // null: it did not answer, and its counts are missing
}

// From returns the counters of a span.
type From func(history.Span) history.Counts

// History is what became of events over time.
type History struct {
	Span
	Step   int64    `json:"step"` // seconds
	Points int      `json:"points"`
	Writer string   `json:"writer"` // whose events these are
	Damage string   `json:"damage,omitempty"`
	Series []Series `json:"series"`
}

// Series are the counts of one state.
type Series struct {
	Site        string  `json:"site"`
	Destination string  `json:"destination,omitempty"`
	State       string  `json:"state"`
	Reason      string  `json:"reason,omitempty"`
	Detail      string  `json:"detail,omitempty"`
	Total       int64   `json:"total"`
	Counts      []int64 `json:"counts"`
}

const (
	mostPoints = 2000
	fewPoints  = 400
)

// steps are those that fit the clock.
var steps = [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour}

// OfHistory counts events by state and reason. Nothing before what is kept is read.
func OfHistory(from From, ask Ask) (*History, error) {
	step, err := ask.step()
	if err != nil {
		return nil, err
	}
	since, until := ask.Since.UTC().Truncate(step), ask.Until.UTC().Add(step-1).Truncate(step)
	points := int(until.Sub(since) / step)
	if points < 1 || points > mostPoints {
		return nil, fmt.Errorf("%w: from since to until there are %d steps of %s; at most %d can be shown: ask for longer steps", ErrAsked, points, step, mostPoints)
	}
	book := from(history.Span{Since: since, Until: until, Step: step, Kinds: []history.Kind{history.Events}})
	out := &History{Span: Span{Since: since, Until: until, Began: book.Began()}, Step: int64(step / time.Second), Points: points, Damage: book.Damage(), Series: []Series{}}
	places := map[history.Key]int{}
	err = book.Read(since, until, ask.wants(history.Events), func(at time.Time, k *history.Key, n, _ int64) {
		place, known := places[*k]
		if !known {
			place = len(out.Series)
			places[*k] = place
			out.Series = append(out.Series, Series{k.Site, k.Destination, k.What, k.Why, k.Detail, 0, make([]int64, points)})
		}
		s := &out.Series[place]
		s.Total += n
		s.Counts[at.Sub(since)/step] += n
	})
	slices.SortFunc(out.Series, func(a, b Series) int {
		return cmp.Or(strings.Compare(a.Destination, b.Destination), strings.Compare(a.Site, b.Site), strings.Compare(a.State, b.State),
			strings.Compare(a.Reason, b.Reason), strings.Compare(a.Detail, b.Detail))
	})
	return out, err
}

func (a *Ask) step() (time.Duration, error) {
	if !a.Since.Before(a.Until) {
		return 0, fmt.Errorf("%w: since is not before until", ErrAsked)
	}
	switch {
	case a.Step == 0:
		for _, step := range steps {
			if a.Until.Sub(a.Since) <= fewPoints*step {
				return step, nil
			}
		}
		return steps[len(steps)-1], nil
	case a.Step < time.Minute || a.Step%time.Minute != 0:
		return 0, fmt.Errorf("%w: step: expected whole minutes, such as 5m, not %s", ErrAsked, a.Step)
	}
	return a.Step, nil
}

// wants picks the counters of a kind that are about the site and destination asked for. With a destination, what is about none is
// wanted too: it is what the destination's share is of.
func (a *Ask) wants(kind history.Kind) func(*history.Key) bool {
	return func(k *history.Key) bool {
		return k.Kind == kind && (a.Site == "" || k.Site == a.Site) && (a.Destination == "" || k.Destination == a.Destination || k.Destination == "")
	}
}
