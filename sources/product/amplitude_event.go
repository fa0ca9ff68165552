package product

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
	"headgate/sources/segment"
)

// amplitudeEvent is an event on the way from Amplitude's names.
// https://amplitude.com/docs/apis/analytics/http-v2#keys-for-the-event-argument
type amplitudeEvent struct {
	e      event.Event
	limits sources.Limits
	page   bool      // a page sent it, and no app
	app    event.Map // what becomes params.app
	device event.Map // what becomes params.device
	rest   event.Map // what becomes params.amplitude
}

// read fills the event; why says why it cannot be, and field is Amplitude's name for what is wrong.
func (a *amplitudeEvent) read(m event.Map, sent time.Time) (field, why string) {
	e, name := &a.e, m.Text("event_type")
	e.User.ClientID, e.User.UserID = m.Text("device_id"), m.Text("user_id")
	switch {
	case name == "":
		return "event_type", "the event has no event_type"
	case e.User.ClientID == "" && e.User.UserID == "":
		return "device_id", "the event has neither user_id nor device_id"
	}
	reading.SetName(e, amplitudeName(name), name)
	a.page = m.Text("platform") == "Web"
	for _, p := range m {
		a.set(p.Key, p.Value)
	}
	if name == "$groupidentify" {
		a.group(m)
	}
	reading.KeepDevice(e, a.app, a.device)
	a.properties(m.Get("event_properties").Object())
	a.revenue(m)
	a.limits.SetTime(e, reading.Time(m.Get("time")), sent)
	reading.KeepBlock(e, "amplitude", a.rest)
	return "", ""
}

// set reads one key of an event.
func (a *amplitudeEvent) set(key string, v event.Value) {
	e := &a.e
	switch key {
	case "event_type", "device_id", "user_id", "time", "event_properties":
		// read elsewhere
	case "price", "quantity", "revenue", "productId", "product_id", "revenueType", "revenue_type", "currency":
		// read by revenue
	case "insert_id":
		reading.SetID(e, v.Text())
	case "session_id":
		if text := v.Text(); text != "-1" { // of an event outside of any session
			e.Session.ID = text
			e.Session.Start = reading.Time(v)
		}
	case "user_properties":
		a.person(v)
	case "ip":
		if text := v.Text(); text != "$remote" { // the connection's
			a.rest.Set(key, v)
		}
	case "language":
		e.Device.Language = v.Text()
	case "app_version":
		a.app.Set("version", v)
	case "device_manufacturer":
		a.device.Set("manufacturer", v)
	case "device_model":
		a.device.Set("model", v)
	case "carrier":
		a.device.Set(key, v)
	case "idfv":
		a.device.Set("id", v)
	case "adid", "idfa":
		a.device.Set("advertising_id", v)
	default:
		if a.page || !reading.Device(&e.Device, key, v.Text()) {
			a.rest.Set(key, v)
		}
	}
}

// person reads user_properties: values as they are, or below operations such as $set. How the visitor came is kept apart from
// who the visitor is, and so is what is not to replace what is known.
func (a *amplitudeEvent) person(v event.Value) {
	var left event.Map
	said := v.Object()
	if set := said.Get("$set"); set.Kind() == event.Object {
		if rest := a.traits(set.Object()); len(rest) > 0 {
			left.Set("$set", event.ObjectOf(rest))
		}
	}
	var plain event.Map
	for _, p := range said {
		switch {
		case p.Key == "$set" && p.Value.Kind() == event.Object:
		case strings.HasPrefix(p.Key, "$"):
			left.Set(p.Key, p.Value)
		default:
			plain.Add(p.Key, p.Value)
		}
	}
	for _, p := range a.traits(plain) {
		left.Set(p.Key, p.Value)
	}
	if len(left) > 0 {
		a.rest.Set("user_properties", event.ObjectOf(left))
	}
}

func (a *amplitudeEvent) traits(m event.Map) (rest event.Map) {
	for _, p := range m {
		switch {
		case p.Value.Text() == "EMPTY", p.Key == "referrer", p.Key == "referring_domain", strings.HasPrefix(p.Key, "initial_"):
			rest.Add(p.Key, p.Value)
		case !reading.Marketing(&a.e.Campaign, p.Key, p.Value):
			reading.SetTrait(&a.e.User, p.Key, p.Value)
		}
	}
	return rest
}

