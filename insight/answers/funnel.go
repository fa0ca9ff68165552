package answers

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/insight/count"
	"headgate/insight/terms"
)

type funnelAnswer struct {
	Name       string        `json:"name"`
	Mode       string        `json:"mode"`
	Per        string        `json:"per"`
	Within     float64       `json:"within"`
	Since      string        `json:"since"`
	Until      string        `json:"until"`
	Steps      []funnelStep  `json:"steps"`
	Unmeasured int           `json:"visitors_unmeasured"`
	Currency   string        `json:"currency"`
	Groups     []funnelGroup `json:"groups,omitempty"`
}

type funnelStep struct {
	Event      string             `json:"event"`
	Optional   bool               `json:"optional"`
	Visitors   int                `json:"visitors"`
	Value      float64            `json:"value"`
	Other      map[string]float64 `json:"other,omitempty"`
	OfFirst    float64            `json:"of_first"`
	OfPrevious float64            `json:"of_previous"`
	Median     *float64           `json:"median_seconds"`
	Instead    []next             `json:"instead"`
	Dropped    []string           `json:"dropped"`
	Before     *stepBefore        `json:"before"`
}

type stepBefore struct {
	Visitors int     `json:"visitors"`
	Value    float64 `json:"value"`
}

type funnelGroup struct {
	Key      string    `json:"key"`
	Visitors []int     `json:"visitors"`
	Value    []float64 `json:"value"`
}

// nothing stands where a session ended.
const nothing = "(nothing)"

// Funnel says how far visitors came through the steps of a funnel.
func (an *Answerer) Funnel(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour, "by", "name", "steps", "within", "mode", "per", "without")
	if err != nil {
		return nil, err
	}
	defer a.close()
	f, err := a.funnel()
	if err != nil {
		return nil, err
	}
	key, columns, err := a.by()
	if err != nil {
		return nil, err
	}
	now, unmeasured, err := a.count(ctx, f, a.period, columns, key)
	if err != nil {
		return nil, err
	}
	length := a.period.Until - a.period.Since
	before, _, err := a.count(ctx, f, count.Period{Since: a.period.Since - length, Until: a.period.Since}, nil, nil)
	if err != nil {
		return nil, err
	}
	return a.funnelAnswer(f, now, before, unmeasured, key != nil), nil
}

// funnel returns the funnel that is asked for: one of the configuration, or steps, with what is said of it here.
func (a *ask) funnel() (*terms.CompiledFunnel, error) {
	f := &terms.CompiledFunnel{Within: count.Day}
	name, steps := a.query.Get("name"), a.query.Get("steps")
	switch {
	case name != "" && steps != "":
		return nil, wrong("name and steps exclude each other")
	case name != "":
		known, ok := a.Terms.Funnel(name)
		if !ok {
			return nil, wrong("there is no funnel %q%s", name, hint(name, a.Funnels.Keys()))
		}
		copied := *known
		f = &copied
	case steps != "":
		for _, event := range strings.Split(steps, ",") {
			if event = strings.TrimSpace(event); event != "" {
				f.Steps = append(f.Steps, terms.CompiledStep{Event: event})
			}
		}
	}
	if len(f.Steps) == 0 {
		return nil, wrong("name a funnel of the configuration with name=, or events with steps=view_item,purchase")
	}
	var err error
	if f.Within, err = a.span("within", time.Duration(f.Within)*time.Millisecond); err != nil {
		return nil, err
	}
	if a.query.Get("mode") != "" {
		mode, err := a.choice("mode", "ordered", "strict", "any")
		if err != nil {
			return nil, err
		}
		f.Mode, _ = terms.ModeOf(mode)
	}
	if a.query.Get("per") != "" {
		per, err := a.choice("per", "visitor", "session")
		if err != nil {
			return nil, err
		}
		f.Session = per == "session"
	}
	if w := a.query.Get("without"); w != "" {
		f.Without = strings.Split(w, ",")
	}
	return f, nil
}

