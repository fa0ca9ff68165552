package snowplow

import (
	"strings"

	"headgate/event"
	"headgate/sources/reading"
	"headgate/sources/segment"
)

// isSnowplows reports whether a schema is one of the vendor's own.
func isSnowplows(schema string) bool { return strings.HasPrefix(schema, "iglu:com.snowplowanalytics.") }

// describing reads a self-describing event: {schema, data}.
func (p *snowplowEvent) describing(m event.Map) {
	e, schema, data := &p.e, m.Text("schema"), m.Get("data").Object()
	name := schemaName(schema)
	ours := segment.ShopEvent(name)
	switch {
	case !isSnowplows(schema):
	case name == "snowplow_ecommerce_action":
		ours = p.action(data)
	case name == "link_click" || name == "button_click":
		ours = "click"
	case name == "submit_form":
		ours = "form_submit"
	case name == "site_search":
		ours = "search"
	case name == "consent_preferences":
		p.consent(data)
	}
	reading.SetName(e, ours, schema)
	if !isSnowplows(schema) {
		for _, one := range segment.SiteProperties(e, data) {
			p.rest.Set(one.Key, one.Value)
		}
		return
	}
	if name == "add_to_cart" || name == "remove_from_cart" { // of trackers before the e-commerce plugin
		e.Items = append(e.Items, snowplowProduct(data))
		p.give("currency", data.Get("currency"))
		return
	}
	for _, one := range data {
		if key := snowplowParam(name, one.Key); key != "" {
			e.Params.Set(key, snowplowText(one.Value))
		}
	}
}

// snowplowParam is GA4's name for a property of the vendor's own events, "" for what is read elsewhere.
func snowplowParam(name, key string) string {
	switch name + "." + key {
	case "link_click.targetUrl":
		return "link_url"
	case "link_click.elementId", "button_click.id":
		return "link_id"
	case "link_click.elementContent", "button_click.label":
		return "link_text"
	case "link_click.elementClasses", "button_click.classes":
		return "link_classes"
	case "submit_form.formId":
		return "form_id"
	case "site_search.terms":
		return "search_term"
	case "screen_view.name":
		return "screen_name"
	case "snowplow_ecommerce_action.type":
		return ""
	case "snowplow_ecommerce_action.name":
		return "item_list_name"
	}
	if name == "consent_preferences" {
		return "" // in the block
	}
	return key
}

// snowplowText is a list of words as one text, anything else itself.
func snowplowText(v event.Value) event.Value {
	if v.Kind() != event.List {
		return v
	}
	words := make([]string, 0, len(v.List()))
	for _, one := range v.List() {
		if one.Kind() != event.Text {
			return v
		}
		words = append(words, one.Text())
	}
	return event.String(strings.Join(words, " "))
}

// consent reads what a visitor chose. Which scopes were granted stays in the block, where a map of the site's says what they
// mean; to deny all of them needs no map.
func (p *snowplowEvent) consent(data event.Map) {
	p.rest.Set("consent_preferences", event.ObjectOf(data))
	if data.Text("eventType") != "deny_all" {
		return
	}
	no := event.Boolean(false)
	reading.StateConsent(&p.e, event.Map{{Key: "functional", Value: no}, {Key: "analytics", Value: no}, {Key: "ads", Value: no},
		{Key: "personalized_ads", Value: no}, {Key: "sharing", Value: no}})
}

// action is GA4's name for an action of the e-commerce plugin.
// https://docs.snowplow.io/docs/events/ootb-data/ecommerce-events/
func (p *snowplowEvent) action(data event.Map) string {
	switch kind := data.Text("type"); kind {
	case "product_view":
		return "view_item"
	case "list_view":
		return "view_item_list"
	case "list_click":
		return "select_item"
	case "promo_view":
		return "view_promotion"
	case "promo_click":
		return "select_promotion"
	case "transaction":
		return "purchase"
	case "trns_error":
		return "transaction_error"
	case "checkout_step":
		return p.step()
	case "":
		return "snowplow_ecommerce_action"
	default: // add_to_cart, remove_from_cart, refund
		return kind
	}
}

// step is GA4's name for a step of a checkout, as what was chosen in it tells.
func (p *snowplowEvent) step() string {
	switch params := p.e.Params; {
	case params.Text("payment_type") != "":
		return "add_payment_info"
	case params.Text("shipping_tier") != "":
		return "add_shipping_info"
	case params.Text("checkout_step") == "1":
		return "begin_checkout"
	}
	return "checkout_progress"
}

// contexts reads what the tracker sends along with the event. Each stays whole in the block, too, by its schema.
func (p *snowplowEvent) contexts(m event.Map) {
	var kept []event.Value
	for _, name := range [...]string{"cx", "co"} {
		text := m.Text(name)
		if text == "" {
			continue
		}
		list := p.parse(text).Object().Get("data")
		if list.Kind() != event.List {
			p.rest.Set(name, event.String(text)) // as it came
		}
		for _, one := range list.List() {
			if schema := one.Object().Text("schema"); schema != "" {
				kept = append(kept, one)
				p.context(schema, one.Object().Get("data").Object())
			}
		}
	}
	if len(kept) > 0 {
		p.rest.Set("contexts", event.ListOf(kept...))
	}
}

// context reads one context of a schema that has names of ours.
func (p *snowplowEvent) context(schema string, data event.Map) {
	e, name := &p.e, schemaName(schema)
	switch {
	case strings.HasPrefix(schema, "iglu:com.snowplowanalytics.snowplow.ecommerce/"):
		p.ecommerce(name, data)
	case strings.HasPrefix(schema, "iglu:com.google."):
		if id := data.Text("_ga"); id != "" {
			e.Cookies.Set("_ga", event.String(id))
		}
	case !isSnowplows(schema):
	case name == "client_session":
		p.session, p.person = data.Text("sessionId"), data.Text("userId")
		if n, ok := reading.Number(data.Get("sessionIndex")); ok && e.Session.Number == 0 && n >= 0 && n < 1e9 {
			e.Session.Number = int64(n)
		}
	case name == "application":
		reading.Rename(&p.app, event.ObjectOf(data), reading.AppParam)
	case name == "mobile_context":
		e.Device.OS, e.Device.OSVersion = data.Text("osType"), data.Text("osVersion")
		reading.Rename(&p.device, event.ObjectOf(data), snowplowDevice)
	}
}

func snowplowDevice(key string) string {
	switch key {
	case "deviceManufacturer":
		return "manufacturer"
	case "deviceModel":
		return "model"
	case "appleIdfa", "androidIdfa":
		return "advertising_id"
	case "carrier":
		return key
	}
	return ""
}
