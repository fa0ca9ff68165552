package personal

import (
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
)

// Scrubbed is the page that was scrubbed last, as a cache: the events of a request mostly share theirs.
type Scrubbed struct {
	page, clean event.Page
	found       patterns.Findings
}

// Scrubbing says where in an event personal data is looked for.
type Scrubbing struct {
	URLs  bool // addresses and the title of the page
	Texts bool // parameters, items and the campaign
}

// Event takes personal data out of the places where a site does not expect any. It changes the event and returns what it found.
// Fields for contact data are left alone. The origin is the event as it arrived: parameters and items that have not changed since
// are read only where something in it looks personal.
func (s Scrubbing) Event(e *event.Event, from *Origin, last *Scrubbed) patterns.Findings {
	found := &from.found
	*found = patterns.Findings{}
	if s.URLs {
		if e.Page != last.page {
			*last = scrubPage(e.Page)
		}
		e.Page, *found = last.clean, last.found
	}
	if s.Texts {
		personal := from.look().personal
		if personal || !sameMap(e.Params, from.Event.Params) {
			scrubMap(&e.Params, found)
		}
		if personal || !sameItems(e.Items, from.Event.Items) {
			scrubItems(e.Items, found)
		}
		for _, s := range []*string{&e.Campaign.Term, &e.Campaign.Content, &e.Campaign.Name} {
			*s = patterns.Scrub(*s, found)
		}
	}
	if *found != (patterns.Findings{}) {
		from.looked = false // the parameters are the origin's own
	}
	return *found
}

func scrubItems(items []event.Item, found *patterns.Findings) {
	for i := range items {
		item := &items[i]
		for _, s := range []*string{&item.Name, &item.Variant, &item.Affiliation} {
			*s = patterns.Scrub(*s, found)
		}
		scrubMap(&item.Params, found)
	}
}

func scrubPage(page event.Page) Scrubbed {
	s := Scrubbed{page: page, clean: page}
	pg, found := &s.clean, &s.found
	pg.URL = patterns.ScrubURL(pg.URL, found)
	if *found != (patterns.Findings{}) || !hasQuery(pg.URL, pg.Query) { // else it has been looked at
		pg.Query = patterns.ScrubQuery(pg.Query, found)
	}
	pg.Referrer = patterns.ScrubURL(pg.Referrer, found)
	pg.Path = patterns.ScrubPath(pg.Path, found)
	pg.Title = patterns.Scrub(pg.Title, found)
	return s
}

// hasQuery reports whether an address has that query.
func hasQuery(address, query string) bool {
	rest, _, _ := strings.Cut(address, "#")
	_, q, _ := strings.Cut(rest, "?")
	return q == query
}

// scrubMap scrubs keys and values, except the values of keys for contact data. Of two keys that become the same the last one
// wins.
func scrubMap(m *event.Map, found *patterns.Findings) {
	w := rewriter{with: (*scrubber)(found)}
	renamed := false
	for i := range *m {
		p := &(*m)[i]
		before := *found
		switch v, changed := w.value(p.Value); {
		case !changed:
		case keys.MeaningOf(p.Key)&keys.Contact != 0:
			*found = before
		default:
			p.Value = v
		}
		if key := patterns.ScrubAny(p.Key, found); key != p.Key {
			p.Key, renamed = key, true
		}
	}
	if !renamed {
		return
	}
	out := (*m)[:0]
	for _, p := range *m {
		out.Set(p.Key, p.Value)
	}
	*m = out
}

// scrubber counts what scrubAny finds.
type scrubber patterns.Findings

func (s *scrubber) change(text string) string {
	return patterns.ScrubAny(text, (*patterns.Findings)(s))
}
