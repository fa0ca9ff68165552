package sources

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
)

// DataClientOptions configure the reading of what Stape's Data Tag sends.
type DataClientOptions struct {
	At         document.Place    `yaml:"-"`
	Path       string            `yaml:"path" help:"Where the Data Tag, or whoever else sends to Stape's Data Client, sends to" example:"/data"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Keys in Authorization or X-Write-Key that only servers know: what their events state of the visitor's address and place is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${DATA_CLIENT_KEY}\"]"`
}

// SetDefaults is document.Defaulter's.
func (o *DataClientOptions) SetDefaults() { o.Path = "/data" }

func (o *DataClientOptions) mount() (document.Place, *string) { return o.At, &o.Path }

func (o *DataClientOptions) serverKeys() []document.Secret { return o.ServerKeys }

var _ = declare(Declaration{
	Name:     "data_client",
	Help:     "What Stape's Data Client takes in a server container: the Data Tag, webhooks and servers that send plain JSON",
	Speakers: AllClients,
	Routes: func(path string) []Route {
		return []Route{{Methods: "GET POST", Path: path}, {Methods: "GET", Path: path + "/store", Call: callStore}}
	},
	Headers:   []string{"authorization", "content-type", "x-gtm-server-preview", "x-robots-tag", "x-stape-preview", "x-write-key"},
	Block:     event.Block{Param: "data_client"}, // what means something to a server container only
	Addresses: []string{"data_client.ip_override"},
	Agents:    []string{"data_client.user_agent"},
}, newDataClient)

// callStore is asked for when the tag keeps values in cookies of its own: they are answered, and not kept.
const callStore = "store"

// dataClient reads the event data of a server container: one object, or a list of them, of Google's common names and of those
// that Stape's client takes for the same.
// https://stape.io/solutions/data-tag-client
type dataClient struct {
	keys  keys
	tools *toolbox
}

func newDataClient(o DataClientOptions, t *toolbox) Protocol {
	return &dataClient{keys{server: o.ServerKeys}, t}
}

func (s *dataClient) Read(h *event.Hit, c Call) (Reading, error) {
	if c.Name == callStore {
		return Reading{}, nil
	}
	query, err := s.query(h)
	if err != nil {
		return Reading{}, err
	}
	sent := []event.Value{{}}
	if h.Method == "POST" && len(h.Body) > 0 {
		if sent, err = s.bodies(h); err != nil {
			return Reading{}, err
		}
	}
	if len(sent) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	held := s.keys.accepts(headerKey(h.Headers))
	common := containerEvent{e: event.Event{Source: "data_client", Received: h.Received}, believed: held.believed}
	if why := common.read(query); why != "" {
		return Reading{}, fmt.Errorf("%w: the query: %s", ErrMalformed, why)
	}
	r := Reading{Events: make([]event.Event, 0, len(sent))}
	r.admit(held)
	for i, one := range sent {
		if one.Kind() != event.Object && !one.IsNull() {
			r.Rejected = append(r.Rejected, Rejected{i, "the event is no object"})
			continue
		}
		d := common
		d.e, d.rest = copyEvent(&common.e), common.rest.Clone()
		why := d.read(one.Object())
		if why == "" {
			d.finish(h)
			why = s.tools.limits.fault(&d.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			continue
		}
		s.tools.limits.setTime(&d.e, d.stated, time.Time{})
		r.Events = append(r.Events, d.e)
	}
	return r, nil
}

// query reads what stands in the address, which the events of the body share. An image has the tag's own values in dtcd.
func (s *dataClient) query(h *event.Hit) (event.Map, error) {
	m, err := flatQuery(h.Query)
	if err != nil {
		return nil, err
	}
	if dtcd := m.Text("dtcd"); dtcd != "" {
		v, err := s.tools.json.read(h, []byte(dtcd))
		if err != nil {
			return nil, err
		}
		m.Delete("dtcd")
		merge(&m, v.Object())
	}
	return m, nil
}

// bodies reads the body: JSON, or a form.
func (s *dataClient) bodies(h *event.Hit) ([]event.Value, error) {
	body, err := s.tools.bodies.open(h)
	if err != nil {
		return nil, err
	}
	body = trimJSON(body)
	if strings.HasPrefix(strings.ToLower(h.Headers.Get("content-type")), "application/x-www-form-urlencoded") && !looksJSON(body) {
		form, err := flatQuery(string(body))
		return []event.Value{event.ObjectOf(form)}, err
	}
	v, err := s.tools.json.read(h, body)
	switch {
	case err != nil:
		return nil, err
	case v.Kind() == event.List:
		return slices.Clone(v.List()), nil
	case v.Kind() == event.Object:
		return []event.Value{v}, nil
	}
	return nil, fmt.Errorf("%w: the body is no JSON object or list", ErrMalformed)
}

// flatQuery reads a query whose names are what they are.
func flatQuery(query string) (m event.Map, err error) {
	all, texts := pairs{query}, arena{size: len(query)}
	count := 0
	for name, value, ok := all.next(); ok; name, value, ok = all.next() {
		if count++; count > maxParams {
			return nil, fmt.Errorf("%w: a query may have %d parameters", ErrTooLarge, maxParams)
		}
		m.Set(texts.unescape(name), event.String(texts.unescape(value)))
	}
	return m, nil
}

// Answer is the Data Client's own, as it is by default: an image, or the time.
func (s *dataClient) Answer(h *event.Hit, _ Call, r Reading) Answer {
	switch {
	case h.Method == "GET":
		return image()
	case len(r.Events) == 0 && len(r.Rejected) > 0:
		return jsonError(ErrMalformed, r.Rejected)
	}
	b := event.Float(float64(h.Received.Unix())).AppendJSON([]byte(`{"timestamp":`))
	return Answer{Status: 200, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
}

func (s *dataClient) Refuse(h *event.Hit, _ Call, err error) Answer {
	if h.Method == "GET" {
		return image()
	}
	return jsonError(err, nil)
}
