// Package answers answers questions about visitors: it reads a question's parameters, has the rows of the store counted, and says what
// came of it, as a value for JSON and as a table.
//
// It promises that the same question about the same rows has the same answer. It never writes a row, never follows the log, and never
// says who a visitor is: it is given the numbers that stand for them.
package answers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/insight/terms"
)

// What callers test for.
var (
	ErrOff     = errors.New("the configuration has no insight section: write insight: {} to turn it on")
	ErrUnknown = errors.New("insight knows nothing of it")
	ErrAsk     = errors.New("the question is not understood")
)

func wrong(form string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAsk, fmt.Sprintf(form, args...))
}

// Answer is what insight says: a value for JSON, and its main list as a table.
type Answer struct {
	JSON   any
	Header []string
	Rows   [][]string
}

// Serving is what questions are answered by while one configuration is in force.
type Serving struct {
	Terms *terms.Terms
	Store *store.Store
	// NumberOf is the number that stands for a client id.
	NumberOf func(clientID string) uint64
	// Reach returns when the rows of a period are in the store, as far as they can be had.
	Reach func(ctx context.Context, period count.Period) error
	days  days
}

// Remembered is how many whole days need not be counted again.
func (in *Serving) Remembered() int {
	in.days.mu.Lock()
	defer in.days.mu.Unlock()
	return len(in.days.known)
}

// Answerer answers questions. All methods may be called from anywhere; while insight is off they return ErrOff.
type Answerer struct {
	serving func() *Serving // nil while insight is off
	now     func() time.Time
	dropped dropped
}

// New returns an Answerer that answers each question by what is served then.
func New(serving func() *Serving, now func() time.Time) *Answerer {
	return &Answerer{serving: serving, now: now}
}

// keeps is how long rows are kept.
func (an *Answerer) keeps() time.Duration {
	if in := an.serving(); in != nil {
		return in.Terms.Keep.Std()
	}
	return 0
}
