package terms

import "headgate/insight/count"

// Counter returns what counts a funnel over rows that a view shows.
func (t *Terms) Counter(f *CompiledFunnel, v *View) *count.Funnel {
	out := &count.Funnel{Within: f.Within, Gap: t.Session.Std().Milliseconds(), Mode: f.Mode, Sessions: f.Session, Label: Label(v.symbols)}
	for _, s := range f.Steps {
		event := v.symbols.ID(s.Event)
		is := func(r *count.Row) bool { return r.Event == event }
		if s.When != nil {
			is = func(r *count.Row) bool { return r.Event == event && v.Holds(s.When, r) }
		}
		out.Steps = append(out.Steps, count.Step{Is: is, Optional: s.Optional})
	}
	if len(f.Without) > 0 {
		without := SetOf(v.symbols, f.Without)
		out.Excluded = func(r *count.Row) bool { return without[r.Event] }
	}
	return out
}

// Reads lists the columns that a funnel needs.
func (f *CompiledFunnel) Reads() []count.Column {
	columns := []count.Column{count.Event, count.Page, count.Currency}
	for _, s := range f.Steps {
		if s.When != nil {
			return All()
		}
	}
	return columns
}

// All lists all columns.
func All() []count.Column {
	columns := make([]count.Column, count.Columns)
	for i := range columns {
		columns[i] = count.Column(i)
	}
	return columns
}

// Label names a step: a page view by its page, anything else by its event.
func Label(s *count.Symbols) func(r *count.Row) uint32 {
	view := s.ID("page_view")
	return func(r *count.Row) uint32 {
		if r.Event == view && r.Page != 0 {
			return r.Page
		}
		return r.Event
	}
}

// SetOf returns texts as symbols.
func SetOf(s *count.Symbols, texts []string) count.Set {
	set := count.Set{}
	for _, text := range texts {
		set[s.ID(text)] = true
	}
	return set
}

// ConversionSet returns the events that are conversions.
func (t *Terms) ConversionSet(s *count.Symbols) count.Set {
	set := count.Set{}
	for _, w := range t.Conversions {
		set[s.ID(w.Value)] = true
	}
	return set
}
