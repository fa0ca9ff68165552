// Package snowplow reads the tracker protocol of Snowplow: payloads in JSON or a query, and the self-describing data in them.
package snowplow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// SnowplowOptions configure the reading of what Snowplow's trackers send.
type SnowplowOptions struct {
	sources.Mounting `yaml:",inline"`

	Cookie     string            `yaml:"cookie" help:"The cookie with the network user id, set while analytics is granted; \"\" for none" example:"sp"`
	Redirects  []string          `yaml:"redirects" help:"Hosts to which /r/tp2 may redirect, *. before one for all below it; with none it redirects nowhere" example:"[www.partner.example]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Keys of servers, in Authorization or X-Write-Key: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SNOWPLOW_SERVER_KEY}\"]"`
}

// SetDefaults implements document.Defaulter.
func (o *SnowplowOptions) SetDefaults() { o.Cookie = "sp" }

// Trusted returns the keys that prove a server.
func (o *SnowplowOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "snowplow",
	Help:     "Events of Snowplow's trackers, to the paths of its collector",
	Path:     sources.Path{Help: "Where Snowplow's paths begin, /com.snowplowanalytics.snowplow/tp2 and /i among them; empty is the root", Example: "/sp"},
	Speakers: sources.AllClients,
	Prefix:   true,
	Routes: func(path string) []sources.Route {
		return []sources.Route{
			{Methods: "POST", Path: path + "/com.snowplowanalytics.snowplow/tp2", Call: snowplowPost},
			{Methods: "GET HEAD", Path: path + "/com.snowplowanalytics.snowplow/tp2", Call: snowplowImage},
			{Methods: "GET HEAD", Path: path + "/i", Call: snowplowImage},
			{Methods: "GET HEAD", Path: path + "/ice.png", Call: snowplowImage},
			{Methods: "GET", Path: path + "/r/tp2", Call: snowplowRedirect},
			{Methods: "GET", Path: path + "/com.snowplowanalytics.iglu/v1", Call: snowplowHook},
			{Methods: "POST", Path: path + "/com.snowplowanalytics.iglu/v1", Call: snowplowHookPost},
		}
	},
	Headers: []string{"authorization", "content-type", "sp-anonymous", "x-write-key"},
	Block: event.Block{
		Param:   "snowplow", // what is left of an event, by the tracker protocol's names
		Allowed: "consent_preferences.consentScopes",
	},
	Addresses: []string{"snowplow.ip"},
	Agents:    []string{"snowplow.ua"},
}, newSnowplow)

// snowplow reads Snowplow's tracker protocol as its collector does.
// https://docs.snowplow.io/docs/events/tracker-protocol/
type snowplow struct {
	cookie    string
	redirects []string
	keys      sources.Keys
	tools     *reading.Tools
}

func newSnowplow(o SnowplowOptions, l sources.Limits) sources.Protocol {
	return &snowplow{cookie: o.Cookie, redirects: o.Redirects, keys: sources.Keys{Public: nil, Server: o.ServerKeys}, tools: reading.New(l)}
}

// anonymous reports whether the tracker asks that neither address nor cookie is used.
func anonymous(h *event.Hit) bool { return h.Headers.Get("sp-anonymous") != "" }

func (s *snowplow) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	h.Anonymous = anonymous(h)
	var r sources.Reading
	r.Admit(s.keys.Accepts(sources.HeaderKey(h.Headers)))
	sent, err := s.open(h, c)
	if err != nil {
		return r, err
	}
	if len(sent) > s.tools.Limits.Events {
		return r, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	orders := snowplowOrders{}
	for i, one := range sent {
		p := snowplowEvent{e: event.Event{Source: "snowplow", Received: h.Received}, network: s.network(h),
			anonymous: h.Anonymous, limits: s.tools.Limits, parse: func(text string) event.Value { return s.parse(h, text) }}
		why := p.read(c.Name, one)
		if why == "" && orders.join(&p, r.Events) {
			continue
		}
		if why == "" {
			why = s.tools.Limits.Fault(&p.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		r.Events = append(r.Events, p.e)
		orders.note(&p, len(r.Events)-1)
	}
	for i := range r.Events { // items were joined
		if len(r.Events[i].Items) > s.tools.Limits.Items {
			return r, fmt.Errorf("%w: an event may have %d items", sources.ErrTooLarge, s.tools.Limits.Items)
		}
	}
	return r, nil
}

// open returns the parameters of the events of a request.
func (s *snowplow) open(h *event.Hit, c sources.Call) (sent []event.Map, err error) {
	query, err := queryMap(h.Query)
	if err != nil {
		return nil, err
	}
	switch c.Name {
	case snowplowRedirect:
		if !s.leads(query.Text("u")) {
			return nil, fmt.Errorf("%w: the host of u is not listed in redirects", sources.ErrMalformed)
		}
		return []event.Map{query}, nil
	case snowplowImage, snowplowHook:
		return []event.Map{query}, nil
	}
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return nil, err
	}
	if c.Name == snowplowHookPost {
		query.Set("ue", v)
		return []event.Map{query}, nil
	}
	list := v.Object().Get("data")
	if list.Kind() != event.List {
		return nil, fmt.Errorf("%w: the body has no list named data", sources.ErrMalformed)
	}
	sent = make([]event.Map, len(list.List()))
	for i, one := range list.List() {
		sent[i] = one.Object()
	}
	return sent, nil
}

// queryMap reads a query as an object of texts.
func queryMap(query string) (m event.Map, err error) {
	all, texts := reading.Pairs(query), event.Arena{Size: len(query)}
	for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
		if len(m) == reading.MaxParams {
			return nil, fmt.Errorf("%w: a query may have %d parameters", sources.ErrTooLarge, reading.MaxParams)
		}
		m.Set(texts.Unescape(name), event.String(texts.Unescape(value)))
	}
	return m, nil
}

