package answers

import (
	"context"
	"net/url"
	"slices"
	"time"

	"headgate/insight/count"
)

type overviewAnswer struct {
	Since       string             `json:"since"`
	Until       string             `json:"until"`
	Visitors    int                `json:"visitors"`
	Sessions    int                `json:"sessions"`
	Events      int                `json:"events"`
	Conversions int                `json:"conversions"`
	Value       float64            `json:"value"`
	Currency    string             `json:"currency"`
	Other       map[string]float64 `json:"other,omitempty"`
	Unmeasured  int                `json:"unmeasured"`
	Bots        int                `json:"bots"`
	Before      *figures           `json:"before"`
	Series      []point            `json:"series"`
	By          []keyed            `json:"by,omitempty"`
}

type figures struct {
	Visitors    int     `json:"visitors"`
	Sessions    int     `json:"sessions"`
	Events      int     `json:"events"`
	Conversions int     `json:"conversions"`
	Value       float64 `json:"value"`
}

type point struct {
	Time        string  `json:"time"`
	Events      int     `json:"events"`
	Visitors    int     `json:"visitors"`
	Conversions int     `json:"conversions"`
	Value       float64 `json:"value"`
}

type keyed struct {
	Key         string  `json:"key"`
	Visitors    int     `json:"visitors"`
	Events      int     `json:"events"`
	Conversions int     `json:"conversions"`
	Value       float64 `json:"value"`
}

// Overview says how much happened.
func (an *Answerer) Overview(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour, "by")
	if err != nil {
		return nil, err
	}
	defer a.close()
	key, columns, err := a.by()
	if err != nil {
		return nil, err
	}
	now, nobody, err := a.overview(ctx, a.period, columns, key, a.bucket())
	if err != nil {
		return nil, err
	}
	length := a.period.Until - a.period.Since
	before, _, err := a.overview(ctx, count.Period{Since: a.period.Since - length, Until: a.period.Since}, nil, nil, 0)
	if err != nil {
		return nil, err
	}
	m := a.moneyOf(now.All.Value)
	out := &overviewAnswer{Since: rfc(a.period.Since), Until: rfc(a.period.Until), Visitors: now.All.Visitors, Sessions: now.All.Sessions, Events: now.All.Events,
		Conversions: now.All.Conversions, Value: m.value(now.All.Value), Currency: m.currency(), Other: m.other(now.All.Value), Unmeasured: nobody[count.Unmeasured],
		Bots: nobody[count.Bot], Series: []point{},
		Before: &figures{before.All.Visitors, before.All.Sessions, before.All.Events, before.All.Conversions, m.value(before.All.Value)}}
	answer := &Answer{JSON: out, Header: []string{"time", "events", "visitors", "conversions", "value"}}
	for at := a.period.Since - a.period.Since%a.bucket(); at < a.period.Until; at += a.bucket() {
		p := point{Time: rfc(at)}
		if f := now.Series[at]; f != nil {
			p.Events, p.Visitors, p.Conversions, p.Value = f.Events, f.Visitors, f.Conversions, m.value(f.Value)
		}
		out.Series = append(out.Series, p)
		answer.Rows = append(answer.Rows, line(p.Time, p.Events, p.Visitors, p.Conversions, p.Value))
	}
	if key != nil {
		answer.Header, answer.Rows = []string{q.Get("by"), "visitors", "events", "conversions", "value"}, nil
		for _, k := range busiest(now.By, func(f *count.Figures) int { return f.Events }, a.text, mostKeys) {
			f := now.By[k]
			one := keyed{a.text(k), f.Visitors, f.Events, f.Conversions, m.value(f.Value)}
			out.By = append(out.By, one)
			answer.Rows = append(answer.Rows, line(one.Key, one.Visitors, one.Events, one.Conversions, one.Value))
		}
	}
	return answer, nil
}

// bucket is the length of a point of a series.
func (a *ask) bucket() int64 {
	if a.period.Until-a.period.Since <= 3*count.Day+1 {
		return count.Hour
	}
	return count.Day
}

// overview counts a period, and how many events are about nobody.
func (a *ask) overview(ctx context.Context, period count.Period, columns []count.Column, key func(*count.Row) uint32, bucket int64) (*count.Overview, [2]int, error) {
	if key == nil && bucket != count.Hour && a.site == "" && a.filter == nil {
		return a.byDays(ctx, period)
	}
	o := &count.Overview{Gap: a.Session.Std().Milliseconds(), Conversions: a.ConversionSet(a.symbols), Bucket: bucket, Key: key}
	var nobody [2]int
	err := a.scan(ctx, period, append(slices.Clone(columns), count.Event, count.Currency), o.Add, func(rows []count.Row) { nobody[rows[0].Visitor] += len(rows) })
	return o, nobody, err
}
