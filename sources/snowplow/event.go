package snowplow

import (
	"slices"
	"strconv"
	"strings"

	"headgate/event"
	"headgate/sources/reading"
	"headgate/sources/segment"
)

// read fills the event; why says why it cannot be.
func (p *snowplowEvent) read(call string, m event.Map) (why string) {
	e := &p.e
	p.kind = m.Text("e")
	hook := call == snowplowHook || call == snowplowHookPost
	if p.kind == "" && !hook && call != snowplowRedirect {
		return "the event has no e"
	}
	if !p.anonymous {
		p.networkUser(m)
	}
	for _, one := range m {
		switch {
		case p.common(one.Key, one.Value.Text()):
		case p.said(one):
		case hook && !slices.Contains(snowplowTracker, one.Key):
			e.Params.Set(one.Key, one.Value)
		default:
			p.rest.Set(one.Key, one.Value)
		}
	}
	p.contexts(m)
	reading.KeepDevice(e, p.app, p.device)
	switch {
	case hook:
		why = p.hook(m)
	case call == snowplowRedirect:
		p.redirect(m)
	default:
		why = p.event(m)
	}
	if why != "" {
		return why
	}
	p.finish()
	return ""
}

// snowplowTracker are the parameters that say which tracker sent an event.
var snowplowTracker = []string{"aid", "p", "tv", "tna", "cv"}

// nilNetwork is the network user id of a visitor who is to stay anonymous.
const nilNetwork = "00000000-0000-0000-0000-000000000000"

// networkUser reads the network user id: the request takes precedence over the cookie.
func (p *snowplowEvent) networkUser(m event.Map) {
	for _, name := range [...]string{"nuid", "tnuid"} {
		if id := m.Text(name); isUUID(id) && id != nilNetwork {
			p.network = id
		}
	}
}

// finish settles what several parameters say together.
func (p *snowplowEvent) finish() {
	e := &p.e
	if e.User.ClientID == "" && p.person != nilNetwork {
		e.User.ClientID = p.person
	}
	if e.User.ClientID == "" {
		e.User.ClientID = p.network
	}
	if e.Session.ID == "" {
		e.Session.ID = p.session
	}
	if p.network != "" {
		p.rest.Set("network_userid", event.String(p.network))
	}
	p.value()
	p.limits.SetTime(e, p.made, p.sent)
	reading.KeepBlock(e, "snowplow", p.rest)
}

// common takes a parameter that every kind of event may have.
func (p *snowplowEvent) common(key, text string) bool {
	e := &p.e
	switch key {
	case "e", "nuid", "tnuid", "cx", "co":
	case "eid":
		reading.SetID(e, text)
	case "uid":
		e.User.UserID = text
	case "duid":
		e.User.ClientID = text
	case "sid":
		e.Session.ID = text
	case "vid":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return false
		}
		e.Session.Number = n
	case "url":
		e.Page.URL = text
	case "page":
		e.Page.Title = text
	case "refr":
		e.Page.Referrer = text
	case "dtm":
		if p.made.IsZero() {
			p.made = reading.Time(event.String(text))
		}
	case "ttm": // the true time, which takes precedence over the device's
		p.made = reading.Time(event.String(text))
	case "stm":
		p.sent = reading.Time(event.String(text))
	case "lang":
		e.Device.Language = text
	case "tz":
		p.device.Set("timezone", event.String(text))
	case "res":
		e.Device.Screen = sides(text)
	case "vp":
		e.Device.Viewport = sides(text)
	default:
		return false
	}
	return true
}

// sides is a size as sent, "" where the browser did not say it.
func sides(text string) string {
	if text == "0x0" {
		return ""
	}
	return text
}

// said takes a parameter in which the event itself is.
func (p *snowplowEvent) said(one event.Pair) bool {
	switch one.Key {
	case "ue_pr", "ue_px", "ue", "schema", "u":
		return true
	}
	prefix, _, _ := strings.Cut(one.Key, "_")
	return prefix == p.kind && (prefix == "se" || prefix == "tr" || prefix == "ti")
}

