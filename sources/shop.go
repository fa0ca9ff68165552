package sources

import (
	"strings"

	"headgate/event"
)

// shopEvents are GA4's names of the events of a shop.
var shopEvents = map[string]bool{
	"search": true, "view_item_list": true, "select_item": true, "view_item": true, "view_promotion": true, "select_promotion": true,
	"add_to_wishlist": true, "add_to_cart": true, "remove_from_cart": true, "view_cart": true, "begin_checkout": true,
	"add_payment_info": true, "purchase": true, "refund": true,
}

// shopEvent is GA4's name for an event of a shop. Product analytics tools have no names of their own for these; sites follow
// Segment's specification in any spelling. Every other name is the site's own.
func shopEvent(name string) string {
	if ours := segmentEvent(name); shopEvents[ours] {
		return ours
	}
	return name
}

// siteProperties reads what a site says of an event in its own words, of which those of a shop are understood as Segment's are.
// It returns what the protocol's block is to keep.
func siteProperties(e *event.Event, all event.Map) (rest event.Map) {
	said := make(event.Map, 0, len(all))
	for _, p := range all {
		if name := p.Key; (name == "items" || name == "products") && len(e.Items) == 0 {
			if items, fact := readItems(p.Value.List()); fact == "" && len(items) > 0 {
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

// marketing takes a property that says how the visitor came, by the names that the parameters of the landing page have. It
// reports whether the property was one.
func marketing(campaign *event.Campaign, key string, v event.Value) bool {
	text := v.Text()
	if text == "" {
		return false
	}
	switch key {
	case "utm_source":
		campaign.Source = text
	case "utm_medium":
		campaign.Medium = text
	case "utm_campaign":
		campaign.Name = text
	case "utm_term":
		campaign.Term = text
	case "utm_content":
		campaign.Content = text
	case "utm_id":
		campaign.ID = text
	default:
		id := event.FindClickID(key)
		if id == nil {
			return false
		}
		campaign.ClickIDs.Set(id.Name, event.String(text))
	}
	return true
}

// setName sets the event's name and keeps the name as sent where ours is another.
func setName(e *event.Event, ours, sent string) {
	if e.Name = ours; ours != sent {
		e.Params.Set("original_name", event.String(sent))
	}
}

// device takes a property of an app about the device it runs on. What a page says of its browser is known better from the browser.
func device(d *event.Device, key, text string) bool {
	switch key {
	case "$os", "$os_name", "os_name":
		d.OS = text
	case "$os_version", "os_version":
		d.OSVersion = text
	default:
		return false
	}
	return true
}

// size is the size of a screen as the vocabulary has it, "" when one of its sides is unknown.
func size(width, height event.Value) string {
	w, wok := number(width)
	h, hok := number(height)
	if !wok || !hok || w <= 0 || h <= 0 {
		return ""
	}
	return width.Text() + "x" + height.Text()
}

// snake writes a name of words in small letters with _ between them: Page View ID is page_view_id.
func snake(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "_") }

// keepDevice keeps what is known of the app and of the device it runs on, before the site's properties, which then keep apart
// what they call the same.
func keepDevice(e *event.Event, app, device event.Map) {
	if len(app) > 0 {
		e.Params.Set("app", event.ObjectOf(app))
	}
	if len(device) > 0 {
		e.Params.Set("device", event.ObjectOf(device))
	}
}

// keepBlock keeps what the vocabulary has no field for in the protocol's block. What a site calls as the block is called goes
// into it.
func keepBlock(e *event.Event, param string, rest event.Map) {
	if said, ok := e.Params.Find(param); ok {
		rest.Set(param, said)
	}
	if len(rest) > 0 {
		e.Params.Set(param, event.ObjectOf(rest))
	}
}
