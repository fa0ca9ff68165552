package rules

import (
	"slices"
	"sort"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
	"headgate/rules/reach"
	"headgate/rules/template"
)

// Rules is a compiled list of rules. It is safe for concurrent use.
type Rules struct {
	all []*rule
	// byName has, for an event name that some rule asks for, the rules to try; others the rules for all other names.
	byName map[string][]int
	others []int
}

// rule is one compiled rule.
type rule struct {
	name    string
	when    *formula.Formula
	renames []rename
	sets    []assignment
	removes []target
	emits   []assignment       // the first is the name
	emitted *template.Template // the new event's name
	sample  float64            // share that is kept; 1 keeps all
	drop    bool
	skips   []string
}

type rename struct{ from, to target }

type assignment struct {
	to    target
	value *template.Template
}

// target is a path, looked up.
type target struct {
	path  string
	field *event.Field
	below string // the key below the field, when that is an object
}

// in is what stands there in an event.
func (t *target) in(e *event.Event) event.Value {
	switch {
	case t.below == "":
		return event.ValueAt(t.field.Ref(e))
	case strings.Contains(t.below, "."):
		return e.GetPath(t.path)
	}
	return t.field.Ref(e).(*event.Map).Get(t.below)
}

// compile compiles a list. destinations are the names that skip and only may use; it is nil for the rules inside a
// destination, which have neither.
func compile(l *formula.Language, list []Rule, s formula.Scope, destinations []string) (*Rules, document.Mistakes) {
	rc := &ruleCompiler{language: l, scope: s, destinations: destinations, names: map[string]document.Place{}}
	r := &Rules{byName: map[string][]int{}}
	for i := range list {
		r.all = append(r.all, rc.rule(&list[i]))
	}
	if len(rc.mistakes) > 0 {
		return nil, rc.mistakes
	}
	r.index()
	return r, nil
}

// index sorts the rules by the event names that their conditions ask for, so that the others are not even looked at.
func (r *Rules) index() {
	wants := make([][]string, len(r.all))
	for i, one := range r.all {
		if one.when != nil {
			wants[i] = one.when.EventNames()
		}
		for _, name := range wants[i] {
			r.byName[name] = nil
		}
	}
	for i := range r.all {
		if wants[i] == nil {
			r.others = append(r.others, i)
		}
		for name := range r.byName {
			if wants[i] == nil || slices.Contains(wants[i], name) {
				r.byName[name] = append(r.byName[name], i)
			}
		}
	}
}

// from returns the rules to try for an event of a name, from a position of the whole list on.
func (r *Rules) from(name string, position int) []int {
	list, ok := r.byName[name]
	if !ok {
		list = r.others
	}
	if position > 0 {
		list = list[sort.SearchInts(list, position):]
	}
	return list
}

// ruleCompiler compiles a list of rules and collects all that is wrong with it.
type ruleCompiler struct {
	language     *formula.Language
	scope        formula.Scope
	destinations []string
	names        map[string]document.Place
	mistakes     document.Mistakes
}

func (rc *ruleCompiler) rule(in *Rule) *rule {
	out, before := &rule{name: in.Name, drop: in.Drop, sample: 1}, len(rc.mistakes)
	if first, twice := rc.names[in.Name]; twice && in.Name != "" {
		rc.mistakes.Add(in.At, "two rules have the name "+advice.Quote(in.Name), "the other one is at "+first.String())
	}
	rc.names[in.Name] = in.At
	if in.When.Value != "" || in.When.At.Line > 0 {
		f, ms := rc.language.Formula(in.When, rc.scope, formula.Truth)
		rc.mistakes = append(rc.mistakes, ms...)
		out.when = f
	}
	for _, e := range in.Rename {
		to := e.Value.Value
		a, oka := rc.writable(e.Key, e.At, nil)
		b, okb := rc.writable(to, e.Value.At, nil)
		if oka && okb {
			out.renames = append(out.renames, rename{a, b})
		}
	}
	for _, e := range in.Set {
		if a, ok := rc.assignment(e); ok {
			out.sets = append(out.sets, a)
		}
	}
	for _, w := range in.Remove {
		if to, ok := rc.writable(w.Value, w.At, nil); ok {
			out.removes = append(out.removes, to)
		}
	}
	rc.emit(in, out)
	rc.end(in, out)
	if !in.Broken && len(rc.mistakes) == before && idle(in) {
		rc.mistakes.Add(in.At, "the rule does nothing with the events that it finds", "write what: drop: true, skip: [...], set: {...}, or take the rule out")
	}
	return out
}

