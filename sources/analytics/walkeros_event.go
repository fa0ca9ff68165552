package analytics

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/sources/reading"
)

// walkerEvent is an event on the way from walkerOS's names.
type walkerEvent struct {
	e        event.Event
	dataItem bool
	stated   time.Time
	rest     event.Map // what becomes params.walkeros
}

// walkerEvents are GA4's names for entities and actions that walkerOS's documentation uses for commerce, sessions and forms.
var walkerEvents = map[string]string{
	"page view": "page_view", "session start": "session_start", "form submit": "form_submit", "user login": "login", "user signup": "sign_up",
	"product view": "view_item", "product add": "add_to_cart", "product remove": "remove_from_cart", "product click": "select_item",
	"cart view": "view_cart", "checkout start": "begin_checkout", "checkout begin": "begin_checkout", "order complete": "purchase",
	"promotion view": "view_promotion", "promotion click": "select_promotion",
}

// read fills the event; why says why it cannot be.
func (w *walkerEvent) read(m event.Map) (why string) {
	e := &w.e
	original := m.Text("name")
	if original == "" {
		original = m.Text("event") // as the versions before 4, and the pixel, have it
	}
	e.Name = original
	if ours := walkerEvents[original]; ours != "" {
		e.Name = ours
		e.Params.Set("original_name", event.String(original))
	}
	for _, p := range m {
		switch p.Key {
		case "name", "event":
		case "data", "globals", "nested": // read below
		case "user":
			w.user(p.Value.Object())
		case "consent":
			w.consent(p.Value.Object())
		case "source":
			w.source(p.Value.Object())
		case "id":
			reading.SetID(e, p.Value.Text())
		case "timestamp":
			w.stated = reading.Time(p.Value)
		default:
			if !p.Value.IsEmpty() {
				w.rest.Set(p.Key, p.Value)
			}
		}
	}
	w.data(m.Get("data").Object(), m.Get("globals").Object())
	w.nested(m.Get("nested").List())
	if len(w.rest) > 0 {
		e.Params.Set("walkeros", event.ObjectOf(w.rest))
	}
	return ""
}

// data reads what the event says, and the page's globals under it.
func (w *walkerEvent) data(data, globals event.Map) {
	e := &w.e
	for _, p := range data {
		switch {
		case p.Key == "walkeros":
			w.rest.Set("data", event.ObjectOf(event.Map{p}))
		case p.Key == "original_name" && !e.Params.Get(p.Key).IsNull():
			w.rest.Set(p.Key, p.Value)
		default:
			e.Params.Set(p.Key, reading.Amount(p.Key, p.Value))
		}
	}
	if currency := globals.Text("currency"); currency != "" && data.Get("currency").IsNull() {
		e.Params.Set("currency", event.String(currency))
	}
	if len(globals) > 0 {
		w.rest.Set("globals", event.ObjectOf(globals))
	}
	switch e.Name {
	case "page_view":
		reading.FillText(&e.Page.Title, data.Text("title"))
		reading.FillText(&e.Page.Referrer, data.Text("referrer"))
		reading.FillText(&e.Page.Path, data.Text("path"))
	case "purchase":
		if id := data.Text("id"); id != "" && data.Get("transaction_id").IsNull() {
			e.Params.Set("transaction_id", event.String(id))
		}
		if n, ok := reading.Number(data.Get("total")); ok && data.Get("value").IsNull() {
			e.Params.Set("value", event.Float(n))
		}
	case "view_item", "add_to_cart", "remove_from_cart", "select_item":
		w.product(data)
	}
}

// product reads an event about one product: its worth, and the product as an item where that is wanted.
func (w *walkerEvent) product(data event.Map) {
	item := reading.Item(data)
	if price, ok := reading.Number(data.Get("price")); ok && data.Get("value").IsNull() {
		quantity, said := reading.Number(data.Get("quantity"))
		if !said {
			quantity = 1
		}
		w.e.Params.Set("value", event.Float(reading.Cents(price*quantity)))
	}
	if w.dataItem && item.ID+item.Name != "" {
		w.e.Items = append(w.e.Items, item)
	}
}

// nested takes the products that an event nests for its items. Other entities are kept.
func (w *walkerEvent) nested(entities []event.Value) {
	var others []event.Value
	for _, v := range entities {
		entity := v.Object().Text("entity")
		if entity == "" {
			entity = v.Object().Text("type") // as versions before 4 have it
		}
		if entity != "product" {
			others = append(others, v)
			continue
		}
		w.e.Items = append(w.e.Items, reading.Item(v.Object().Get("data").Object()))
	}
	if len(others) > 0 {
		w.rest.Set("nested", event.ListOf(others...))
	}
}

// user reads who the visitor is and what the browser says of the device.
func (w *walkerEvent) user(m event.Map) {
	e := &w.e
	for _, p := range m {
		field := w.userField(p.Key)
		switch {
		case p.Key == "ip":
			w.rest.Set("ip", p.Value)
		case p.Key == "userAgent":
			w.rest.Set("user_agent", p.Value)
		case field != nil:
			*field = p.Value.Text()
		case !p.Value.IsEmpty():
			reading.SetTrait(&e.User, p.Key, p.Value)
		}
	}
}

func (w *walkerEvent) userField(key string) *string {
	user, device := &w.e.User, &w.e.Device
	switch key {
	case "id":
		return &user.UserID
	case "device":
		return &user.ClientID
	case "session":
		return &w.e.Session.ID
	case "street":
		return &user.Street
	case "country":
		return &user.Country
	case "region":
		return &user.Region
	case "city":
		return &user.City
	case "zip":
		return &user.PostalCode
	case "language":
		return &device.Language
	case "screenSize":
		return &device.Screen
	case "browser":
		return &device.Browser
	case "browserVersion":
		return &device.BrowserVersion
	case "os":
		return &device.OS
	case "osVersion":
		return &device.OSVersion
	case "deviceType":
		return &device.Type
	}
	return nil
}

// consent reads groups: our purposes, and those that a site calls its own.
func (w *walkerEvent) consent(m event.Map) {
	for _, p := range reading.StateConsent(&w.e, m) {
		if granted, ok := reading.Truth(p.Value); ok {
			w.e.Consent.Set(p.Key, event.Boolean(granted))
			continue
		}
		w.rest.Set("consent", event.ObjectOf(m)) // for people to find out why it counts for nothing
	}
}

// source reads where the event comes from. Versions before 4 have the page as id and previous_id.
func (w *walkerEvent) source(m event.Map) {
	var left event.Map
	for _, p := range m {
		text := p.Value.Text()
		switch {
		case p.Key == "url" || p.Key == "id" && strings.HasPrefix(text, "http"):
			w.e.Page.URL = text
		case p.Key == "referrer" || p.Key == "previous_id" && strings.HasPrefix(text, "http"):
			w.e.Page.Referrer = text
		default:
			left.Add(p.Key, p.Value)
		}
	}
	if len(left) > 0 {
		w.rest.Set("source", event.ObjectOf(left))
	}
}
