package count

// CartEvents are the symbols of the events of a cart.
type CartEvents struct {
	Add, Remove, View, Begin, Shipping, Payment, Purchase uint32
}

// NewCartEvents makes the symbols.
func NewCartEvents(s *Symbols) CartEvents {
	return CartEvents{s.ID("add_to_cart"), s.ID("remove_from_cart"), s.ID("view_cart"), s.ID("begin_checkout"), s.ID("add_shipping_info"),
		s.ID("add_payment_info"), s.ID("purchase")}
}

// Cart is one cart of a visitor.
type Cart struct {
	Visitor      uint64
	Opened, Last int64 // Last is the visitor's last event before it ended or was abandoned
	Bought       bool
	Stage        uint32 // the furthest of its events, purchase apart
	Value        int64  // of what is in it, or was bought
	Currency     uint32
	Items        []uint32 // of its events that name items
	Touch        Touch    // of the session in which it was opened
}

// Carts finds carts. A cart is opened by add_to_cart or begin_checkout where none is open; a purchase ends it as bought. It is
// abandoned when the visitor does nothing for longer than After; the next cart event opens another one.
type Carts struct {
	Gap, After int64
	Now        int64 // a cart without an event for longer than After before Now is abandoned, any other one is pending
	Opened     Period
	Events     CartEvents
	Touches    *Touches
	Found      func(c *Cart, state CartState)
}

// CartState is what became of a cart.
type CartState uint8

// The states.
const (
	Pending CartState = iota
	Bought
	Abandoned
)

// Add finds a visitor's carts.
func (c *Carts) Add(rows []Row) {
	var open *Cart
	end := func(state CartState) {
		if open != nil && c.Opened.Has(open.Opened) {
			c.Found(open, state)
		}
		open = nil
	}
	for session := range Sessions(rows, c.Gap) {
		for i := range session {
			r := &session[i]
			if open != nil && r.Time-open.Last > c.After {
				end(Abandoned)
			}
			if open == nil && (r.Event == c.Events.Add || r.Event == c.Events.Begin) {
				open = &Cart{Visitor: r.Visitor, Opened: r.Time, Touch: c.Touches.Of(session)}
			}
			if open == nil {
				continue
			}
			open.Last = r.Time
			if r.Event == c.Events.Purchase {
				open.Bought, open.Value, open.Currency = true, r.Value, r.Currency
				end(Bought)
				continue
			}
			c.event(open, r)
		}
	}
	if open != nil && c.Now-open.Last > c.After {
		end(Abandoned)
	}
	end(Pending)
}

// event changes a cart. Events of the checkout say what the whole cart is worth, add_to_cart and remove_from_cart what is added
// and removed.
func (c *Carts) event(cart *Cart, r *Row) {
	rank := c.rank(r.Event)
	if rank < 0 {
		return
	}
	if cart.Stage == 0 || rank > c.rank(cart.Stage) {
		cart.Stage = r.Event
	}
	if r.Items != 0 {
		cart.Items = append(cart.Items, r.Items)
	}
	if r.Value == 0 {
		return
	}
	switch {
	case r.Event == c.Events.Remove:
		cart.Value = max(0, cart.Value-r.Value)
	case r.Event == c.Events.Add:
		cart.Value += r.Value
	default:
		cart.Value = r.Value
	}
	cart.Currency = r.Currency
}

// rank orders the stages of a cart; -1 for what is no event of a cart.
func (c *Carts) rank(event uint32) int {
	switch event {
	case c.Events.Add, c.Events.Remove:
		return 0
	case c.Events.View:
		return 1
	case c.Events.Begin:
		return 2
	case c.Events.Shipping:
		return 3
	case c.Events.Payment:
		return 4
	}
	return -1
}
