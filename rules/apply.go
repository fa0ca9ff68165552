package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"headgate/event"
	"headgate/event/trace"
	"headgate/rules/formula"
)

// maxEmitted is how many events one event may bring about, directly and through the events it emits.
const maxEmitted = 16

// maxObjects is how many objects an event has.
const maxObjects = 6

// Result is what the rules did with an event besides changing it.
type Result struct {
	DroppedBy string          // the rule that dropped it for all destinations, "" when none did
	Sampled   bool            // DroppedBy did so since the event does not belong to the share that it keeps
	Skipped   []Skip          // destinations that do not get it
	Emitted   []Event         // further events
	Changed   []event.Changed // what they changed, in the order in which they first did, until the machine is released
	Failed    int             // formulas that failed; each left its key out
}

// Skip is one destination that a rule keeps an event from.
type Skip struct{ Destination, Rule string }

// Event is an event that a rule emitted. It has still to go through the rules that follow that rule: see Continue.
type Event struct {
	event.Event
	Rule  string // that emitted it
	after int    // position of the next rule
	left  *int   // how many more events the first event may bring about, shared by all of them
}

// Skips returns the rule that keeps the event from a destination, "" when none does.
func (r *Result) Skips(destination string) (rule string) {
	for _, s := range r.Skipped {
		if s.Destination == destination {
			return s.Rule
		}
	}
	return ""
}

// Apply runs the rules on e, top to bottom, until one drops it. It changes e; maps and lists that e shares with another
// event are copied before they are changed. env is what formulas see besides e, which Apply puts in. With t, each rule leaves
// its trace there, those for events of another name, which are not tried, too.
func (r *Rules) Apply(m *formula.Machine, env *formula.Env, e *event.Event, t *[]trace.Rule) Result {
	return r.run(m, env, e, 0, nil, t)
}

// Continue runs an emitted event through the rules that follow the one that emitted it.
func (r *Rules) Continue(m *formula.Machine, env *formula.Env, e *Event, t *[]trace.Rule) Result {
	return r.run(m, env, &e.Event, e.after, e.left, t)
}

func (r *Rules) run(m *formula.Machine, env *formula.Env, e *event.Event, from int, left *int, t *[]trace.Rule) Result {
	w := work{machine: m, env: env, event: e, trace: t, left: left}
	env.Event = e
	next := from
	// A rule may change the name, which decides about the rules after it.
	for list := r.from(e.Name, from); len(list) > 0; {
		i, name := list[0], e.Name
		list = list[1:]
		w.passOver(r.all[next:i])
		w.position, next = i, i+1
		if w.try(r.all[i]) {
			return w.result
		}
		if e.Name != name {
			list = r.from(e.Name, next)
		}
	}
	w.passOver(r.all[next:])
	return w.result
}

// work is the walk of one event through the rules.
type work struct {
	machine  *formula.Machine
	env      *formula.Env
	event    *event.Event
	trace    *[]trace.Rule
	current  *trace.Rule // nil when nobody watches
	rule     string      // the name of the one that is tried
	position int
	left     *int                   // see Event; nil until something is emitted
	owned    [maxObjects]*event.Map // objects of the event that have been copied and may be changed in place
	owns     int                    // of owned
	result   Result
}

// passOver notes rules that are for events of another name.
func (w *work) passOver(rules []*rule) {
	if w.trace == nil {
		return
	}
	for _, r := range rules {
		*w.trace = append(*w.trace, trace.Rule{Name: r.name})
	}
}

// try runs one rule and reports whether the event ends there.
func (w *work) try(r *rule) (ends bool) {
	if w.trace != nil {
		*w.trace = append(*w.trace, trace.Rule{Name: r.name})
		w.current = &(*w.trace)[len(*w.trace)-1]
	}
	if r.when != nil {
		holds, err := r.when.Truth(w.machine, w.env)
		if w.failed(err) || !holds {
			return false
		}
	}
	w.rule = r.name
	if w.current != nil {
		w.current.Matched = true
	}
	for _, one := range r.renames {
		if v := w.event.GetPath(one.from.path); !v.IsNull() {
			w.put(one.from, event.Value{})
			w.put(one.to, v)
		}
	}
	for i := range r.sets {
		w.set(&r.sets[i])
	}
	for _, to := range r.removes {
		w.put(to, event.Value{})
	}
	if r.emitted != nil {
		w.emit(r)
	}
	for _, d := range r.skips {
		if w.result.Skips(d) == "" {
			w.result.Skipped = append(w.result.Skipped, Skip{d, r.name})
		}
	}
	if r.drop || !r.sampled(w.event) {
		w.result.DroppedBy, w.result.Sampled = r.name, !r.drop
		return true
	}
	return false
}

