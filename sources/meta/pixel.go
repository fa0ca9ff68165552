// Package meta reads the hits of Meta's pixel.
package meta

import (
	"fmt"
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// MetaPixelOptions configure the reading of what Meta's pixel sends.
type MetaPixelOptions struct {
	sources.Mounting `yaml:",inline"`

	Automatic bool `yaml:"automatic" help:"Take the events that the pixel makes by itself, too: Microdata and SubscribedButtonClick"`
}

var _ = sources.Declare(sources.Declaration{
	Name:     "meta_pixel",
	Help:     "Hits of Meta's pixel (fbq), and its image for pages without scripts",
	Path:     sources.Path{Usual: "/tr", Help: "Where the pixel sends to, with a slash at its end or without one"},
	Speakers: sources.Browsers,
	Routes: func(path string) []sources.Route {
		return []sources.Route{{Methods: "GET POST", Path: path}, {Methods: "GET POST", Path: path + "/"}}
	},
	Headers:   []string{"content-type"},
	Block:     event.Block{Param: "meta_pixel"}, // parameters that have no field of ours, by their wire names
	Addresses: sources.None,
	Agents:    sources.None,
}, newMetaPixel)

// metaPixel reads one hit of Meta's pixel, from the query of an image or from a form where that would be too long. There is no
// specification; newer parameters, and when the form is used, are unconfirmed.
type metaPixel struct {
	automatic bool
	tools     *reading.Tools
}

func newMetaPixel(o MetaPixelOptions, l sources.Limits) sources.Protocol {
	return &metaPixel{o.Automatic, reading.New(l)}
}

// metaEvents are GA4's names of Meta's standard events, and names in our spelling of those that GA4 has none for.
// https://developers.facebook.com/docs/meta-pixel/reference
var metaEvents = map[string]string{
	"PageView": "page_view", "ViewContent": "view_item", "Search": "search", "AddToCart": "add_to_cart", "AddToWishlist": "add_to_wishlist",
	"InitiateCheckout": "begin_checkout", "AddPaymentInfo": "add_payment_info", "Purchase": "purchase", "Lead": "generate_lead",
	"CompleteRegistration": "sign_up", "Contact": "contact", "Subscribe": "subscribe", "StartTrial": "start_trial", "Schedule": "schedule",
	"CustomizeProduct": "customize_product", "Donate": "donate", "FindLocation": "find_location", "SubmitApplication": "submit_application",
}

func (s *metaPixel) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return sources.Reading{}, err
	}
	query := h.Query
	if len(body) > 0 {
		query += "&" + string(body)
	}
	all, err := reading.QueryObject(query)
	if err != nil {
		return sources.Reading{}, err
	}
	name := all.Text("ev")
	if name == "" {
		return sources.Reading{}, fmt.Errorf("%w: ev is missing", sources.ErrMalformed)
	}
	if !s.automatic && (name == "Microdata" || name == "SubscribedButtonClick") {
		return sources.Reading{}, nil
	}
	m := metaHit{e: event.Event{Name: name, Source: "meta_pixel", Received: h.Received}}
	if ours := metaEvents[name]; ours != "" {
		m.e.Name = ours
		m.e.Params.Set("original_name", event.String(name))
	}
	for _, p := range all {
		m.set(p.Key, p.Value)
	}
	if why := m.finish(h); why != "" {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, why)
	}
	if why := s.tools.Limits.Fault(&m.e); why != "" {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, why)
	}
	s.tools.Limits.SetTime(&m.e, reading.Time(all.Get("ts")), time.Time{})
	return sources.Reading{Events: []event.Event{m.e}}, nil
}

// metaHit is an event on the way from the pixel's parameters.
type metaHit struct {
	e             event.Event
	width, height string
	ids           event.Value // content_ids, which are items where there are no contents
	rest          event.Map   // what becomes params.meta_pixel
}

func (m *metaHit) set(key string, v event.Value) {
	e, text := &m.e, v.Text()
	switch key {
	case "ev", "ts": // read before
	case "dl":
		e.Page.URL = text
	case "rl":
		e.Page.Referrer = text
	case "eid":
		reading.SetID(e, text)
	case "fbp", "fbc":
		if text != "" {
			e.Cookies.Set("_"+key, v)
		}
	case "sw":
		m.width = text
	case "sh":
		m.height = text
	case "cd":
		for _, p := range v.Object() {
			m.custom(p.Key, p.Value)
		}
	case "ud": // from advanced matching, hashed
		for _, p := range v.Object() {
			m.person(p.Key, p.Value, true)
		}
	case "udff": // found in the page's forms, hashed: what the site says itself goes before
		for _, p := range v.Object() {
			m.person(p.Key, p.Value, false)
		}
	default:
		if !v.IsEmpty() {
			m.rest.Set(key, v)
		}
	}
}

