package answers

import (
	"context"
	"net/url"
	"slices"
	"time"

	"headgate/insight/count"
)

type campaignsAnswer struct {
	Model    string        `json:"model"`
	Lookback float64       `json:"lookback"`
	Currency string        `json:"currency"`
	Rows     []campaignRow `json:"rows"`
}

type campaignRow struct {
	Source            string             `json:"source"`
	Medium            string             `json:"medium"`
	Campaign          string             `json:"campaign"`
	Visitors          int                `json:"visitors"`
	Sessions          int                `json:"sessions"`
	Conversions       float64            `json:"conversions"`
	Value             float64            `json:"value"`
	Other             map[string]float64 `json:"other,omitempty"`
	Cost              *float64           `json:"cost"`
	CostPerConversion *float64           `json:"cost_per_conversion"`
	Return            *float64           `json:"return"`
}

// models by name.
var models = []string{"last_touch", "first_touch", "last_non_direct", "linear", "position"}

// Campaigns says what campaigns brought and cost.
func (an *Answerer) Campaigns(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour, "model", "lookback")
	if err != nil {
		return nil, err
	}
	defer a.close()
	model, err := a.choice("model", models...)
	if err != nil {
		return nil, err
	}
	lookback, err := a.span("lookback", 30*24*time.Hour)
	if err != nil {
		return nil, err
	}
	c := &count.Campaigns{Gap: a.Session.Std().Milliseconds(), Lookback: lookback, Period: a.period, Conversions: a.ConversionSet(a.symbols),
		Model: count.Model(slices.Index(models, model)), Touches: count.NewTouches(a.symbols)}
	before := count.Period{Since: a.period.Since - lookback, Until: a.period.Until}
	if err := a.scan(ctx, before, []count.Column{count.Event, count.Source, count.Medium, count.Campaign, count.Referrer, count.Currency}, c.Add, nil); err != nil {
		return nil, err
	}
	return a.campaignsAnswer(c, model), nil
}

func (a *ask) campaignsAnswer(c *count.Campaigns, model string) *Answer {
	costs := a.costs()
	if c.Rows == nil {
		c.Rows = map[count.Touch]*count.Attributed{}
	}
	for t := range costs {
		if c.Rows[t] == nil {
			c.Rows[t] = &count.Attributed{} // it cost something and brought nothing
		}
	}
	var all []count.Money
	for _, r := range c.Rows {
		all = append(all, r.Value)
	}
	m := a.moneyOf(all...)
	out := &campaignsAnswer{Model: model, Lookback: float64(c.Lookback) / 1000, Currency: m.currency(), Rows: []campaignRow{}}
	for t, r := range c.Rows {
		row := campaignRow{Source: a.text(t.Source), Medium: a.text(t.Medium), Campaign: a.text(t.Campaign), Visitors: r.Visitors, Sessions: r.Sessions,
			Conversions: round(r.Conversions), Value: m.value(r.Value), Other: m.other(r.Value)}
		if cost, ok := costs[t]; ok {
			row.Cost = &cost
			if row.Conversions > 0 {
				per := round(cost / row.Conversions)
				row.CostPerConversion = &per
			}
			if cost > 0 {
				back := round(row.Value / cost)
				row.Return = &back
			}
		}
		if row.Visitors > 0 || row.Conversions > 0 || row.Cost != nil {
			out.Rows = append(out.Rows, row)
		}
	}
	slices.SortFunc(out.Rows, func(x, y campaignRow) int {
		switch {
		case x.Value != y.Value:
			return sign(y.Value - x.Value)
		case x.Visitors != y.Visitors:
			return y.Visitors - x.Visitors
		}
		return byName([3]string{x.Source, x.Medium, x.Campaign}, [3]string{y.Source, y.Medium, y.Campaign})
	})
	answer := &Answer{JSON: out, Header: []string{"source", "medium", "campaign", "visitors", "sessions", "conversions", "value", "cost", "cost_per_conversion", "return"}}
	for _, r := range out.Rows {
		answer.Rows = append(answer.Rows, line(r.Source, r.Medium, r.Campaign, r.Visitors, r.Sessions, r.Conversions, r.Value, maybe(r.Cost), maybe(r.CostPerConversion), maybe(r.Return)))
	}
	return answer
}

// costs are what campaigns cost in the period.
func (a *ask) costs() map[count.Touch]float64 {
	costs := map[count.Touch]float64{}
	for _, cost := range a.CostsOf(a.period.Since, a.period.Until) {
		costs[count.Touch{Source: a.symbols.ID(cost.Source), Medium: a.symbols.ID(cost.Medium), Campaign: a.symbols.ID(cost.Campaign)}] += cost.Cost
	}
	return costs
}
