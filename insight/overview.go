package insight

import (
	"cmp"
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

// mostKeys is how many rows a list has.
const mostKeys = 100

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour
)

// Overview says how much happened.
func (i *Insight) Overview(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := i.newAsk(q, 7*24*time.Hour, "by")
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
	if a.period.Until-a.period.Since <= 3*day+1 {
		return hour
	}
	return day
}

// overview counts a period, and how many events are about nobody.
func (a *ask) overview(ctx context.Context, period count.Period, columns []count.Column, key func(*count.Row) uint32, bucket int64) (*count.Overview, [2]int, error) {
	if key == nil && bucket != hour && a.site == "" && a.filter == nil {
		return a.byDays(ctx, period)
	}
	o := &count.Overview{Gap: a.Session.Std().Milliseconds(), Conversions: a.ConversionSet(a.symbols), Bucket: bucket, Key: key}
	var nobody [2]int
	err := a.scan(ctx, period, append(slices.Clone(columns), count.Event, count.Currency), o.Add, func(rows []count.Row) { nobody[rows[0].Visitor] += len(rows) })
	return o, nobody, err
}

type liveAnswer struct {
	Minutes    int                `json:"minutes"`
	Visitors   int                `json:"visitors"`
	Events     int                `json:"events"`
	Unmeasured int                `json:"unmeasured"`
	Pages      []livePage         `json:"pages"`
	Names      []liveName         `json:"names"`
	Countries  []liveCountry      `json:"countries"`
	Campaigns  []liveCampaign     `json:"campaigns"`
	Series     []livePoint        `json:"series"`
	Value      float64            `json:"value"`
	Currency   string             `json:"currency"`
	Other      map[string]float64 `json:"other,omitempty"`
}

type livePage struct {
	Page     string `json:"page"`
	Visitors int    `json:"visitors"`
	Events   int    `json:"events"`
}

type liveName struct {
	Event string `json:"event"`
	Count int    `json:"count"`
}

type liveCountry struct {
	Country  string `json:"country"`
	Visitors int    `json:"visitors"`
}

type liveCampaign struct {
	Source   string `json:"source"`
	Medium   string `json:"medium"`
	Campaign string `json:"campaign"`
	Visitors int    `json:"visitors"`
}

type livePoint struct {
	Time     string `json:"time"`
	Events   int    `json:"events"`
	Visitors int    `json:"visitors"`
}

// mostLive is how long the lists of the live view are.
const mostLive = 50

// Live says what happens now.
func (i *Insight) Live(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := i.newAsk(q, 5*time.Minute, "minutes")
	if err != nil {
		return nil, err
	}
	defer a.close()
	minutes, err := a.whole("minutes", 5, 1, 30)
	if err != nil {
		return nil, err
	}
	const minute = int64(time.Minute / time.Millisecond)
	period := count.Period{Since: a.now.UnixMilli() - int64(minutes)*minute, Until: a.now.UnixMilli() + minute} // clocks may be a moment ahead
	all := &count.Overview{Gap: a.Session.Std().Milliseconds(), Conversions: a.ConversionSet(a.symbols), Bucket: minute, Key: func(r *count.Row) uint32 { return r.Page }}
	names := &count.Overview{Gap: all.Gap, Key: func(r *count.Row) uint32 { return r.Event }}
	countries := &count.Overview{Gap: all.Gap, Key: func(r *count.Row) uint32 { return r.Country }}
	touches := count.NewTouches(a.symbols)
	campaigns := map[count.Touch]int{}
	unmeasured := 0
	err = a.scan(ctx, period, []count.Column{count.Event, count.Page, count.Country, count.Source, count.Medium, count.Campaign, count.Currency}, func(rows []count.Row) {
		all.Add(rows)
		names.Add(rows)
		countries.Add(rows)
		if t := touches.Of(rows); t != touches.Direct {
			campaigns[t]++
		}
	}, func(rows []count.Row) {
		if rows[0].Visitor == count.Unmeasured {
			unmeasured += len(rows)
		}
	})
	if err != nil {
		return nil, err
	}
	m := a.moneyOf(all.All.Value)
	out := &liveAnswer{Minutes: minutes, Visitors: all.All.Visitors, Events: all.All.Events, Unmeasured: unmeasured, Value: m.value(all.All.Value), Currency: m.currency(),
		Other: m.other(all.All.Value), Pages: []livePage{}, Names: []liveName{}, Countries: []liveCountry{}, Campaigns: []liveCampaign{}, Series: []livePoint{}}
	answer := &Answer{JSON: out, Header: []string{"page", "visitors", "events"}}
	visitors := func(f *count.Figures) int { return f.Visitors }
	for _, k := range busiest(all.By, visitors, a.text, mostLive) {
		if k != 0 {
			out.Pages = append(out.Pages, livePage{a.text(k), all.By[k].Visitors, all.By[k].Events})
			answer.Rows = append(answer.Rows, line(a.text(k), all.By[k].Visitors, all.By[k].Events))
		}
	}
	for _, k := range busiest(names.By, func(f *count.Figures) int { return f.Events }, a.text, mostLive) {
		out.Names = append(out.Names, liveName{a.text(k), names.By[k].Events})
	}
	for _, k := range busiest(countries.By, visitors, a.text, mostLive) {
		out.Countries = append(out.Countries, liveCountry{a.text(k), countries.By[k].Visitors})
	}
	for t, n := range campaigns {
		out.Campaigns = append(out.Campaigns, liveCampaign{a.text(t.Source), a.text(t.Medium), a.text(t.Campaign), n})
	}
	slices.SortFunc(out.Campaigns, func(x, y liveCampaign) int {
		return cmp.Or(y.Visitors-x.Visitors, byName([3]string{x.Source, x.Medium, x.Campaign}, [3]string{y.Source, y.Medium, y.Campaign}))
	})
	out.Campaigns = out.Campaigns[:min(len(out.Campaigns), mostLive)]
	for at := period.Since - period.Since%minute; at <= a.now.UnixMilli(); at += minute {
		p := livePoint{Time: rfc(at)}
		if f := all.Series[at]; f != nil {
			p.Events, p.Visitors = f.Events, f.Visitors
		}
		out.Series = append(out.Series, p)
	}
	return answer, nil
}
