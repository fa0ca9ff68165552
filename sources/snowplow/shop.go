package snowplow

import (
	"strings"

	"headgate/event"
	"headgate/sources/reading"
)

// ecommerce reads a context of the e-commerce plugin.
func (p *snowplowEvent) ecommerce(name string, data event.Map) {
	e := &p.e
	switch name {
	case "product":
		e.Items = append(e.Items, snowplowProduct(data))
		p.give("currency", data.Get("currency"))
	case "transaction":
		p.gives(data, snowplowTransaction)
	case "refund":
		p.gives(data, snowplowRefund)
	case "cart":
		p.cart = data
	case "promotion":
		p.gives(data, snowplowPromotion)
	case "checkout_step":
		p.checkout(data)
	case "user":
		if e.User.UserID == "" {
			e.User.UserID = data.Text("id")
		}
		if email := data.Text("email"); email != "" {
			e.User.Email = email
		}
	}
}

// snowplowProduct reads a product, whose category may be a path.
func snowplowProduct(data event.Map) event.Item {
	m := make(event.Map, 0, len(data)+4)
	for _, one := range data {
		switch one.Key {
		case "sku":
			m.Set("id", one.Value)
		case "unitPrice":
			m.Set("price", one.Value)
		case "currency": // of the event
		case "category":
			for i, level := range strings.SplitN(one.Value.Text(), "/", 5) {
				name := "category"
				if i > 0 {
					name += string(rune('1' + i))
				}
				m.Set(name, event.String(level))
			}
		default:
			m.Set(one.Key, one.Value)
		}
	}
	return reading.Item(m)
}

func snowplowTransaction(key string) string {
	switch key {
	case "revenue":
		return "value"
	case "discount_code":
		return "coupon"
	case "discount_amount":
		return "discount"
	case "payment_method":
		return "payment_type"
	}
	return key
}

func snowplowRefund(key string) string {
	if key == "refund_amount" {
		return "value"
	}
	return key
}

func snowplowPromotion(key string) string {
	switch key {
	case "id", "name":
		return "promotion_" + key
	case "creative_id":
		return "creative_name"
	case "slot":
		return "creative_slot"
	}
	return key
}

// checkout reads a step of a checkout. Where the order is to go is the visitor's address.
func (p *snowplowEvent) checkout(data event.Map) {
	u := &p.e.User
	for _, one := range data {
		text := one.Value.Text()
		switch one.Key {
		case "step":
			p.give("checkout_step", one.Value)
		case "coupon_code":
			p.give("coupon", one.Value)
		case "payment_method":
			p.give("payment_type", one.Value)
		case "delivery_method":
			p.give("shipping_tier", one.Value)
		case "billing_full_address":
			u.Street = text
		case "billing_postcode":
			u.PostalCode = text
		case "shipping_full_address", "shipping_postcode": // in the block
		default:
			p.give(one.Key, one.Value)
		}
	}
}

// give sets a param unless it is set.
func (p *snowplowEvent) give(name string, v event.Value) {
	if _, known := p.e.Params.Find(name); !known && !v.IsEmpty() {
		p.e.Params.Set(name, reading.Amount(name, v))
	}
}

func (p *snowplowEvent) gives(data event.Map, ours func(string) string) {
	for _, one := range data {
		p.give(ours(one.Key), one.Value)
	}
}

// value settles what the event is worth where it does not say so: what its products cost, or in a checkout the cart.
func (p *snowplowEvent) value() {
	if p.cart != nil {
		p.give("cart_id", p.cart.Get("cart_id"))
		p.give("currency", p.cart.Get("currency"))
	}
	switch p.e.Name {
	case "view_item", "select_item", "add_to_cart", "remove_from_cart", "purchase", "transaction_item":
		p.worth()
	case "begin_checkout", "add_shipping_info", "add_payment_info", "checkout_progress", "view_cart":
		p.give("value", p.cart.Get("total_value"))
		p.worth()
	}
}

// worth sets the value of an event to what its products cost, where all of them have a price.
func (p *snowplowEvent) worth() {
	total := 0.0
	for _, item := range p.e.Items {
		if !item.Price.Known {
			return
		}
		quantity := 1.0
		if item.Quantity.Known {
			quantity = item.Quantity.Float
		}
		total += item.Price.Float * quantity
	}
	if len(p.e.Items) > 0 {
		p.give("value", event.Float(total))
	}
}

// snowplowOrders are the orders of a request by their ids, which wait for their items.
type snowplowOrders map[string]int

func (o snowplowOrders) note(p *snowplowEvent, index int) {
	if p.kind == "tr" {
		o[p.order] = index
	}
}

// join gives an item to its order and reports whether there is one.
func (o snowplowOrders) join(p *snowplowEvent, events []event.Event) bool {
	if p.kind != "ti" {
		return false
	}
	i, ok := o[p.order]
	if ok {
		events[i].Items = append(events[i].Items, p.e.Items...)
	}
	return ok
}
