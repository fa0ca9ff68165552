package answers

import (
	"headgate/insight/count"
	"headgate/insight/terms"
)

// money says sums in the currency that most amounts have.
type money struct {
	a    *ask
	main uint32
}

// moneyOf chooses the currency.
func (a *ask) moneyOf(all ...count.Money) money {
	var sum count.Money
	for _, m := range all {
		sum.Merge(m)
	}
	most, main := 0, uint32(0)
	for currency, amount := range sum {
		if amount.Rows > most || amount.Rows == most && a.text(currency) < a.text(main) {
			most, main = amount.Rows, currency
		}
	}
	return money{a, main}
}

func (m money) currency() string { return m.a.text(m.main) }

func (m money) value(of count.Money) float64 { return m.in(of, m.main) }

func (m money) in(of count.Money, currency uint32) float64 {
	if a := of[currency]; a != nil {
		return round(terms.Major(a.Minor, m.a.text(currency)))
	}
	return 0
}

// other are the sums in other currencies.
func (m money) other(of count.Money) map[string]float64 {
	var out map[string]float64
	for currency := range of {
		if currency != m.main {
			if out == nil {
				out = map[string]float64{}
			}
			out[m.a.text(currency)] = m.in(of, currency)
		}
	}
	return out
}
