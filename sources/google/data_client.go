package google

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// DataClientOptions configure the reading of what Stape's Data Tag sends.
type DataClientOptions struct {
	sources.Mounting `yaml:",inline"`

	ServerKeys []document.Secret `yaml:"server_keys" help:"Keys in Authorization or X-Write-Key that only servers know: what their events state of the visitor's address and place is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${DATA_CLIENT_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *DataClientOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "data_client",
	Help:     "What Stape's Data Client takes in a server container: the Data Tag, webhooks and servers that send plain JSON",
	Path:     sources.Path{Usual: "/data", Help: "Where the Data Tag, or whoever else sends to Stape's Data Client, sends to"},
	Speakers: sources.AllClients,
	Routes: func(path string) []sources.Route {
		return []sources.Route{{Methods: "GET POST", Path: path}, {Methods: "GET", Path: path + "/store", Call: callStore}}
	},
	Headers:   []string{"authorization", "content-type", "x-gtm-server-preview", "x-robots-tag", "x-stape-preview", "x-write-key"},
	Block:     event.Block{Param: "data_client"}, // what means something to a server container only
	Addresses: []string{"data_client.ip_override"},
	Agents:    []string{"data_client.user_agent"},
}, newDataClient)

// callStore is how the tag stores values in cookies of its own: it is answered, and nothing is stored.
const callStore = "store"

// dataClient reads the event data of a server container: one object, or a list of them, of Google's common names and of those
// that Stape's client takes for the same.
// https://stape.io/solutions/data-tag-client
type dataClient struct {
	keys  sources.Keys
	tools *reading.Tools
}

func newDataClient(o DataClientOptions, l sources.Limits) sources.Protocol {
	return &dataClient{sources.Keys{Server: o.ServerKeys}, reading.New(l)}
}

func (s *dataClient) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	if c.Name == callStore {
		return sources.Reading{}, nil
	}
	query, err := s.query(h)
	if err != nil {
		return sources.Reading{}, err
	}
	sent := []event.Value{{}}
	if h.Method == "POST" && len(h.Body) > 0 {
		if sent, err = s.bodies(h); err != nil {
			return sources.Reading{}, err
		}
	}
	if len(sent) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	held := s.keys.Accepts(sources.HeaderKey(h.Headers))
	common := containerEvent{e: event.Event{Source: "data_client", Received: h.Received}, believed: held.Believed}
	if why := common.read(query); why != "" {
		return sources.Reading{}, fmt.Errorf("%w: the query: %s", sources.ErrMalformed, why)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(sent))}
	r.Admit(held)
	for i, one := range sent {
		if one.Kind() != event.Object && !one.IsNull() {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: "the event is no object"})
			continue
		}
		d := common
		d.e, d.rest = reading.CopyEvent(&common.e), common.rest.Clone()
		why := d.read(one.Object())
		if why == "" {
			d.finish(h)
			why = s.tools.Limits.Fault(&d.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		s.tools.Limits.SetTime(&d.e, d.stated, time.Time{})
		r.Events = append(r.Events, d.e)
	}
	return r, nil
}

// query reads what stands in the address, which the events of the body share. An image has the tag's own values in dtcd.
func (s *dataClient) query(h *event.Hit) (event.Map, error) {
	m, err := reading.FlatQuery(h.Query)
	if err != nil {
		return nil, err
	}
	if dtcd := m.Text("dtcd"); dtcd != "" {
		v, err := s.tools.JSON.Read(h, []byte(dtcd))
		if err != nil {
			return nil, err
		}
		m.Delete("dtcd")
		reading.Merge(&m, v.Object())
	}
	return m, nil
}

// bodies reads the body: JSON, or a form.
func (s *dataClient) bodies(h *event.Hit) ([]event.Value, error) {
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return nil, err
	}
	body = reading.TrimJSON(body)
	if strings.HasPrefix(strings.ToLower(h.Headers.Get("content-type")), "application/x-www-form-urlencoded") && !reading.LooksJSON(body) {
		form, err := reading.FlatQuery(string(body))
		return []event.Value{event.ObjectOf(form)}, err
	}
	v, err := s.tools.JSON.Read(h, body)
	switch {
	case err != nil:
		return nil, err
	case v.Kind() == event.List:
		return slices.Clone(v.List()), nil
	case v.Kind() == event.Object:
		return []event.Value{v}, nil
	}
	return nil, fmt.Errorf("%w: the body is no JSON object or list", sources.ErrMalformed)
}

// Answer is the Data Client's own, as it is by default: an image, or the time.
func (s *dataClient) Answer(h *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	switch {
	case h.Method == "GET":
		return sources.Image()
	case len(r.Events) == 0 && len(r.Rejected) > 0:
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	b := event.Float(float64(h.Received.Unix())).AppendJSON([]byte(`{"timestamp":`))
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

func (s *dataClient) Refuse(h *event.Hit, _ sources.Call, err error) sources.Answer {
	if h.Method == "GET" {
		return sources.Image()
	}
	return sources.Problem(err, nil)
}
