package segment

import (
	"strings"

	"headgate/event"
	"headgate/event/keys"
	"headgate/sources/reading"
)

// properties reads what the event says; why says what is wrong with it.
func (c *segmentCall) properties() (why string) {
	e, all := c.e, c.body.Get("properties").Object()
	if c.kind == "page" || c.kind == "screen" {
		all = pageKeys(&e.Page, event.ObjectOf(all)).Object()
	}
	products := all.Get("products")
	single := products.IsNull() && ofOneProduct[e.Name] && (all.Text("product_id") != "" || all.Text("sku") != "")
	var product event.Map
	for _, p := range all {
		switch {
		case p.Key == "products" && p.Value.Kind() == event.List:
			if e.Items, why = reading.Items(p.Value.List()); why != "" {
				return "products: " + why
			}
		case single && ofProduct(p.Key):
			product.Add(p.Key, p.Value)
		case !c.marketing(p):
			c.property(all, p)
		}
	}
	if single {
		e.Items = []event.Item{reading.Item(product)}
	}
	c.value(all)
	return ""
}

// property sets one param by its GA4 name; when a site sends both names, each keeps its own.
func (c *segmentCall) property(all event.Map, p event.Pair) {
	name := segmentProperty(c.e.Name, p.Key)
	if _, both := all.Find(name); both {
		name = p.Key
	}
	switch _, ours := c.e.Params.Find(name); {
	case name == "segment", name == "original_name" && ours:
		c.rest.Set(name, p.Value)
		return
	case ours && (name == "app" || name == "device"): // the context's, which destinations read there
		said := c.rest.Get("properties").Object().Clone()
		said.Set(name, p.Value)
		c.rest.Set("properties", event.ObjectOf(said))
		return
	}
	c.e.Params.Set(name, reading.Amount(name, p.Value))
}

// value finds the worth of an event: revenue, else total, else value. What another name said stays beside it.
func (c *segmentCall) value(all event.Map) {
	for _, name := range [...]string{"revenue", "total"} {
		worth := reading.Amount("value", all.Get(name))
		if _, ok := worth.Float(); !ok {
			continue
		}
		if said, ok := all.Find("value"); ok && !said.Equal(worth) {
			c.rest.Set("value", said)
		}
		c.e.Params.Set("value", worth)
		return
	}
}

// marketing takes a property that is a click id or the value of a browser tag's cookie, as sites send them from their servers.
// It reports whether the property was one.
func (c *segmentCall) marketing(p event.Pair) bool {
	text := p.Value.Text()
	if text == "" {
		return false
	}
	if id := keys.FindClickID(p.Key); id != nil {
		c.e.Campaign.ClickIDs.Set(id.Name, event.String(text))
		return true
	}
	switch strings.TrimLeft(p.Key, "_") {
	case "fbp", "fbc", "ttp", "scid", "rdt_uuid":
		c.e.Cookies.Set("_"+strings.TrimLeft(p.Key, "_"), event.String(text))
		return true
	}
	return false
}

// ofProduct are the properties that belong to the product where an event is about one.
func ofProduct(key string) bool {
	switch key {
	case "id", "index": // of whatever the site means
		return false
	case "sku", "image_url", "url":
		return true
	}
	return reading.ItemName(key) != ""
}

// pageKeys sets the page from context.page, or from the properties of a page call, and returns what is left.
func pageKeys(page *event.Page, v event.Value) event.Value {
	var left event.Map
	for _, p := range v.Object() {
		switch text := p.Value.Text(); p.Key {
		case "url":
			page.URL = text
		case "title":
			page.Title = text
		case "referrer":
			page.Referrer = text
		case "path":
			page.Path = text
		case "search":
			page.Query = strings.TrimPrefix(text, "?")
		default:
			left.Add(p.Key, p.Value)
		}
	}
	return event.ObjectOf(left)
}

func campaignKeys(campaign *event.Campaign, v event.Value) event.Value {
	var left event.Map
	for _, p := range v.Object() {
		switch text := p.Value.Text(); p.Key {
		case "source":
			campaign.Source = text
		case "medium":
			campaign.Medium = text
		case "name":
			campaign.Name = text
		case "term":
			campaign.Term = text
		case "content":
			campaign.Content = text
		case "id":
			campaign.ID = text
		default:
			if id := keys.FindClickID(p.Key); id != nil && text != "" {
				campaign.ClickIDs.Set(id.Name, event.String(text))
				continue
			}
			left.Add(p.Key, p.Value)
		}
	}
	return event.ObjectOf(left)
}
