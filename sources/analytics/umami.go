package analytics

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
	"headgate/sources/reading"
)

var _ = sources.Declare(sources.Declaration{
	Name:      "umami",
	Help:      "Umami's script and its clients",
	Path:      sources.Path{Usual: "/api/send", Help: "Where the script sends to. At a path that ends in /send, /batch beside it is taken, too"},
	Speakers:  sources.AllClients,
	Routes:    umamiRoutes,
	Headers:   []string{"content-type", "x-umami-cache"},
	Block:     event.Block{Param: "umami"}, // what has no field of ours, by its name
	Addresses: []string{"umami.ip"},
	Agents:    []string{"umami.userAgent"},
}, newUmami)

// umamiList is the call that sends a list of events.
const umamiList = "batch"

func umamiRoutes(path string) []sources.Route {
	routes := []sources.Route{{Methods: "POST", Path: path}}
	if before, ok := strings.CutSuffix(path, "/send"); ok {
		routes = append(routes, sources.Route{Methods: "POST", Path: before + "/batch", Call: umamiList})
	}
	return routes
}

// umami reads Umami's API: one JSON object of a type and a payload, or a list of them.
// https://umami.is/docs/api/sending-stats
type umami struct{ tools *reading.Tools }

func newUmami(_ sources.Mounting, l sources.Limits) sources.Protocol { return &umami{reading.New(l)} }

// umamiEvents are GA4's names of the types that are no plain events.
var umamiEvents = map[string]string{"identify": "identify", "performance": "web_vitals", "engagement": "user_engagement", "error": "exception"}