// end compiles what ends a rule: sample, drop, skip and only.
func (rc *ruleCompiler) end(in *Rule, out *rule) {
	if in.Sample != nil {
		out.sample = float64(*in.Sample)
	}
	if in.Drop && in.Sample != nil {
		rc.mistakes.Add(in.At, "a rule cannot both sample and drop", "write sample: 0% or drop: true")
	}
	if in.Only != nil && len(in.Only) == 0 {
		rc.mistakes.Add(in.At, "only names no destination", "drop: true leaves the event out everywhere")
	}
	if len(in.Skip) > 0 && len(in.Only) > 0 {
		rc.mistakes.Add(in.At, "a rule cannot have both skip and only", "write one of them")
	}
	if rc.scope.IsDestination() {
		for _, w := range append(append([]document.Words{}, in.Skip...), in.Only...) {
			rc.mistakes.Add(w.At, "the rules of a destination have no skip and no only", "drop: true leaves the event out of this destination")
			return
		}
	}
	for _, w := range in.Skip {
		if rc.destination(w) {
			out.skips = append(out.skips, w.Value)
		}
	}
	if len(in.Only) == 0 {
		return
	}
	var only []string
	for _, w := range in.Only {
		if rc.destination(w) {
			only = append(only, w.Value)
		}
	}
	for _, d := range rc.destinations {
		if !slices.Contains(only, d) {
			out.skips = append(out.skips, d)
		}
	}
}

func (rc *ruleCompiler) destination(w document.Words) bool {
	if slices.Contains(rc.destinations, w.Value) {
		return true
	}
	rc.mistakes.Add(w.At, "no destination "+advice.Quote(w.Value), document.DidYouMean(w.Value, rc.destinations))
	return false
}

func (rc *ruleCompiler) emit(in *Rule, out *rule) {
	if in.Emit == nil {
		return
	}
	if rc.scope.IsDestination() {
		rc.mistakes.Add(in.At, "the rules of a destination cannot emit events", "put the rule under rules: of the whole configuration")
		return
	}
	for _, e := range *in.Emit {
		if e.Key == "name" {
			t, ms := template.Compile(rc.language, e.Value, rc.scope)
			rc.mistakes = append(rc.mistakes, ms...)
			out.emitted = t
			continue
		}
		if a, ok := rc.assignment(e); ok {
			out.emits = append(out.emits, a)
		}
	}
	if fixed, ok := out.emitted.ConstantText(); out.emitted == nil || ok && fixed == "" {
		rc.mistakes.Add(in.At, "the event that emit makes has no name", "emit: {name: generate_lead}")
	}
}

func (rc *ruleCompiler) assignment(e document.Entry[*document.Node]) (assignment, bool) {
	if !rc.checkText(e) {
		return assignment{}, false
	}
	t, ms := template.Compile(rc.language, e.Value, rc.scope)
	rc.mistakes = append(rc.mistakes, ms...)
	var v *event.Value
	if t != nil && len(ms) == 0 {
		if fixed, ok := t.Const(); ok {
			v = &fixed
		}
	}
	to, ok := rc.writable(e.Key, e.At, v)
	return assignment{to, t}, ok && len(ms) == 0
}

// readOnly are the fields that no rule may change, with the reason.
var readOnly = map[string]string{
	"id":       "vendors deduplicate on it",
	"consent":  "only the visitor can grant",
	"signals":  "only the visitor's consent tool makes them; to keep an event from a destination, use skip",
	"received": "it is when the hit arrived",
	"source":   "it is who read the event",
	"site":     "it follows from the host",
}

// writable checks that a rule may write a path, and the value for it where that is known.
func (rc *ruleCompiler) writable(path string, at document.Place, v *event.Value) (to target, ok bool) {
	f, rest, ok := event.Lookup(path)
	if !ok {
		rc.mistakes.Add(at, "no field "+advice.Quote(path), suggestPath(path))
		return target{}, false
	}
	if why, is := readOnly[f.Path]; is {
		rc.mistakes.Add(at, "a rule cannot change "+f.Path+": "+why, "")
		return target{}, false
	}
	if strings.HasPrefix(rest, ".") || strings.HasSuffix(rest, ".") || strings.Contains(rest, "..") {
		rc.mistakes.Add(at, advice.Quote(path)+" has an empty name between its dots", "")
		return target{}, false
	}
	if v != nil {
		var trial event.Event
		if err := trial.SetPath(path, *v); err != nil {
			rc.mistakes.Add(at, err.Error(), "")
			return target{}, false
		}
	}
	return target{path, f, rest}, true
}

// suggestPath finds the path that was probably intended: a close one, or one below params for a name that stands alone.
func suggestPath(path string) string {
	var paths []string
	for _, f := range event.Fields {
		paths = append(paths, f.Path)
		if strings.HasSuffix(f.Path, "."+path) {
			return "did you mean " + advice.Quote(f.Path) + "?"
		}
	}
	head, rest, nested := strings.Cut(path, ".")
	if s := document.Suggest(path, paths); s != "" {
		return "did you mean " + advice.Quote(s) + "?"
	}
	if s := document.Suggest(head, reach.Roots()); nested && s != "" {
		return "did you mean " + advice.Quote(s+"."+rest) + "?"
	}
	if !nested {
		return "what a site says of its own is in params: " + advice.Quote("params."+path)
	}
	return ""
}