// parse reads JSON within a parameter, plain or in base64; null when it is neither.
func (s *snowplow) parse(h *event.Hit, text string) event.Value {
	body := []byte(text)
	if plain, ok := reading.Unbase64(body); ok && !reading.LooksJSON(body) {
		body = plain
	}
	v, err := s.tools.JSON.Read(h, body)
	if err != nil {
		return event.Value{}
	}
	return v
}

// leads reports whether visitors may be redirected to an address.
func (s *snowplow) leads(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || strings.ContainsAny(to, "\\ \t\r\n") {
		return false
	}
	host := strings.ToLower(u.Host)
	if strings.IndexFunc(host, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-:", r) }) >= 0 {
		return false // browsers read some letters of other alphabets as separators
	}
	return slices.ContainsFunc(s.redirects, func(listed string) bool {
		listed = strings.ToLower(listed)
		below, all := strings.CutPrefix(listed, "*")
		return all && strings.HasPrefix(below, ".") && strings.HasSuffix(host, below) || host == listed && host != ""
	})
}

// network is the network user id that the browser has in the collector's cookie.
func (s *snowplow) network(h *event.Hit) string {
	if s.cookie == "" || anonymous(h) {
		return ""
	}
	id, _ := h.CookieValue(s.cookie)
	if !isUUID(id) || id == nilNetwork {
		return ""
	}
	return id
}

// Answer is the collector's.
func (s *snowplow) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	a := s.say(h, c, nil)
	if c.Name == snowplowPost && len(r.Events) == 0 && len(r.Rejected) > 0 {
		a = s.say(h, c, sources.ErrMalformed)
	}
	if text := s.setCookie(h, c, r.Events); text != "" {
		a.Headers = append(slices.Clone(a.Headers), event.Header{Name: "set-cookie", Value: text})
	}
	return a
}

// say is the answer to a request; err is nil for one that was accepted.
func (s *snowplow) say(h *event.Hit, c sources.Call, err error) sources.Answer {
	switch {
	case c.Name == snowplowRedirect && s.leads(h.QueryValue("u")):
		return sources.Answer{Status: 302, Headers: event.Headers{{Name: "location", Value: h.QueryValue("u")}, sources.NoStore[0]}}
	case c.Name == snowplowImage, c.Name == snowplowHook && err == nil:
		return sources.Answer{Status: 200, ContentType: "image/gif", Headers: sources.NoCache, Body: []byte(sources.Transparent)}
	case err == nil:
		return sources.Answer{Status: 200, ContentType: "text/plain; charset=UTF-8", Headers: sources.NoStore, Body: []byte("ok")}
	}
	a := sources.Answer{Status: sources.Status(err), ContentType: "text/plain; charset=UTF-8", Headers: sources.NoStore, Body: []byte(err.Error())}
	if a.Status == 413 {
		a.Status = 400 // a tracker keeps what is answered with 413 and sends it again forever
	}
	return a
}

func (s *snowplow) Refuse(h *event.Hit, c sources.Call, err error) sources.Answer {
	return s.say(h, c, err)
}

// Delay redirects a visitor who followed a link anyway. Trackers send again after every other answer.
func (s *snowplow) Delay(h *event.Hit, c sources.Call, a sources.Answer) sources.Answer {
	if c.Name == snowplowRedirect && s.leads(h.QueryValue("u")) {
		return s.say(h, c, nil)
	}
	return a
}

// setCookie is the text of the cookie with the network user id: renewed by each hit while analytics is granted, ended where it
// is refused or the tracker asks for anonymity, and "" where nothing is to be set.
func (s *snowplow) setCookie(h *event.Hit, c sources.Call, events []event.Event) string {
	if s.cookie == "" || c.Name == snowplowHook || c.Name == snowplowHookPost {
		return ""
	}
	granted, refused := len(events) > 0, anonymous(h)
	for i := range events {
		yes, known := events[i].Consent.Get("analytics").Bool()
		granted, refused = granted && yes, refused || known && !yes
	}
	attributes := "; Path=/; HttpOnly; SameSite=Lax"
	if h.Scheme == "https" {
		attributes = "; Path=/; Secure; HttpOnly; SameSite=None"
	}
	value, had := h.CookieValue(s.cookie)
	switch {
	case refused && had:
		return s.cookie + "=; Max-Age=0" + attributes
	case refused, !granted:
		return ""
	case !isUUID(value):
		value = networkID(h, events[0].ID)
	}
	return s.cookie + "=" + value + "; Max-Age=31536000" + attributes
}

// networkID makes the id of a browser that has none from what is new with its first event.
func networkID(h *event.Hit, id string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", id, h.Received.UnixNano(), h.Peer))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	x := hex.EncodeToString(sum[:16])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
