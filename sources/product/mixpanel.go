package product

import (
	"bytes"
	"fmt"
	"strconv"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// MixpanelOptions configure the reading of Mixpanel's ingestion API.
type MixpanelOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Project tokens that are accepted; all are when none is listed" example:"[\"${MIXPANEL_TOKEN}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Tokens or API secrets that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${MIXPANEL_API_SECRET}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *MixpanelOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:      "mixpanel",
	Help:      "Mixpanel's ingestion API, for its browser, app and server libraries",
	Path:      sources.Path{Help: "Where Mixpanel's paths begin, /track/ and /engage/ among them; empty is the root", Example: "/mixpanel"},
	Speakers:  sources.AllClients,
	Prefix:    true,
	Routes:    mixpanelRoutes,
	Headers:   []string{"authorization", "content-encoding", "content-type"},
	Block:     event.Block{Param: "mixpanel"}, // what is left of an event, $ before its names
	Addresses: []string{"mixpanel.ip", "mixpanel.$ip"},
	Agents:    []string{"mixpanel.$user_agent"}, // scripts of servers state it, no library of theirs does
}, newMixpanel)

func mixpanelRoutes(path string) (routes []sources.Route) {
	for _, slash := range [...]string{"", "/"} {
		bare := slash == "" // Segment has POST /track and POST /import
		routes = append(routes,
			sources.Route{Methods: "GET", Path: path + "/track" + slash, Call: mixpanelTrack},
			sources.Route{Methods: "POST", Path: path + "/track" + slash, Call: mixpanelTrack, Last: bare},
			sources.Route{Methods: "POST", Path: path + "/import" + slash, Call: mixpanelImport, Last: bare},
			sources.Route{Methods: "GET POST", Path: path + "/engage" + slash, Call: mixpanelPeople},
			sources.Route{Methods: "GET POST", Path: path + "/groups" + slash, Call: mixpanelGroups},
			sources.Route{Methods: "POST", Path: path + "/record" + slash, Call: mixpanelOff},
			sources.Route{Methods: "GET", Path: path + "/settings" + slash, Call: mixpanelOff},
			sources.Route{Methods: "GET", Path: path + "/flags" + slash, Call: mixpanelOff})
	}
	return routes
}

// mixpanel reads Mixpanel's ingestion API.
// https://developer.mixpanel.com/reference/ingestion-api
type mixpanel struct {
	keys  sources.Keys
	tools *reading.Tools
}

func newMixpanel(o MixpanelOptions, l sources.Limits) sources.Protocol {
	return &mixpanel{keys: sources.Keys{Public: o.Keys, Server: o.ServerKeys}, tools: reading.New(l)}
}

func (s *mixpanel) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	if c.Name == mixpanelOff {
		return sources.Reading{}, nil
	}
	sent, err := s.open(h)
	if err != nil {
		return sources.Reading{}, err
	}
	if len(sent.Events)+len(sent.Bad) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(sent.Events)), Rejected: sent.Bad}
	key := sources.HeaderKey(h.Headers)
	r.Admit(s.keys.Accepts(key))
	at := reading.Time(event.String(h.QueryValue("_")))
	for _, one := range sent.Events {
		m := mixpanelEvent{e: event.Event{Source: "mixpanel", Received: h.Received}, sent: at, limits: s.tools.Limits}
		held := s.keys.Accepts(mixpanelToken(one.Value.Object(), key))
		why := sources.WrongKey
		if held.Taken || r.Proven {
			why = m.read(c.Name, one.Value.Object())
		}
		if why == "" {
			why = s.tools.Limits.Fault(&m.e)
		}
		r.Admit(held)
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: one.Index, Why: why})
			continue
		}
		r.Events = append(r.Events, m.e)
	}
	if len(r.Events) == 0 && sources.AllKeys(r.Rejected) {
		return sources.Reading{}, sources.ErrKey
	}
	return r, nil
}

// open returns the events of a request: in the body, or in the query as servers and images send them, in JSON, in base64 or in
// lines of JSON.
func (s *mixpanel) open(h *event.Hit) (reading.Envelope, error) {
	from := h
	if data := h.QueryValue("data"); data != "" && len(h.Body) == 0 {
		from = &event.Hit{Body: []byte(data), Room: h.Room}
	}
	body, err := s.tools.Bodies.OpenJSON(from)
	if err != nil {
		return reading.Envelope{}, err
	}
	return s.tools.Envelope(h, body) // one, a list or lines, as in our own JSON
}