func hint(word string, from []string) string {
	if s := document.DidYouMean(word, from); s != "" {
		return "; " + s
	}
	return ""
}

// count counts a funnel, and how often its first step was not measured.
func (a *ask) count(ctx context.Context, f *terms.CompiledFunnel, period count.Period, columns []count.Column, key func(*count.Row) uint32) (*count.Funnel, int, error) {
	counter := a.Counter(f, a.view)
	counter.Key = key
	first, unmeasured := a.symbols.ID(f.Steps[0].Event), 0
	err := a.scan(ctx, period, append(slices.Clone(columns), f.Reads()...), counter.Add, func(rows []count.Row) {
		for i := range rows {
			if rows[i].Visitor == count.Unmeasured && rows[i].Event == first {
				unmeasured++
			}
		}
	})
	if counter.Reached == nil {
		counter.Reached = make([]count.Reached, len(f.Steps))
	}
	return counter, unmeasured, err
}

func (a *ask) funnelAnswer(f *terms.CompiledFunnel, now, before *count.Funnel, unmeasured int, grouped bool) *Answer {
	var all []count.Money
	for k := range now.Reached {
		all = append(all, now.Reached[k].Value)
	}
	m := a.moneyOf(all...)
	out := &funnelAnswer{Name: f.Name, Mode: [...]string{"ordered", "strict", "any"}[f.Mode], Per: "visitor", Within: float64(f.Within) / 1000, Since: rfc(a.period.Since),
		Until: rfc(a.period.Until), Unmeasured: unmeasured, Currency: m.currency()}
	if f.Session {
		out.Per = "session"
	}
	answer := &Answer{JSON: out, Header: []string{"event", "visitors", "of_first", "of_previous", "median_seconds", "value"}}
	previous := 0
	for k := range now.Reached {
		r := &now.Reached[k]
		s := a.stepOf(r, m)
		s.Event, s.Optional = f.Steps[k].Event, f.Steps[k].Optional
		s.Before = &stepBefore{before.Reached[k].Visitors, m.value(before.Reached[k].Value)}
		s.OfFirst, s.OfPrevious = share(r.Visitors, now.Reached[0].Visitors), 1
		if k > 0 {
			s.OfPrevious = share(r.Visitors, now.Reached[previous].Visitors)
		}
		if !s.Optional {
			previous = k
		}
		out.Steps = append(out.Steps, s)
		answer.Rows = append(answer.Rows, line(s.Event, s.Visitors, s.OfFirst, s.OfPrevious, maybe(s.Median), s.Value))
	}
	if grouped {
		out.Groups = []funnelGroup{}
		for _, key := range busiest(now.Groups, func(g []count.Group) int { return g[0].Visitors }, a.text, mostKeys) {
			g := funnelGroup{Key: a.text(key)}
			for _, one := range now.Groups[key] {
				g.Visitors, g.Value = append(g.Visitors, one.Visitors), append(g.Value, m.value(one.Value))
			}
			out.Groups = append(out.Groups, g)
		}
	}
	return answer
}

// stepOf says who reached a step, and what those did who went no further.
func (a *ask) stepOf(r *count.Reached, m money) funnelStep {
	s := funnelStep{Visitors: r.Visitors, Value: m.value(r.Value), Other: m.other(r.Value), Instead: []next{}, Dropped: []string{}}
	if seconds, ok := count.Median(r.Millis); ok {
		s.Median = &seconds
	}
	for _, to := range busiest(r.Instead, itself, a.text, 10) {
		name := a.text(to)
		if to == 0 {
			name = nothing
		}
		s.Instead = append(s.Instead, next{To: name, Count: r.Instead[to]})
	}
	for _, v := range r.Dropped {
		s.Dropped = append(s.Dropped, visitorID(v))
	}
	return s
}
