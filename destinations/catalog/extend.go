package catalog

import (
	"fmt"
	"slices"

	"headgate/document"
)

// extend fills a variant with the keys that it does not write itself. What concerns consent is never inherited: needs,
// any_of, refused, vendor and reason are written again, or check says that they are missing.
func (c *Catalog) extend(s *Spec) (ms document.Mistakes) {
	if s.Extends == "" {
		return nil
	}
	from := c.specs[s.Extends]
	switch {
	case from == nil:
		ms.Add(s.At, fmt.Sprintf("extends %q, which is not in the catalogue", s.Extends), document.Suggestion(s.Extends, c.Names()))
		return ms
	case from.Extends != "":
		ms.Add(s.At, fmt.Sprintf("extends %s, which itself extends %s", s.Extends, from.Extends), "extend "+from.Extends)
		return ms
	}
	take(&s.Title, from.Title)
	take(&s.Kind, from.Kind)
	take(&s.About, from.About)
	take(&s.Docs, from.Docs)
	take(&s.Duplicates, from.Duplicates)
	take(&s.Driver, from.Driver)
	take(&s.Naming, from.Naming)
	take(&s.PlainReason, from.PlainReason)
	if s.MaxAge == 0 {
		s.MaxAge = from.MaxAge
	}
	if s.Rate == 0 {
		s.Rate = from.Rate
	}
	s.Settings = Overlay(from.Settings, s.Settings)
	s.Events = Overlay(from.Events, s.Events)
	s.Plain = instead(s.Plain, from.Plain)
	s.Ages = instead(s.Ages, from.Ages)
	s.Requires = instead(s.Requires, from.Requires)
	s.Send = instead(s.Send, from.Send)
	s.Flags = instead(s.Flags, from.Flags)
	s.Answers = instead(s.Answers, from.Answers)
	s.Limits = instead(s.Limits, from.Limits)
	s.Notes = instead(s.Notes, from.Notes)
	return nil
}

func take(own *string, from string) {
	if *own == "" {
		*own = from
	}
}

// Overlay is base with the values of own where both have a key; keys that only own has come last.
func Overlay[T any](base, own document.Ordered[T]) document.Ordered[T] {
	out := slices.Clone(base)
	for _, e := range own {
		i := slices.IndexFunc(out, func(b document.Entry[T]) bool { return b.Key == e.Key })
		if i < 0 {
			out = append(out, e)
			continue
		}
		out[i] = e
	}
	return out
}

func instead[S ~[]E, E any](own, from S) S {
	if own == nil {
		return from
	}
	return own
}
