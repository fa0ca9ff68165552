package terms

import (
	"fmt"
	"regexp"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/insight/count"
	"headgate/rules"
)

// Terms is a section, compiled.
type Terms struct {
	*Config
	Language *rules.Language

	funnels  map[string]*CompiledFunnel
	segments []CompiledSegment
	paths    []cleaning
	costs    []Cost
}

type cleaning struct {
	match *regexp.Regexp
	name  string
}

// CompiledFunnel is a funnel whose formulas are compiled.
type CompiledFunnel struct {
	Name    string
	Within  int64 // milliseconds
	Mode    count.Mode
	Session bool // per session
	Steps   []CompiledStep
	Without []string
}

// CompiledStep is a step whose formula is compiled.
type CompiledStep struct {
	Event    string
	When     *rules.Formula // nil: always
	Optional bool
}

// CompiledSegment is a segment whose formula is compiled.
type CompiledSegment struct {
	Name   string
	Public bool
	When   *rules.Formula
}

// New compiles a section. read reads the cost table.
func New(c *Config, l *rules.Language, read func(name string) ([]byte, error)) (*Terms, document.Mistakes) {
	t := &Terms{Config: c, Language: l, funnels: map[string]*CompiledFunnel{}}
	var ms document.Mistakes
	for _, one := range []struct {
		key   string
		value document.Duration
	}{{"keep", c.Keep}, {"session", c.Session}, {"abandoned_after", c.AbandonedAfter}} {
		if one.value <= 0 {
			ms.Add(c.At, "insight."+one.key+" is "+one.value.String(), "write a length of time such as 30m")
		}
	}
	for _, p := range c.Paths {
		match, err := regexp.Compile(p.Match.Value)
		if err != nil {
			ms.Add(p.Match.At, "this is no regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), `write one such as ^/product/[^/]+`)
			continue
		}
		t.paths = append(t.paths, cleaning{match, p.Name.Value})
	}
	for _, f := range c.Funnels {
		compiled, wrong := t.compileFunnel(f.Key, &f.Value, f.At)
		ms = append(ms, wrong...)
		t.funnels[f.Key] = compiled
	}
	for _, s := range c.Segments {
		when, wrong := l.Formula(s.Value.When, rules.VisitorScope(), rules.Truth)
		ms = append(ms, wrong...)
		t.segments = append(t.segments, CompiledSegment{s.Key, s.Value.Public, when})
	}
	ms = append(ms, t.checkTests()...)
	if c.Costs.File.Value != "" {
		var wrong document.Mistakes
		t.costs, wrong = readCosts(&c.Costs, read)
		ms = append(ms, wrong...)
	}
	return t, ms
}

func (t *Terms) compileFunnel(name string, f *Funnel, at document.Place) (*CompiledFunnel, document.Mistakes) {
	var ms document.Mistakes
	out := &CompiledFunnel{Name: name, Within: f.Within.Std().Milliseconds(), Session: f.Per == "session"}
	out.Mode, _ = ModeOf(f.Mode)
	if f.Within <= 0 {
		ms.Add(at, "within is "+f.Within.String(), "write a length of time such as 1d")
	}
	if len(f.Steps) == 0 {
		ms.Add(at, "the funnel has no steps", "write steps: [view_item, purchase]")
	}
	for _, s := range f.Steps {
		step := CompiledStep{Event: s.Event.Value, Optional: s.Optional}
		if s.When.Value != "" {
			when, wrong := t.Condition(s.When)
			ms = append(ms, wrong...)
			step.When = when
		}
		out.Steps = append(out.Steps, step)
	}
	for _, w := range f.Without {
		out.Without = append(out.Without, w.Value)
	}
	return out, ms
}

// ModeOf returns the mode of that name.
func ModeOf(name string) (m count.Mode, ok bool) {
	switch name {
	case "ordered":
		return count.Ordered, true
	case "strict":
		return count.Strict, true
	case "any":
		return count.Any, true
	}
	return 0, false
}

// Condition compiles a formula over the fields that insight keeps.
func (t *Terms) Condition(src document.Words) (*rules.Formula, document.Mistakes) {
	f, ms := t.Language.Formula(src, rules.StoredScope(), rules.Truth)
	if len(ms) > 0 {
		return nil, ms
	}
	for _, source := range f.Sources() {
		if !keeps(source) {
			ms.Add(src.At, fmt.Sprintf("insight does not keep %s", source), "it keeps "+strings.Join(Kept(), ", "))
		}
	}
	return f, ms
}

// kept are the fields that insight keeps. items have id, name and category.
var kept = []string{"name", "site", "page.path", "page.referrer_class", "campaign.source", "campaign.medium", "campaign.name", "geo.country", "device.type",
	"params.value", "params.currency", "params.transaction_id", "params.search_term", "items"}

// Kept lists the fields that insight keeps.
func Kept() []string { return append([]string(nil), kept...) }

func keeps(source string) bool {
	for _, k := range kept {
		if source == k || strings.HasPrefix(source, k+".") {
			return true
		}
	}
	return false
}

// Funnel returns the funnel of that name.
func (t *Terms) Funnel(name string) (*CompiledFunnel, bool) {
	f, ok := t.funnels[name]
	return f, ok
}

// Segments are the segments in the order written.
func (t *Terms) Segments() []CompiledSegment { return t.segments }

// Clean shortens the path of a page.
func (t *Terms) Clean(path string) string {
	for i := range t.paths {
		if t.paths[i].match.MatchString(path) {
			return t.paths[i].name
		}
	}
	return path
}

// IsConversion reports whether an event is a conversion.
func (t *Terms) IsConversion(e *event.Event) bool {
	for _, w := range t.Conversions {
		if w.Value == e.Name {
			return true
		}
	}
	return false
}