// event reads what happened.
func (p *snowplowEvent) event(m event.Map) (why string) {
	e := &p.e
	switch p.kind {
	case "pv":
		reading.SetName(e, "page_view", "pv")
	case "pp":
		reading.SetName(e, "page_ping", "pp")
	case "se":
		return p.structured(m)
	case "tr":
		p.transaction(m)
	case "ti":
		p.item(m)
	case "ue":
		text := m.Text("ue_pr")
		if text == "" {
			text = m.Text("ue_px")
		}
		inner := p.parse(text).Object().Get("data").Object()
		if schemaName(inner.Text("schema")) == "" {
			return "the event is no self-describing JSON"
		}
		p.describing(inner)
	default:
		e.Name = p.kind
	}
	return ""
}

// structured reads an event of a category and an action.
func (p *snowplowEvent) structured(m event.Map) (why string) {
	e, action := &p.e, m.Text("se_ac")
	if action == "" {
		return "a structured event needs se_ac"
	}
	reading.SetName(e, segment.ShopEvent(action), m.Text("se_ca")+"/"+action)
	for _, field := range [...]struct{ key, name string }{{"se_ca", "category"}, {"se_ac", "action"}, {"se_la", "label"}, {"se_pr", "property"}, {"se_va", "value"}} {
		if v := m.Get(field.key); v.Text() != "" {
			e.Params.Set(field.name, reading.Amount(field.name, v))
		}
	}
	return ""
}

// transaction reads an order of older trackers, whose products are events of their own.
func (p *snowplowEvent) transaction(m event.Map) {
	e := &p.e
	p.order = m.Text("tr_id")
	reading.SetName(e, "purchase", "tr")
	for _, one := range m {
		switch one.Key {
		case "tr_id":
			e.Params.Set("transaction_id", one.Value)
		case "tr_tt":
			e.Params.Set("value", reading.Amount("value", one.Value))
		case "tr_tx":
			e.Params.Set("tax", reading.Amount("tax", one.Value))
		case "tr_sh":
			e.Params.Set("shipping", reading.Amount("shipping", one.Value))
		case "tr_cu":
			e.Params.Set("currency", one.Value)
		case "tr_af":
			e.Params.Set("affiliation", one.Value)
		case "tr_ci":
			e.User.City = one.Value.Text()
		case "tr_st":
			e.User.Region = one.Value.Text()
		case "tr_co":
			e.User.Country = one.Value.Text()
		}
	}
}

// item reads a product of an order. One whose order did not come with it stays an event by itself.
func (p *snowplowEvent) item(m event.Map) {
	e := &p.e
	p.order = m.Text("ti_id")
	reading.SetName(e, "transaction_item", "ti")
	if p.order != "" {
		e.Params.Set("transaction_id", event.String(p.order))
	}
	if v := m.Get("ti_cu"); v.Text() != "" {
		e.Params.Set("currency", v)
	}
	e.Items = []event.Item{reading.Item(event.Map{{Key: "id", Value: m.Get("ti_sk")}, {Key: "name", Value: m.Get("ti_nm")},
		{Key: "category", Value: m.Get("ti_ca")}, {Key: "price", Value: m.Get("ti_pr")}, {Key: "quantity", Value: m.Get("ti_qu")}})}
}

// redirect reads a link that was followed, and what else its address says.
func (p *snowplowEvent) redirect(m event.Map) {
	if p.kind != "ue" || p.event(m) != "" {
		p.e.Name = "uri_redirect"
	}
	p.e.Params.Set("uri", m.Get("u"))
}

// hook reads an event of somebody else's: described in the body, or by the schema and the parameters of the query.
func (p *snowplowEvent) hook(m event.Map) (why string) {
	said, body := p.e.Params, m.Get("ue").Object()
	p.e.Params = nil
	schema, data := body.Text("schema"), body.Get("data").Object()
	if schema == "" {
		schema, data = m.Text("schema"), body
	}
	if schemaName(schema) == "" {
		return "the event has no schema"
	}
	reading.Merge(&said, data)
	p.describing(event.Map{{Key: "schema", Value: event.String(schema)}, {Key: "data", Value: event.ObjectOf(said)}})
	return ""
}