func (w *work) set(a *assignment) {
	v, err := a.value.Value(w.machine, w.env)
	if w.failed(err) && v.IsEmpty() {
		return
	}
	if v.IsEmpty() {
		v = event.Value{}
	}
	w.put(a.to, v)
}

// put writes a value to the event and into the trace.
func (w *work) put(to target, v event.Value) {
	old := to.in(w.event)
	if err := w.assign(w.event, to, v); err != nil {
		w.failed(err)
		return
	}
	if old.Equal(v) {
		return
	}
	w.changed(to.path, old)
	if w.current != nil {
		w.current.Changes = append(w.current.Changes, trace.Change{Path: to.path, Old: old, New: v})
	}
}

// changed keeps what a path held before the first rule changed it.
func (w *work) changed(path string, old event.Value) {
	list := w.result.Changed
	for i := range list {
		if list[i].Path == path {
			list[i].Rule = w.rule
			return
		}
	}
	if list == nil {
		list = w.machine.Changes()
	}
	w.result.Changed = append(list, event.Changed{Path: path, Rule: w.rule, Old: old})
}

// assign writes to a path, below an object into a copy of the event's own.
func (w *work) assign(e *event.Event, to target, v event.Value) error {
	if to.below == "" {
		return e.SetPath(to.path, v)
	}
	m := to.field.Ref(e).(*event.Map)
	if !slices.Contains(w.owned[:w.owns], m) {
		*m = m.Clone()
		w.owned[w.owns] = m
		w.owns++
	}
	switch {
	case strings.Contains(to.below, "."):
		return e.SetPath(to.path, v)
	case v.IsNull():
		m.Delete(to.below)
	default:
		m.Set(to.below, v)
	}
	return nil
}

// failed counts a failure and shows it in the trace.
func (w *work) failed(err error) bool {
	if err == nil {
		return false
	}
	w.result.Failed++
	if w.current != nil && w.current.Error == "" {
		w.current.Error = err.Error()
	}
	return true
}

// emit makes a new event of the same visitor: everything but id, params and items is copied, then what the rule writes is
// set. Formulas see the event that it comes from.
func (w *work) emit(r *rule) {
	if w.left == nil {
		w.left = new(maxEmitted)
	}
	if *w.left == 0 {
		w.failed(errTooMany)
		return
	}
	name, err := r.emitted.Text(w.machine, w.env)
	if err == nil && name == "" {
		err = errNameless
	}
	if w.failed(err) {
		return
	}
	*w.left--
	out := Event{Event: *w.event, Rule: r.name, after: w.position + 1, left: w.left}
	e := &out.Event
	e.Name, e.Params, e.Items = name, nil, nil
	e.ID = emittedID(w.event.ID, name, r.name, len(w.result.Emitted))
	// From here on the two events share what the rule does not write: neither may change it in place.
	w.owns = 0
	for i := range r.emits {
		v, err := r.emits[i].value.Value(w.machine, w.env)
		if w.failed(err) || v.IsEmpty() {
			continue
		}
		if err := w.assign(e, r.emits[i].to, v); err != nil {
			w.failed(err)
		}
	}
	w.owns = 0
	w.result.Emitted = append(w.result.Emitted, out)
	if w.current != nil {
		w.current.Emitted = name
	}
}

var (
	errTooMany  = errors.New("an event emitted more than 16 others")
	errNameless = errors.New("the emitted event would have no name")
)

// emittedID derives the id of an emitted event, so that the same event sent again emits the same one.
func emittedID(id, name, rule string, n int) string {
	sum := sha256.Sum256([]byte(id + "\x00" + name + "\x00" + rule + "\x00" + strconv.Itoa(n)))
	return id + "-" + hex.EncodeToString(sum[:4])
}
