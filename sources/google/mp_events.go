package google

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources/reading"
)

// mpQuery is what the query says about the stream. The api_secret stays out: an event is stored, shown and sent on.
func mpQuery(query string) (m event.Map) {
	all := reading.Pairs(query)
	for name, value, ok := all.Next(); ok && len(m) < reading.MaxParams; name, value, ok = all.Next() {
		if name = wire.Unescape(name); name != "api_secret" {
			m.Set(name, event.String(wire.Unescape(value)))
		}
	}
	return m
}

// mpHit is what the events of one request share.
type mpHit struct {
	common   event.Event
	wire     event.Map // what becomes params.ga4
	believed bool
	time     time.Time
}

func newMPHit(h *event.Hit, body event.Map, believed bool) *mpHit {
	m := &mpHit{wire: mpQuery(h.Query), believed: believed}
	m.common.Source, m.common.Received = "mp", h.Received
	for _, p := range body {
		if !m.shared(p.Key, p.Value) {
			m.wire.Set(p.Key, p.Value)
		}
	}
	if app := m.wire.Text("app_instance_id"); app != "" && m.common.User.ClientID == "" {
		m.common.User.ClientID = app
		m.wire.Delete("app_instance_id")
	}
	return m
}

// event reads one event; why says why there is none.
func (m *mpHit) event(v event.Value) (e event.Event, why string) {
	if v.Kind() != event.Object {
		return e, "the event is no object"
	}
	e = reading.CopyEvent(&m.common)
	wire := m.wire.Clone()
	for _, p := range v.Object() {
		switch p.Key {
		case "name":
			e.Name = p.Value.Text()
		case "params":
			if p.Value.Kind() != event.Object {
				return e, "params is no object"
			}
			for _, p := range p.Value.Object() {
				if why := mpParam(&e, &wire, p.Key, p.Value); why != "" {
					return e, why
				}
			}
		case "timestamp_micros":
		default:
			wire.Set(p.Key, p.Value)
		}
	}
	if len(wire) > 0 {
		e.Params.Set("ga4", event.ObjectOf(wire))
	}
	return e, ""
}

// shared sets what the whole request says and reports whether that is all there is to keep of it.
func (m *mpHit) shared(key string, v event.Value) bool {
	e := &m.common
	switch key {
	case "events", "validation_behavior":
	case "client_id":
		e.User.ClientID = v.Text()
	case "user_id":
		e.User.UserID = v.Text()
	case "timestamp_micros":
		m.time = reading.Time(v)
	case "user_properties":
		for _, p := range v.Object() {
			value := p.Value // its set_timestamp_micros is Google's bookkeeping
			if wrapped, ok := value.Object().Find("value"); ok {
				value = wrapped
			}
			e.User.Traits.Set(p.Key, value)
		}
	case "user_data":
		mpUserData(e, v)
	case "consent":
		reading.StateConsent(e, v.Object())
		return false // as sent it is Google's signal: consent reads it there
	case "non_personalized_ads":
		if refused, ok := v.Bool(); !ok || !refused {
			return false
		}
		reading.StateConsent(e, event.Map{{Key: "personalized_ads", Value: event.Boolean(false)}})
		return false
	case "user_location":
		return m.believed && mpLocation(&e.Geo, v.Object())
	case "device":
		return mpDevice(&e.Device, v.Object())
	default:
		return false
	}
	return true
}

func mpLocation(g *event.Geo, m event.Map) (whole bool) {
	whole = true
	for _, p := range m {
		switch text := p.Value.Text(); p.Key {
		case "country_id":
			g.Country = text
		case "region_id":
			_, region, nested := strings.Cut(text, "-")
			if !nested {
				region = text
			}
			g.Region = region
		case "city":
			g.City = text
		default:
			whole = false
		}
	}
	return whole
}

func mpDevice(d *event.Device, m event.Map) (whole bool) {
	whole = true
	for _, p := range m {
		switch text := p.Value.Text(); p.Key {
		case "category":
			d.Type = text
		case "language":
			d.Language = text
		case "screen_resolution":
			d.Screen = text
		case "operating_system":
			d.OS = text
		case "operating_system_version":
			d.OSVersion = text
		case "browser":
			d.Browser = text
		case "browser_version":
			d.BrowserVersion = text
		default:
			whole = false
		}
	}
	return whole
}

// mpUserData sets the first e-mail address, telephone number and address; further ones go to the traits, which are guarded
// like the fields.
func mpUserData(e *event.Event, v event.Value) {
	var rest event.Map
	for _, p := range v.Object() {
		all := p.Value.List()
		if all == nil {
			all = []event.Value{p.Value}
		}
		if len(all) > 1 {
			rest.Add(p.Key, event.ListOf(all[1:]...))
		}
		if len(all) == 0 {
			continue
		}
		if p.Key == "address" && all[0].Kind() == event.Object {
			for _, part := range all[0].Object() {
				setContact(&e.User, &rest, "address."+part.Key, part.Value)
			}
			continue
		}
		setContact(&e.User, &rest, p.Key, all[0])
	}
	if len(rest) > 0 {
		e.User.Traits.Set("user_data", event.ObjectOf(rest))
	}
}

func setContact(u *event.User, rest *event.Map, name string, v event.Value) {
	if field := contactField(u, name); field != nil && v.Text() != "" && *field == "" {
		*field = v.Text()
		return
	}
	if !v.IsEmpty() {
		rest.Set(name, v)
	}
}

// mpParam sets one parameter of an event; why says what is wrong with it.
func mpParam(e *event.Event, wire *event.Map, key string, v event.Value) (why string) {
	switch key {
	case "session_id":
		e.Session.ID = v.Text()
		e.Session.Start = sessionStart(e.Session.ID)
	case "page_location":
		e.Page.URL = v.Text()
	case "page_referrer":
		e.Page.Referrer = v.Text()
	case "page_title":
		e.Page.Title = v.Text()
	case "event_id":
		reading.SetID(e, v.Text())
	case "engagement_time_msec":
		if n, ok := event.NumberText(v.Text()); ok {
			v = n
		}
		e.Params.Set(key, v)
	case "ga4":
		wire.Set(key, v)
	case "items":
		if v.Kind() != event.List {
			return "items is no list"
		}
		e.Items, why = reading.Items(v.List())
	default:
		e.Params.Set(key, reading.Amount(key, v))
	}
	return why
}
