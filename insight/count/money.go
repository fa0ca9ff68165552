package count

// Money is amounts by currency, in the smallest unit of each.
type Money map[uint32]*Amount

// Amount is a sum in one currency. It is a fraction where a conversion is shared among campaigns.
type Amount struct {
	Minor float64
	Rows  int // how many amounts were added
}

// Add adds a row's value.
func (m *Money) Add(r *Row) { m.add(r.Currency, float64(r.Value), r.Value != 0) }

// AddShare adds a part of a row's value.
func (m *Money) AddShare(r *Row, share float64) {
	m.add(r.Currency, float64(r.Value)*share, r.Value != 0)
}

// AddAmount adds an amount that several rows make up.
func (m *Money) AddAmount(currency uint32, minor int64) { m.add(currency, float64(minor), minor != 0) }

func (m *Money) add(currency uint32, minor float64, there bool) {
	if !there {
		return
	}
	if *m == nil {
		*m = Money{}
	}
	a := (*m)[currency]
	if a == nil {
		a = &Amount{}
		(*m)[currency] = a
	}
	a.Minor += minor
	a.Rows++
}

// Merge adds all amounts of another.
func (m *Money) Merge(other Money) {
	for currency, a := range other {
		m.add(currency, a.Minor, true)
		(*m)[currency].Rows += a.Rows - 1
	}
}

// Renamed returns the same amounts with the currencies' symbols of another table.
func (m Money) Renamed(symbol func(uint32) uint32) Money {
	if m == nil {
		return nil
	}
	out := make(Money, len(m))
	for currency, a := range m {
		amount := *a
		out[symbol(currency)] = &amount
	}
	return out
}
