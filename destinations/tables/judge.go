package tables

import (
	"errors"
	"fmt"
	"time"

	"headgate/destinations"
	"headgate/destinations/rest"
)

// Unprepared is an error with a table, which is no event's fault.
type Unprepared struct{ Err error }

func (u *Unprepared) Error() string { return u.Err.Error() }
func (u *Unprepared) Unwrap() error { return u.Err }

// Missing is a table that is not there or lacks columns, and may not be changed.
type Missing struct {
	Table   string
	Columns []string // none: it is not there
}

func (m *Missing) Error() string {
	what := "there is no table " + m.Table + "; make it"
	if len(m.Columns) > 0 {
		what = fmt.Sprintf("the table %s lacks %d columns, the first is %s; add them", m.Table, len(m.Columns), m.Columns[0])
	}
	return what + " with what `headgate warehouse ddl` prints, or write schema: manage"
}

// Judge is the verdict on events that were written together. blame says whose fault the store's own errors are; it yields no Kind for
// what is none of them, which is judged as the network's.
func Judge(err error, blame func(error) (destinations.Kind, time.Duration)) destinations.Verdict {
	if err == nil {
		return destinations.Verdict{Kind: destinations.Delivered}
	}
	v := destinations.Verdict{Why: err.Error()}
	var missing *Missing
	var unprepared *Unprepared
	if errors.As(err, &missing) {
		v.Kind = destinations.Halt
		return v
	}
	if v.Kind, v.After = blame(err); v.Kind == 0 {
		v.Kind = rest.Blame(err)
	}
	if v.Kind == destinations.Reject && errors.As(err, &unprepared) {
		v.Kind = destinations.Halt
	}
	return v
}
