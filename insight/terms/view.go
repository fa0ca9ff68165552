package terms

import (
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"

	"headgate/event"
	"headgate/insight/count"
	"headgate/rules"
)

// View shows rows to formulas. It belongs to one goroutine; Close ends it.
type View struct {
	symbols *count.Symbols
	machine *rules.Machine
	event   event.Event
	env     rules.Env
	known   map[*rules.Formula]map[count.Row]bool
}

// NewView returns a view of rows with those symbols.
func (t *Terms) NewView(s *count.Symbols) *View {
	v := &View{symbols: s, machine: t.Language.Machine(), known: map[*rules.Formula]map[count.Row]bool{}}
	v.env.Event = &v.event
	return v
}

// Close gives the view's memory back.
func (v *View) Close() { v.machine.Release() }

// mostKnown bounds how many answers are remembered.
const mostKnown = 1 << 16

// Holds reports whether a formula holds for a row; one that fails does not.
func (v *View) Holds(f *rules.Formula, r *count.Row) bool {
	facts := *r // what a formula can see of it
	facts.Visitor, facts.Time, facts.ID = 0, 0, 0
	known := v.known[f]
	if holds, ok := known[facts]; ok {
		return holds
	}
	v.show(r)
	holds, err := f.Truth(v.machine, &v.env)
	holds = holds && err == nil
	if len(known) >= mostKnown || known == nil {
		known = map[count.Row]bool{}
		v.known[f] = known
	}
	known[facts] = holds
	return holds
}

// show makes the event that formulas see of a row.
func (v *View) show(r *count.Row) {
	s, e := v.symbols, &v.event
	*e = event.Event{Name: s.Text(r.Event), Site: s.Text(r.Site), Page: event.Page{Path: s.Text(r.Page), ReferrerClass: s.Text(r.Referrer)},
		Campaign: event.Campaign{Source: s.Text(r.Source), Medium: s.Text(r.Medium), Name: s.Text(r.Campaign)},
		Geo:      event.Geo{Country: s.Text(r.Country)}, Device: event.Device{Type: s.Text(r.Device)}, Params: e.Params[:0]}
	code := s.Text(r.Currency)
	if r.Value != 0 {
		e.Params.Add("value", event.Float(Major(r.Value, code)))
	}
	for _, p := range [...]struct {
		key  string
		text string
	}{{"currency", code}, {"transaction_id", s.Text(r.Order)}, {"search_term", s.Text(r.Term)}} {
		if p.text != "" {
			e.Params.Add(p.key, event.String(p.text))
		}
	}
	for _, item := range ItemsOf(s.Text(r.Items)) {
		e.Items = append(e.Items, event.Item{ID: item.ID, Name: item.Name, Category: item.Category})
	}
}

// Item is what is kept of a product.
type Item struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category,omitempty"`
}

// Bounds of what is kept of the products of an event.
const (
	mostItems   = 20
	longestText = 100
)

// ItemsText writes products as one text: a line for each, its fields divided by tabs.
func ItemsText(items []event.Item) string {
	if len(items) == 0 {
		return ""
	}
	var b strings.Builder
	for i := range items[:min(len(items), mostItems)] {
		if i > 0 {
			b.WriteByte('\n')
		}
		it := &items[i]
		for k, text := range [...]string{it.ID, it.Name, it.Category} {
			if k > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(Clip(strings.Map(withoutMarks, text), longestText))
		}
	}
	return b.String()
}

func withoutMarks(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// Clip cuts a text to so many bytes, between characters.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// ItemsOf reads what ItemsText wrote.
func ItemsOf(text string) []Item {
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	items := make([]Item, len(lines))
	for i, line := range lines {
		fields := append(strings.SplitN(line, "\t", 3), "", "")
		items[i] = Item{fields[0], fields[1], fields[2]}
	}
	return items
}

// scale returns how many digits a currency has after the point; 2 where it is not known.
func scale(code string) int {
	if unit, err := currency.ParseISO(code); err == nil {
		n, _ := currency.Standard.Rounding(unit)
		return n
	}
	return 2
}

// Minor returns an amount in the smallest unit of its currency.
func Minor(amount float64, code string) int64 {
	m := math.Round(amount * math.Pow10(scale(code)))
	if math.IsNaN(m) || math.Abs(m) > 1e15 {
		return 0
	}
	return int64(m)
}

// Major returns an amount that is written in the smallest unit of its currency.
func Major[N int64 | float64](minor N, code string) float64 {
	return float64(minor) / math.Pow10(scale(code))
}

// Person is what a segment asks about: one visitor's rows.
type Person struct {
	Rows    []count.Row
	Symbols *count.Symbols
	Now     time.Time
}

// Count is formula.Visitor's.
func (p *Person) Count(name string, within time.Duration, field, value string) float64 {
	n := 0
	p.each(name, within, func(r *count.Row) {
		if field == "" || p.has(r, field, value) {
			n++
		}
	})
	return float64(n)
}

// Sum is formula.Visitor's. Amounts of several currencies are added as they are written.
func (p *Person) Sum(name string, within time.Duration) float64 {
	sum := 0.0
	p.each(name, within, func(r *count.Row) { sum += Major(r.Value, p.Symbols.Text(r.Currency)) })
	return math.Round(sum*1e6) / 1e6
}

func (p *Person) each(name string, within time.Duration, fn func(r *count.Row)) {
	event, ok := p.Symbols.Find(name)
	if !ok {
		return
	}
	since := p.Now.Add(-within).UnixMilli()
	for i := range p.Rows {
		if r := &p.Rows[i]; r.Event == event && r.Time >= since {
			fn(r)
		}
	}
}

func (p *Person) has(r *count.Row, field, value string) bool {
	columns := map[string]count.Column{"page.path": count.Page, "page.referrer_class": count.Referrer, "campaign.source": count.Source, "campaign.medium": count.Medium,
		"campaign.name": count.Campaign, "geo.country": count.Country, "device.type": count.Device, "site": count.Site,
		"params.search_term": count.Term, "params.currency": count.Currency}
	if c, ok := columns[field]; ok {
		return p.Symbols.Text(*r.At(c)) == value
	}
	return slices.ContainsFunc(ItemsOf(p.Symbols.Text(r.Items)), func(it Item) bool {
		return map[string]string{"items.id": it.ID, "items.name": it.Name, "items.category": it.Category}[field] == value
	})
}

// In returns the names of the segments that a visitor belongs to.
func (t *Terms) In(p *Person, public bool) []string {
	m := t.Language.Machine()
	defer m.Release()
	env := rules.Env{Visitor: p}
	names := []string{}
	for _, s := range t.segments {
		if public && !s.Public {
			continue
		}
		if in, err := s.When.Truth(m, &env); err == nil && in {
			names = append(names, s.Name)
		}
	}
	return names
}
