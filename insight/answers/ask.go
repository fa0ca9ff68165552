package answers

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/document"
	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/insight/terms"
	"headgate/rules"
)

// ask is a question.
type ask struct {
	*terms.Terms
	serving *Serving
	query   url.Values
	now     time.Time
	period  count.Period
	site    string
	filter  *rules.Formula
	symbols *count.Symbols
	view    *terms.View
}

// common are the parameters that every question takes.
var common = []string{"site", "since", "until", "filter"}

// newAsk reads the parameters that questions have in common; more are those of this one.
func (an *Answerer) newAsk(q url.Values, byDefault time.Duration, more ...string) (*ask, error) {
	in := an.serving()
	if in == nil {
		return nil, ErrOff
	}
	for name, values := range q {
		if known := append(slices.Clone(common), more...); !slices.Contains(known, name) {
			return nil, wrong("no parameter %q; there is %s", name, document.Enumerate(known, "and"))
		}
		if len(values) > 1 {
			return nil, wrong("%s is given twice", name)
		}
	}
	a := &ask{Terms: in.Terms, serving: in, query: q, now: an.now(), site: q.Get("site"), symbols: count.NewSymbols()}
	until, err := a.time("until", a.now.Add(time.Millisecond))
	if err != nil {
		return nil, err
	}
	since, err := a.time("since", until.Add(-byDefault))
	if err != nil {
		return nil, err
	}
	if !since.Before(until) {
		return nil, wrong("since is not before until")
	}
	a.period = count.Period{Since: since.UnixMilli(), Until: until.UnixMilli()}
	if text := q.Get("filter"); text != "" {
		var ms document.Mistakes
		if a.filter, ms = a.Condition(document.Words{Value: text, At: document.Place{File: "filter", Line: 1, Column: 1}}); len(ms) > 0 {
			return nil, ms
		}
	}
	a.view = a.NewView(a.symbols)
	return a, nil
}

func (a *ask) close() { a.view.Close() }

// time reads a time, or a span before now.
func (a *ask) time(name string, byDefault time.Time) (time.Time, error) {
	text := a.query.Get(name)
	if text == "" {
		return byDefault, nil
	}
	if span, err := document.ParseDuration(text); err == nil {
		return a.now.Add(-span.Std()), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrong("%s=%s is no time: write a span such as 7d, or 2026-11-22T10:00:00Z", name, text)
}

// span reads a length of time.
func (a *ask) span(name string, byDefault time.Duration) (int64, error) {
	text := a.query.Get(name)
	if text == "" {
		return byDefault.Milliseconds(), nil
	}
	d, err := document.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, wrong("%s=%s is no length of time such as 1d", name, text)
	}
	return d.Std().Milliseconds(), nil
}

// choice reads one of some words; the first is taken when there is none.
func (a *ask) choice(name string, words ...string) (string, error) {
	text := a.query.Get(name)
	switch {
	case text == "":
		return words[0], nil
	case slices.Contains(words, text):
		return text, nil
	}
	return "", wrong("%s=%s: it is one of %s", name, text, strings.Join(words, ", "))
}

// whole reads a number.
func (a *ask) whole(name string, byDefault, least, most int) (int, error) {
	text := a.query.Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, wrong("%s=%s: it goes from %d to %d", name, text, least, most)
	}
	return n, nil
}

// keys are what by= may name.
var keys = map[string]count.Column{"event": count.Event, "page": count.Page, "source": count.Source, "medium": count.Medium, "campaign": count.Campaign,
	"country": count.Country, "device": count.Device, "referrer": count.Referrer, "site": count.Site}

// by reads by=; nil when there is none.
func (a *ask) by() (func(r *count.Row) uint32, []count.Column, error) {
	text := a.query.Get("by")
	if text == "" {
		return nil, nil, nil
	}
	c, ok := keys[text]
	if !ok {
		return nil, nil, wrong("by=%s: it is one of campaign, country, device, event, medium, page, referrer, site, source", text)
	}
	return func(r *count.Row) uint32 { return *r.At(c) }, []count.Column{c}, nil
}

// scan calls visitor with the rows of each visitor that the question is about, and nobody, unless it is nil, with those about
// nobody.
func (a *ask) scan(ctx context.Context, period count.Period, columns []count.Column, visitor, nobody func(rows []count.Row)) error {
	if err := a.serving.Reach(ctx, period); err != nil {
		return err
	}
	q := store.Query{Period: period, Columns: columns, Value: true, Nobody: nobody != nil}
	if a.filter != nil {
		q.Columns = terms.All()
	}
	site := a.symbols.ID(a.site)
	if a.site != "" {
		q.Columns = append(slices.Clone(q.Columns), count.Site)
	}
	var some []count.Row
	return a.serving.Store.Scan(ctx, q, a.symbols, func(rows []count.Row) bool {
		about := rows[0].Visitor
		if a.site != "" || a.filter != nil {
			some = some[:0]
			for i := range rows {
				if r := &rows[i]; (a.site == "" || r.Site == site) && (a.filter == nil || a.view.Holds(a.filter, r)) {
					some = append(some, *r)
				}
			}
			rows = some
		}
		switch {
		case len(rows) == 0:
		case about >= count.FirstVisitor:
			visitor(rows)
		case nobody != nil:
			nobody(rows)
		}
		return true
	})
}

func (a *ask) text(id uint32) string { return a.symbols.Text(id) }
