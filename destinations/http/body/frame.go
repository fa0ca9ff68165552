package body

import (
	"headgate/event"
	"headgate/rules"
)

// Row is one event in a request, under one name of theirs.
type Row struct {
	Sending int // index in the batch
	Event   *event.Event
	Theirs  string
	Renamed bool // Theirs was made valid
	Attempt int
}

// A Frame is the state of encoding: the current request, its current event, and the current element of a list.
type Frame struct {
	Machine *rules.Machine
	Env     rules.Env
	Rows    []Row

	Masked bool        // credentials are ***
	Failed func(error) // called with the error of each formula that failed and yielded nothing
}

// At moves the frame to an event.
func (f *Frame) At(r *Row) {
	f.Env.Event, f.Env.Theirs, f.Env.Attempt = r.Event, r.Theirs, r.Attempt
}

// Value runs a template; what failed is null.
func (f *Frame) Value(t *rules.Template) event.Value {
	v, err := t.Value(f.Machine, &f.Env)
	if err != nil {
		f.fail(err)
		return event.Value{}
	}
	return v
}

// Text runs a template for its text; what failed is "".
func (f *Frame) Text(t *rules.Template) string {
	if t == nil {
		return ""
	}
	s, err := t.Text(f.Machine, &f.Env)
	if err != nil {
		f.fail(err)
		return ""
	}
	return s
}

// Holds runs a condition; none holds always, one that failed does not.
func (f *Frame) Holds(c *rules.Formula) bool {
	if c == nil {
		return true
	}
	yes, err := c.Truth(f.Machine, &f.Env)
	if err != nil {
		f.fail(err)
		return false
	}
	return yes
}

func (f *Frame) fail(err error) {
	if f.Failed != nil {
		f.Failed(err)
	}
}