// mixpanelToken is the token of an event or a profile, else the request's.
func mixpanelToken(m event.Map, key string) string {
	for _, token := range [...]string{m.Get("properties").Object().Text("token"), m.Text("$token"), key} {
		if token != "" {
			return token
		}
	}
	return ""
}

// Answer says 1, which libraries read and not the status, or more where the request asks for that.
func (s *mixpanel) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case c.Name == mixpanelOff:
		return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: []byte("{}")}
	case c.Name == mixpanelImport:
		return mixpanelImported(r)
	case len(r.Events) == 0 && len(r.Rejected) > 0:
		return s.say(h, 400, r.Rejected[0].Why)
	}
	return s.say(h, 200, "")
}

func (s *mixpanel) Refuse(h *event.Hit, c sources.Call, err error) sources.Answer {
	if c.Name == mixpanelImport {
		return mixpanelFailed(sources.Status(err), err.Error())
	}
	return s.say(h, sources.Status(err), err.Error())
}

// Delay keeps libraries that look at the body alone from reading a success.
func (s *mixpanel) Delay(h *event.Hit, c sources.Call, a sources.Answer) sources.Answer {
	d := s.say(h, a.Status, "try again later")
	if c.Name == mixpanelImport {
		d = mixpanelFailed(a.Status, "try again later")
	}
	a.ContentType, a.Body = d.ContentType, d.Body
	return a
}

// say is the answer to all but imports; why is "" for a success. An image is one whatever happened.
func (s *mixpanel) say(h *event.Hit, status int, why string) sources.Answer {
	a := sources.Answer{Status: status, ContentType: "text/plain; charset=utf-8", Headers: sources.NoStore}
	switch {
	case h.QueryValue("img") == "1":
		return sources.Answer{Status: 200, ContentType: "image/gif", Headers: sources.NoCache, Body: []byte(sources.Transparent)}
	case isVerbose(h) && why == "":
		a.ContentType, a.Body = sources.TypeJSON, []byte(`{"status":1,"error":null}`)
	case isVerbose(h):
		a.ContentType, a.Body = sources.TypeJSON, append(event.AppendString([]byte(`{"status":0,"error":`), why), '}')
	case why == "":
		a.Body = []byte("1")
	default:
		a.Body = []byte("0")
	}
	return a
}

// isVerbose reports whether a request asks for JSON: in its query, or in its form as Mixpanel's library for Python does.
func isVerbose(h *event.Hit) bool {
	if h.QueryValue("verbose") == "1" {
		return true
	}
	at := bytes.Index(h.Body, []byte("verbose=1"))
	return at == 0 || at > 0 && h.Body[at-1] == '&' && !reading.LooksJSON(reading.TrimJSON(h.Body))
}

// mixpanelImported counts the events of an import and names those that could not be taken; the others are safe.
func mixpanelImported(r sources.Reading) sources.Answer {
	a := sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore}
	b := append([]byte(nil), `{"code":200,"num_records_imported":`...)
	if len(r.Rejected) > 0 {
		a.Status = 400
		b = append(b[:0], `{"code":400,"error":"some data points in the request failed validation","failed_records":[`...)
		for i, bad := range r.Rejected {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"index":`...)
			b = strconv.AppendInt(b, int64(bad.Index), 10)
			b = append(event.AppendString(append(b, `,"message":`...), bad.Why), '}')
		}
		b = append(b, `],"num_records_imported":`...)
	}
	b = strconv.AppendInt(b, int64(len(r.Events)), 10)
	a.Body = append(b, map[int]string{200: `,"status":"OK"}`, 400: `,"status":"Bad Request"}`}[a.Status]...)
	return a
}

func mixpanelFailed(code int, why string) sources.Answer {
	b := strconv.AppendInt([]byte(`{"code":`), int64(code), 10)
	b = event.AppendString(append(b, `,"error":`...), why)
	return sources.Answer{Status: code, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, `,"num_records_imported":0,"status":"Error"}`...)}
}
