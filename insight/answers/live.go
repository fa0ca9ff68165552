package answers

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"headgate/insight/count"
)

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

const minute = int64(time.Minute / time.Millisecond)

// current counts what happens now.
type current struct {
	all, names, countries *count.Overview
	touches               *count.Touches
	campaigns             map[count.Touch]int
	unmeasured            int
}

func (a *ask) current() *current {
	gap := a.Session.Std().Milliseconds()
	return &current{
		all:       &count.Overview{Gap: gap, Conversions: a.ConversionSet(a.symbols), Bucket: minute, Key: func(r *count.Row) uint32 { return r.Page }},
		names:     &count.Overview{Gap: gap, Key: func(r *count.Row) uint32 { return r.Event }},
		countries: &count.Overview{Gap: gap, Key: func(r *count.Row) uint32 { return r.Country }},
		touches:   count.NewTouches(a.symbols),
		campaigns: map[count.Touch]int{},
	}
}

// add counts a visitor.
func (c *current) add(rows []count.Row) {
	c.all.Add(rows)
	c.names.Add(rows)
	c.countries.Add(rows)
	if t := c.touches.Of(rows); t != c.touches.Direct {
		c.campaigns[t]++
	}
}

// nobody counts rows that are about nobody.
func (c *current) nobody(rows []count.Row) {
	if rows[0].Visitor == count.Unmeasured {
		c.unmeasured += len(rows)
	}
}

// Live says what happens now.
func (an *Answerer) Live(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 5*time.Minute, "minutes")
	if err != nil {
		return nil, err
	}
	defer a.close()
	minutes, err := a.whole("minutes", 5, 1, 30)
	if err != nil {
		return nil, err
	}
	a.period = count.Period{Since: a.now.UnixMilli() - int64(minutes)*minute, Until: a.now.UnixMilli() + minute} // clocks may be a moment ahead
	c := a.current()
	err = a.scan(ctx, a.period, []count.Column{count.Event, count.Page, count.Country, count.Source, count.Medium, count.Campaign, count.Currency}, c.add, c.nobody)
	if err != nil {
		return nil, err
	}
	out := a.liveAnswer(c)
	out.Minutes = minutes
	answer := &Answer{JSON: out, Header: []string{"page", "visitors", "events"}}
	for _, p := range out.Pages {
		answer.Rows = append(answer.Rows, line(p.Page, p.Visitors, p.Events))
	}
	return answer, nil
}

func (a *ask) liveAnswer(c *current) *liveAnswer {
	all := &c.all.All
	m := a.moneyOf(all.Value)
	out := &liveAnswer{Visitors: all.Visitors, Events: all.Events, Unmeasured: c.unmeasured, Value: m.value(all.Value), Currency: m.currency(),
		Other: m.other(all.Value), Pages: []livePage{}, Names: []liveName{}, Countries: []liveCountry{}, Campaigns: []liveCampaign{}, Series: []livePoint{}}
	visitors := func(f *count.Figures) int { return f.Visitors }
	for _, k := range busiest(c.all.By, visitors, a.text, mostLive) {
		if k != 0 {
			out.Pages = append(out.Pages, livePage{a.text(k), c.all.By[k].Visitors, c.all.By[k].Events})
		}
	}
	for _, k := range busiest(c.names.By, func(f *count.Figures) int { return f.Events }, a.text, mostLive) {
		out.Names = append(out.Names, liveName{a.text(k), c.names.By[k].Events})
	}
	for _, k := range busiest(c.countries.By, visitors, a.text, mostLive) {
		out.Countries = append(out.Countries, liveCountry{a.text(k), c.countries.By[k].Visitors})
	}
	for t, n := range c.campaigns {
		out.Campaigns = append(out.Campaigns, liveCampaign{a.text(t.Source), a.text(t.Medium), a.text(t.Campaign), n})
	}
	slices.SortFunc(out.Campaigns, func(x, y liveCampaign) int {
		return cmp.Or(y.Visitors-x.Visitors, byName([3]string{x.Source, x.Medium, x.Campaign}, [3]string{y.Source, y.Medium, y.Campaign}))
	})
	out.Campaigns = out.Campaigns[:min(len(out.Campaigns), mostLive)]
	for at := a.period.Since - a.period.Since%minute; at <= a.now.UnixMilli(); at += minute {
		p := livePoint{Time: rfc(at)}
		if f := c.all.Series[at]; f != nil {
			p.Events, p.Visitors = f.Events, f.Visitors
		}
		out.Series = append(out.Series, p)
	}
	return out
}