func (s *umami) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return sources.Reading{}, err
	}
	sent := []event.Value{v}
	if c.Name == umamiList {
		if v.Kind() != event.List {
			return sources.Reading{}, fmt.Errorf("%w: the body is no list", sources.ErrMalformed)
		}
		sent = v.List()
	}
	if len(sent) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(sent))}
	for i, one := range sent {
		u := umamiEvent{e: event.Event{Source: "umami", Received: h.Received}}
		why := u.read(one.Object())
		if why == "" {
			why = s.tools.Limits.Fault(&u.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		s.tools.Limits.SetTime(&u.e, u.stated, time.Time{})
		r.Events = append(r.Events, u.e)
	}
	return r, nil
}

// umamiEvent is an event on the way from Umami's names.
type umamiEvent struct {
	e      event.Event
	host   string
	stated time.Time
	rest   event.Map // what becomes params.umami
}

// read fills the event; why says why it cannot be.
func (u *umamiEvent) read(m event.Map) (why string) {
	kind, payload := m.Text("type"), m.Get("payload").Object()
	ours, known := umamiEvents[kind]
	switch {
	case kind != "event" && !known:
		return "type must be event, identify, performance, engagement or error"
	case len(payload) == 0:
		return "payload must be an object"
	case payload.Text("website") == "" && payload.Text("link") == "" && payload.Text("pixel") == "" && kind != "error":
		return "one of website, link and pixel must be provided"
	}
	u.e.Name = ours
	for _, p := range payload {
		u.set(kind, p.Key, p.Value)
	}
	if u.e.Name == "" {
		u.e.Name = "page_view"
	}
	u.e.Page.URL, u.e.Page.Referrer = u.absolute(u.e.Page.URL), u.absolute(u.e.Page.Referrer)
	if len(u.rest) > 0 {
		u.e.Params.Set("umami", event.ObjectOf(u.rest))
	}
	return u.commerce(payload.Get("data").Object().Get("commerce").Object())
}

func (u *umamiEvent) set(kind, key string, v event.Value) {
	e, text := &u.e, v.Text()
	switch key {
	case "name":
		if kind == "event" {
			e.Name = text
			return
		}
		e.Params.Set(key, v)
	case "url":
		e.Page.URL = text
	case "referrer":
		e.Page.Referrer = text
	case "hostname":
		u.host = text
	case "title": // scripts before version 2.11 encode it as an address's part; the bound is unconfirmed
		e.Page.Title = wire.UnescapePercent(text)
	case "screen":
		e.Device.Screen = text
	case "language":
		e.Device.Language = text
	case "browser":
		e.Device.Browser = text
	case "os":
		e.Device.OS = text
	case "device":
		e.Device.Type = text
	case "id": // given to identify
		e.User.UserID = text
	case "vid": // of the browser, which versions that stitch identities send
		e.User.ClientID = text
	case "timestamp":
		u.stated = reading.Time(v)
	case "data":
		u.data(kind, v.Object())
	case "engagement":
		e.Params.Set("engagement_time_msec", v)
	case "lcp", "inp", "cls", "fcp", "ttfb", "tag":
		e.Params.Set(key, v)
	default:
		u.rest.Set(key, v)
	}
}

// data reads what the site says of the event, or of the person.
func (u *umamiEvent) data(kind string, m event.Map) {
	for _, p := range m {
		switch {
		case p.Key == "commerce" || p.Value.IsNull():
		case kind == "identify":
			reading.SetTrait(&u.e.User, p.Key, p.Value)
		case p.Key == "umami":
			u.rest.Set("data", event.ObjectOf(event.Map{p}))
		default:
			u.e.Params.Set(p.Key, reading.Amount(p.Key, p.Value))
		}
	}
	if n, ok := reading.Number(m.Get("revenue")); ok && kind != "identify" && m.Get("value").IsNull() {
		u.e.Params.Set("value", event.Float(n))
	}
}

// commerce reads a sale or a step towards one: prices are net unit prices, and tax and shipping come on top of them.
func (u *umamiEvent) commerce(m event.Map) (why string) {
	if len(m) == 0 {
		return ""
	}
	var items []event.Value
	for _, p := range m {
		switch p.Key {
		case "items":
			items = p.Value.List()
		case "currency":
			u.e.Params.Set(p.Key, event.String(strings.ToUpper(p.Value.Text())))
		case "orderId":
			u.e.Params.Set("transaction_id", p.Value)
		default:
			u.e.Params.Set(p.Key, p.Value)
		}
	}
	worth := 0.0
	for i, v := range items {
		item := event.Item{Quantity: event.Num(1)}
		for _, p := range v.Object() {
			name := reading.ItemName(p.Key)
			if p.Key == "productId" {
				name = "id"
			}
			if name == "" || item.Set(name, p.Value) != "" {
				item.Params.Set(p.Key, p.Value)
			}
		}
		if v.Kind() != event.Object {
			return fmt.Sprintf("commerce: item %d is no object", i)
		}
		worth += item.Price.Float * item.Quantity.Float
		u.e.Items = append(u.e.Items, item)
	}
	if u.e.Params.Get("value").IsNull() {
		u.e.Params.Set("value", event.Float(reading.Cents(worth)))
	}
	return ""
}

// absolute completes an address that is a path on the page's host.
func (u *umamiEvent) absolute(address string) string {
	if strings.HasPrefix(address, "/") && u.host != "" {
		return "https://" + u.host + address
	}
	return address
}

// Answer is Umami's own. The script sends the token back in the header x-umami-cache: here it only tells visits apart for the
// site's own code, which may read the answer.
func (s *umami) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case c.Name == umamiList:
		return umamiBatch(r)
	case len(r.Rejected) > 0:
		return sources.Answer{Status: 400, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: appendUmamiError(nil, 400, r.Rejected[0].Why)}
	}
	token := h.Headers.Get("x-umami-cache")
	if token == "" || len(token) > reading.MaxID {
		for i := range r.Events { // there is one
			token = umamiID("cache", r.Events[i].ID)
		}
	}
	b := event.AppendString([]byte(`{"cache":`), token)
	b = event.AppendString(append(b, `,"sessionId":`...), umamiID("session", token))
	b = event.AppendString(append(b, `,"visitId":`...), umamiID("visit", token))
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

// umamiID makes an id in the form of a UUID that does not reveal what it was derived from.
func umamiID(kind, from string) string {
	sum := sha256.Sum256([]byte("umami " + kind + " " + from))
	return uuid.UUID(sum[:16]).String()
}

func umamiBatch(r sources.Reading) sources.Answer {
	count := func(b []byte, name string, n int) []byte {
		return event.Float(float64(n)).AppendJSON(append(b, name...))
	}
	b := count(nil, `{"size":`, len(r.Events)+len(r.Rejected))
	b = count(b, `,"processed":`, len(r.Events))
	b = count(b, `,"errors":`, len(r.Rejected))
	b = append(b, `,"details":[`...)
	for i, bad := range r.Rejected {
		if i > 0 {
			b = append(b, ',')
		}
		b = count(b, `{"index":`, bad.Index)
		b = append(appendUmamiError(append(b, `,"response":`...), 400, bad.Why), '}')
	}
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, "]}"...)}
}

func appendUmamiError(b []byte, status int, why string) []byte {
	code := "bad-request"
	if status != 400 {
		code = "error"
	}
	b = event.AppendString(append(b, `{"error":{"message":`...), why)
	b = event.AppendString(append(b, `,"code":`...), code)
	b = event.Float(float64(status)).AppendJSON(append(b, `,"status":`...))
	return append(b, "}}"...)
}

func (s *umami) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Answer{Status: sources.Status(err), ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: appendUmamiError(nil, sources.Status(err), err.Error())}
}
