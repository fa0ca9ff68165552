package segment

import (
	"headgate/event"
	"headgate/sources/reading"
)

// shopEvents are GA4's names of the events of a shop.
var shopEvents = map[string]bool{
	"search": true, "view_item_list": true, "select_item": true, "view_item": true, "view_promotion": true, "select_promotion": true,
	"add_to_wishlist": true, "add_to_cart": true, "remove_from_cart": true, "view_cart": true, "begin_checkout": true,
	"add_payment_info": true, "purchase": true, "refund": true,
}

// ShopEvent is GA4's name for an event of a shop. Product analytics tools have no names of their own for these; sites follow
// Segment's specification in any spelling. Every other name is the site's own.
func ShopEvent(name string) string {
	if ours := segmentEvent(name); shopEvents[ours] {
		return ours
	}
	return name
}

// SiteProperties reads what a site says of an event in its own words, of which those of a shop are understood as Segment's are.
// It returns what the protocol's block is to keep.
func SiteProperties(e *event.Event, all event.Map) (rest event.Map) {
	said := make(event.Map, 0, len(all))
	for _, p := range all {
		if name := p.Key; (name == "items" || name == "products") && len(e.Items) == 0 {
			if items, fact := reading.Items(p.Value.List()); fact == "" && len(items) > 0 {
				e.Items = items
				continue
			}
		}
		said.Add(p.Key, p.Value)
	}
	products, listed := said.Find("products") // of names, or of whatever the site means
	said.Delete("products")
	c := segmentCall{kind: "track", body: event.Map{{Key: "properties", Value: event.ObjectOf(said)}}, e: e}
	items := e.Items
	_ = c.properties() // without products nothing is wrong with them
	if len(items) > 0 {
		e.Items = items
	}
	if listed {
		e.Params.Set("products", products)
	}
	return c.rest
}
