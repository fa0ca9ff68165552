package answers

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/insight/count"
	"headgate/insight/terms"
)

type cartsAnswer struct {
	Opened       int                `json:"opened"`
	Bought       int                `json:"bought"`
	Pending      int                `json:"pending"`
	Abandoned    int                `json:"abandoned"`
	ValueLost    float64            `json:"value_lost"`
	ValueBought  float64            `json:"value_bought"`
	ValuePending float64            `json:"value_pending"`
	Currency     string             `json:"currency"`
	OtherLost    map[string]float64 `json:"other,omitempty"`
	Stages       []cartStage        `json:"stages"`
	Items        []cartItem         `json:"items"`
	Campaigns    []cartCampaign     `json:"campaigns"`
	Visitors     []string           `json:"visitors"`
}

type cartStage struct {
	Stage     string  `json:"stage"`
	Opened    int     `json:"opened"`
	Abandoned int     `json:"abandoned"`
	ValueLost float64 `json:"value_lost"`
}

type cartItem struct {
	Item      string `json:"item"`
	Name      string `json:"name"`
	Abandoned int    `json:"abandoned"`
}

type cartCampaign struct {
	Source    string  `json:"source"`
	Medium    string  `json:"medium"`
	Campaign  string  `json:"campaign"`
	Opened    int     `json:"opened"`
	Abandoned int     `json:"abandoned"`
	ValueLost float64 `json:"value_lost"`
}

// cartGroup is carts that have something in common.
type cartGroup struct {
	opened, abandoned int
	lost              count.Money
}

func (g *cartGroup) take(c *count.Cart, state count.CartState) {
	g.opened++
	if state == count.Abandoned {
		g.abandoned++
		g.lost.AddAmount(c.Currency, c.Value)
	}
}

// carts gathers what became of carts.
type carts struct {
	states    [3]int
	value     [3]count.Money
	stages    map[uint32]*cartGroup
	campaigns map[count.Touch]*cartGroup
	items     map[uint32]int
	abandoned []count.Cart
}

func (s *carts) take(c *count.Cart, state count.CartState) {
	s.states[state]++
	s.value[state].AddAmount(c.Currency, c.Value)
	groupOf(s.stages, c.Stage).take(c, state)
	groupOf(s.campaigns, c.Touch).take(c, state)
	if state == count.Abandoned {
		for _, items := range c.Items {
			s.items[items]++
		}
		s.abandoned = append(s.abandoned, *c)
	}
}

func groupOf[K comparable](m map[K]*cartGroup, k K) *cartGroup {
	g := m[k]
	if g == nil {
		g = &cartGroup{}
		m[k] = g
	}
	return g
}

// Carts says what became of the carts that were opened in a period.
func (an *Answerer) Carts(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour)
	if err != nil {
		return nil, err
	}
	defer a.close()
	s := &carts{stages: map[uint32]*cartGroup{}, campaigns: map[count.Touch]*cartGroup{}, items: map[uint32]int{}}
	counter := a.carts(a.period, s.take)
	after := count.Period{Since: a.period.Since, Until: a.period.Until}
	if now := a.now.UnixMilli() + 1; after.Until < now { // what became of them later counts, too
		after.Until = min(now, after.Until+7*count.Day)
	}
	columns := []count.Column{count.Event, count.Currency, count.Items, count.Source, count.Medium, count.Campaign, count.Referrer}
	if err := a.scan(ctx, after, columns, counter.Add, nil); err != nil {
		return nil, err
	}
	return a.cartsAnswer(s), nil
}

// carts returns what finds carts.
func (a *ask) carts(opened count.Period, found func(*count.Cart, count.CartState)) *count.Carts {
	return &count.Carts{Gap: a.Session.Std().Milliseconds(), After: a.AbandonedAfter.Std().Milliseconds(), Now: a.now.UnixMilli(), Opened: opened,
		Events: count.NewCartEvents(a.symbols), Touches: count.NewTouches(a.symbols), Found: found}
}

func (a *ask) cartsAnswer(s *carts) *Answer {
	m := a.moneyOf(s.value[:]...)
	out := &cartsAnswer{Bought: s.states[count.Bought], Pending: s.states[count.Pending], Abandoned: s.states[count.Abandoned],
		ValueLost: m.value(s.value[count.Abandoned]), ValueBought: m.value(s.value[count.Bought]), ValuePending: m.value(s.value[count.Pending]),
		Currency: m.currency(), OtherLost: m.other(s.value[count.Abandoned]), Stages: []cartStage{}, Items: []cartItem{}, Campaigns: []cartCampaign{}, Visitors: []string{}}
	out.Opened = out.Bought + out.Pending + out.Abandoned
	answer := &Answer{JSON: out, Header: []string{"opened", "bought", "pending", "abandoned", "value_lost", "currency"},
		Rows: [][]string{line(out.Opened, out.Bought, out.Pending, out.Abandoned, out.ValueLost, out.Currency)}}
	opened := func(g *cartGroup) int { return g.opened }
	for _, k := range busiest(s.stages, opened, a.text, mostKeys) {
		g := s.stages[k]
		out.Stages = append(out.Stages, cartStage{a.text(k), g.opened, g.abandoned, m.value(g.lost)})
	}
	for t, g := range s.campaigns {
		out.Campaigns = append(out.Campaigns, cartCampaign{a.text(t.Source), a.text(t.Medium), a.text(t.Campaign), g.opened, g.abandoned, m.value(g.lost)})
	}
	slices.SortFunc(out.Campaigns, func(x, y cartCampaign) int {
		return cmp.Or(y.Opened-x.Opened, byName([3]string{x.Source, x.Medium, x.Campaign}, [3]string{y.Source, y.Medium, y.Campaign}))
	})
	out.Campaigns = out.Campaigns[:min(len(out.Campaigns), mostKeys)]
	items := map[string]*cartItem{}
	for k, n := range s.items {
		for _, it := range terms.ItemsOf(a.text(k)) {
			one := items[it.ID]
			if one == nil {
				one = &cartItem{Item: it.ID, Name: it.Name}
				items[it.ID] = one
			}
			one.Abandoned += n
		}
	}
	for _, one := range items {
		out.Items = append(out.Items, *one)
	}
	slices.SortFunc(out.Items, func(x, y cartItem) int { return cmp.Or(y.Abandoned-x.Abandoned, strings.Compare(x.Item, y.Item)) })
	out.Items = out.Items[:min(len(out.Items), mostLive)]
	slices.SortFunc(s.abandoned, func(x, y count.Cart) int {
		return cmp.Or(cmp.Compare(y.Last, x.Last), cmp.Compare(x.Visitor, y.Visitor))
	})
	for _, c := range s.abandoned[:min(len(s.abandoned), mostLive)] {
		out.Visitors = append(out.Visitors, visitorID(c.Visitor))
	}
	return answer
}