// custom reads custom data: parameters of the event.
func (m *metaHit) custom(key string, v event.Value) {
	switch key {
	case "contents":
		if items, ok := metaContents(v); ok {
			m.e.Items = items
			return
		}
	case "content_ids":
		m.ids = v
		return
	case "order_id":
		key = "transaction_id"
	case "search_string":
		key = "search_term"
	}
	if key == "num_items" || key == "predicted_ltv" {
		if n, ok := event.NumberText(v.Text()); ok {
			v = n
		}
	}
	m.e.Params.Set(key, reading.Amount(key, v))
}

// metaContents reads contents: a JSON list of objects. What is none is kept as a param.
func metaContents(v event.Value) (items []event.Item, ok bool) {
	list := reading.ParsedJSON(v)
	if list.Kind() != event.List {
		return nil, false
	}
	for _, one := range list.List() {
		if one.Kind() != event.Object {
			return nil, false
		}
		content := one.Object().Clone()
		if price, said := content.Find("item_price"); said && content.Get("price").IsNull() {
			content.Delete("item_price")
			content.Set("price", price)
		}
		items = append(items, reading.Item(content))
	}
	return items, true
}

// person reads the person, by Meta's short names.
func (m *metaHit) person(key string, v event.Value, said bool) {
	text := v.Text()
	field := metaPerson(&m.e.User, key)
	switch {
	case text == "":
	case field == nil:
		m.e.User.Traits.Set(key, v)
	case said || *field == "":
		*field = text
	}
}

func metaPerson(u *event.User, key string) *string {
	switch key {
	case "em":
		return &u.Email
	case "ph":
		return &u.Phone
	case "fn":
		return &u.FirstName
	case "ln":
		return &u.LastName
	case "ge":
		return &u.Gender
	case "db":
		return &u.BirthDate
	case "ct":
		return &u.City
	case "st":
		return &u.Region
	case "zp":
		return &u.PostalCode
	case "country":
		return &u.Country
	}
	return nil
}

// finish completes the event; why says why it cannot be accepted.
func (m *metaHit) finish(h *event.Hit) (why string) {
	e := &m.e
	if e.Page.URL == "" { // the image for pages without scripts knows no page
		e.Page.URL = h.Headers.Get("referer")
	}
	if m.width != "" && m.height != "" {
		e.Device.Screen = m.width + "x" + m.height
	}
	if len(e.Items) == 0 && !m.ids.IsEmpty() {
		m.contentIDs()
	}
	// That a page limits the use of its data is sent like this is unconfirmed: https://developers.facebook.com/docs/meta-pixel/implementation/data-processing-options
	if strings.Contains(m.rest.Text("dpo"), "LDU") {
		e.Consent.Set("sharing", event.Boolean(false))
	}
	if m.rest.Text("id") == "" {
		return "id is missing"
	}
	e.Params.Set("meta_pixel", event.ObjectOf(m.rest))
	return ""
}

// contentIDs makes items of ids alone: a JSON list, or a list with commas.
func (m *metaHit) contentIDs() {
	ids := reading.ParsedJSON(m.ids)
	list := ids.List()
	if ids.Kind() != event.List {
		for id := range strings.SplitSeq(m.ids.Text(), ",") {
			list = append(list, event.String(strings.TrimSpace(id)))
		}
	}
	for _, id := range list {
		if id.Text() != "" {
			m.e.Items = append(m.e.Items, event.Item{ID: id.Text()})
		}
	}
}

// Answer is an image, and nothing for a form.
func (s *metaPixel) Answer(h *event.Hit, _ sources.Call, _ sources.Reading) sources.Answer {
	if h.Method == "POST" {
		return sources.Answer{Status: 200, ContentType: "text/plain", Headers: sources.NoCache}
	}
	return sources.Image()
}

// Refuse says what is wrong to nobody but who reads the status: the pixel does not.
func (s *metaPixel) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
