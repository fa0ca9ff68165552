package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/proxy/history"
)

// Conversions are what happened against what each destination got.
type Conversions struct {
	Span
	Events   []string `json:"events"`
	Counted  []string `json:"counted"`  // events that can be asked for
	Currency string   `json:"currency"` // the one of most of them, "" when none was said
	Ledger
	Others []InCurrency `json:"other_currencies,omitempty"`
}

// InCurrency is the ledger of another currency.
type InCurrency struct {
	Currency string `json:"currency"`
	Ledger
}

// Ledger is what happened in one currency, and what destinations got of it.
type Ledger struct {
	Happened  Sum                  `json:"happened"`
	Platforms map[string]*Platform `json:"platforms"`
}

// Sum is a number of conversions and their value.
type Sum struct {
	Count int64   `json:"count"`
	Value float64 `json:"value"`
}

// Platform is what one destination got, and what became of the rest.
type Platform struct {
	Sum
	Pending Sum   `json:"pending"`
	Gap     []Gap `json:"gap"` // most first
}

// Gap is what a destination did not get, for one reason.
type Gap struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	Sum
}

// exact is a Sum while it is added up.
type exact struct{ count, millionths int64 }

func (e exact) sum() Sum { return Sum{e.count, float64(e.millionths) / 1e6} }

func (e *exact) add(count, millionths int64) {
	e.count, e.millionths = e.count+count, e.millionths+millionths
}

// tallied is what was counted in one currency.
type tallied struct {
	happened exact
	by       map[string]map[Gap]*exact // by destination; of the gap without its sum
}

// OfConversions sums up conversions, the events of these names. destinations are those in force: what got nothing is shown, too.
func OfConversions(from From, ask Ask, events, destinations []string) (*Conversions, error) {
	counted := events
	if ask.Event != "" {
		if !slices.Contains(events, ask.Event) {
			return nil, fmt.Errorf("%w: event: the values of %s are counted, not those of %q", ErrAsked, strings.Join(events, " and "), ask.Event)
		}
		events = []string{ask.Event}
	}
	if _, err := ask.step(); err != nil {
		return nil, err
	}
	by := map[string]*tallied{}
	wants := ask.wants(history.Conversions)
	book := from(history.Span{Since: ask.Since, Until: ask.Until, Step: time.Hour, Kinds: []history.Kind{history.Conversions}})
	err := book.Read(ask.Since, ask.Until, wants, func(_ time.Time, k *history.Key, n, value int64) {
		name, currency := k.NameAndCurrency()
		if !slices.Contains(events, name) {
			return
		}
		if by[currency] == nil {
			by[currency] = &tallied{by: map[string]map[Gap]*exact{}}
		}
		by[currency].take(k, n, value)
	})
	if err != nil {
		return nil, err
	}
	out := &Conversions{Span: Span{Since: ask.Since.UTC(), Until: ask.Until.UTC(), Began: book.Began()}, Events: events, Counted: counted}
	for currency, t := range by {
		if most := by[out.Currency]; currency != "" && (out.Currency == "" || t.happened.count > most.happened.count || t.happened.count == most.happened.count && currency < out.Currency) {
			out.Currency = currency
		}
	}
	main := &tallied{by: map[string]map[Gap]*exact{}}
	for currency, t := range by {
		if currency == out.Currency || currency == "" {
			main.merge(t)
			continue
		}
		out.Others = append(out.Others, InCurrency{currency, t.ledger(destinations)})
	}
	out.Ledger = main.ledger(destinations)
	slices.SortFunc(out.Others, func(a, b InCurrency) int { return strings.Compare(a.Currency, b.Currency) })
	return out, nil
}

func (t *tallied) take(k *history.Key, n, value int64) {
	if k.Destination == "" {
		if k.What == "accepted" {
			t.happened.add(n, value)
		}
		return
	}
	if t.by[k.Destination] == nil {
		t.by[k.Destination] = map[Gap]*exact{}
	}
	gap := Gap{State: k.What, Reason: k.Why, Detail: k.Detail}
	if t.by[k.Destination][gap] == nil {
		t.by[k.Destination][gap] = &exact{}
	}
	t.by[k.Destination][gap].add(n, value)
}

func (t *tallied) merge(other *tallied) {
	t.happened.add(other.happened.count, other.happened.millionths)
	for destination, gaps := range other.by {
		if t.by[destination] == nil {
			t.by[destination] = map[Gap]*exact{}
		}
		for gap, sum := range gaps {
			if t.by[destination][gap] == nil {
				t.by[destination][gap] = &exact{}
			}
			t.by[destination][gap].add(sum.count, sum.millionths)
		}
	}
}

func (t *tallied) ledger(destinations []string) Ledger {
	out := Ledger{Happened: t.happened.sum(), Platforms: map[string]*Platform{}}
	names := slices.Clone(destinations)
	for name := range t.by {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		p := &Platform{Gap: []Gap{}}
		var got, again exact
		pending := t.happened
		for gap, sum := range t.by[name] {
			switch gap.State {
			case "delivered":
				got.add(sum.count, sum.millionths)
			case "again":
				again.add(sum.count, sum.millionths)
				continue
			case "retried":
				continue
			default:
				gap.Sum = sum.sum()
				p.Gap = append(p.Gap, gap)
			}
			pending.add(-sum.count, -sum.millionths)
		}
		pending.add(again.count, again.millionths)
		p.Sum, p.Pending = got.sum(), exact{max(0, pending.count), max(0, pending.millionths)}.sum()
		slices.SortFunc(p.Gap, func(a, b Gap) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.State, b.State), strings.Compare(a.Reason, b.Reason), strings.Compare(a.Detail, b.Detail))
		})
		out.Platforms[name] = p
	}
	return out
}