// group reads whom a $groupidentify is about: the first of its groups.
func (a *amplitudeEvent) group(m event.Map) {
	for _, p := range m.Get("groups").Object() {
		a.e.Params.Set("group_type", event.String(p.Key))
		a.e.Params.Set("group_id", p.Value)
		break
	}
	if traits := m.Get("group_properties").Object().Get("$set"); traits.Kind() == event.Object {
		a.e.Params.Set("group_traits", traits)
	}
}

// properties reads event_properties: those of Amplitude's own, and the site's.
func (a *amplitudeEvent) properties(m event.Map) {
	e := &a.e
	own := make(event.Map, 0, len(m))
	referrer := ""
	for _, p := range m {
		name, theirs := strings.CutPrefix(p.Key, "[Amplitude] ")
		switch text := p.Value.Text(); {
		case theirs && name == "Page Location":
			e.Page.URL = text
		case theirs && name == "Page Title":
			e.Page.Title = text
		case theirs && name == "Page Path":
			e.Page.Path = text
		case theirs && name == "Previous Page Location":
			e.Page.Referrer = text
		case theirs && name == "Page Domain":
			e.Page.Host = text
		case theirs && name == "Page URL": // the location without its query
		case theirs:
			own.Set(reading.Snake(name), p.Value)
		case text == "EMPTY" || p.Key == "referring_domain":
			a.rest.Set(p.Key, p.Value)
		case p.Key == "referrer":
			referrer = text
		case reading.Marketing(&e.Campaign, p.Key, p.Value):
		case strings.HasPrefix(p.Key, "$"): // of revenue
			if amplitudeRevenue(p.Key) == "" {
				a.rest.Set(p.Key, p.Value)
			}
		default:
			own.Set(p.Key, p.Value)
		}
	}
	if e.Page.Referrer == "" {
		e.Page.Referrer = referrer
	}
	for _, p := range segment.SiteProperties(e, own) {
		a.rest.Set(p.Key, p.Value)
	}
}

// amplitudeRevenue is what the libraries call a part of a revenue, $ before it or not.
func amplitudeRevenue(key string) string {
	switch strings.TrimPrefix(key, "$") {
	case "productId", "product_id":
		return "id"
	case "price", "quantity", "revenue", "currency":
		return strings.TrimPrefix(key, "$")
	case "revenueType", "revenue_type":
		return "revenue_type"
	}
	return ""
}

// revenue reads what was earned with one product, from the event's own keys and from the $ properties of the libraries' calls.
// An event that has a value or items of its own keeps them.
func (a *amplitudeEvent) revenue(m event.Map) {
	e := &a.e
	var said event.Map
	for _, p := range m {
		if name := amplitudeRevenue(p.Key); name != "" {
			said.Set(name, p.Value)
		}
	}
	for _, p := range m.Get("event_properties").Object() {
		if name := amplitudeRevenue(p.Key); name != "" && p.Key[0] == '$' {
			said.Set(name, p.Value)
		}
	}
	price, priced := reading.Number(said.Get("price"))
	quantity, counted := reading.Number(said.Get("quantity"))
	if !counted {
		quantity = 1
	}
	value, worth := reading.Number(said.Get("revenue"))
	if !worth {
		value, worth = price*quantity, priced
	}
	if _, known := e.Params.Find("value"); worth && !known {
		e.Params.Set("value", event.Float(value))
	}
	for _, name := range [...]string{"currency", "revenue_type"} {
		if v := said.Get(name); !v.IsEmpty() {
			e.Params.Set(name, v)
		}
	}
	if (said.Text("id") != "" || priced) && len(e.Items) == 0 {
		e.Items = []event.Item{reading.Item(event.Map{{Key: "id", Value: said.Get("id")}, {Key: "price", Value: said.Get("price")},
			{Key: "quantity", Value: said.Get("quantity")}})}
	}
}

// amplitudeName is our name for an event of Amplitude's libraries, or of a shop.
func amplitudeName(name string) string {
	own, theirs := strings.CutPrefix(name, "[Amplitude] ")
	switch {
	case name == "$identify":
		return "identify"
	case name == "$groupidentify":
		return "group"
	case name == "revenue_amount":
		return "revenue"
	case !theirs:
		return segment.ShopEvent(name)
	case own == "Page Viewed":
		return "page_view"
	case own == "Element Clicked":
		return "click"
	case own == "Form Started":
		return "form_start"
	case own == "Form Submitted":
		return "form_submit"
	case own == "File Downloaded":
		return "file_download"
	}
	return reading.Snake(own)
}
