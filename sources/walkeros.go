package sources

import (
	"fmt"
	"time"

	"headgate/document"
	"headgate/event"
)

// WalkerosOptions configure the reading of walkerOS events.
type WalkerosOptions struct {
	At       document.Place `yaml:"-"`
	Path     string         `yaml:"path" help:"Where events are sent to. At its default walkerOS's own /collect is taken, too, unless another source has it" example:"/collect"`
	DataItem bool           `yaml:"data_item" help:"Take the data of an event about one product (product add, product view) for its item, too; without it items are what an event nests"`
}

// SetDefaults is document.Defaulter's.
func (o *WalkerosOptions) SetDefaults() { o.Path = "/walkeros" }

func (o *WalkerosOptions) mount() (document.Place, *string) { return o.At, &o.Path }

var _ = declare(Declaration{
	Name:      "walkeros",
	Help:      "Events of walkerOS, from its API destination and its pixel",
	Speakers:  AllClients,
	Routes:    walkerosRoutes,
	Headers:   []string{"content-type", "traceparent", "tracestate"},
	Block:     event.Block{Param: "walkeros"}, // what has no field of ours, by its name
	Addresses: []string{"walkeros.ip"},
	Agents:    []string{"walkeros.user_agent"},
}, newWalkeros)

func walkerosRoutes(path string) []Route {
	routes := []Route{{Methods: "GET POST", Path: path}}
	if path == "/walkeros" {
		routes = append(routes, Route{Methods: "GET POST", Path: "/collect", Spare: true})
	}
	return routes
}

// walkeros reads walkerOS events: one, a list, a batch, or the query of an image.
// https://www.walkeros.io/docs/getting-started/event-model
type walkeros struct {
	dataItem bool
	tools    *toolbox
}

func newWalkeros(o WalkerosOptions, t *toolbox) Protocol { return &walkeros{o.DataItem, t} }

func (s *walkeros) Read(h *event.Hit, _ Call) (Reading, error) {
	if h.Method == "GET" {
		query, err := queryObject(h.Query)
		if err != nil {
			return Reading{}, err
		}
		return s.readAll(h, []event.Value{event.ObjectOf(query)}, false), nil
	}
	body, err := s.tools.bodies.openJSON(h)
	if err != nil {
		return Reading{}, err
	}
	v, err := s.tools.json.read(h, body)
	if err != nil {
		return Reading{}, err
	}
	batch := v.Object().Get("batch")
	switch {
	case v.Kind() == event.List:
		batch = v
	case v.Kind() != event.Object:
		return Reading{}, fmt.Errorf("%w: the body is no JSON object or list", ErrMalformed)
	case batch.Kind() != event.List:
		return s.readAll(h, []event.Value{v}, false), nil
	}
	if len(batch.List()) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	return s.readAll(h, batch.List(), true), nil
}

// readAll reads events. The answer to a batch of one is that of a batch.
func (s *walkeros) readAll(h *event.Hit, sent []event.Value, batch bool) Reading {
	r := Reading{Events: make([]event.Event, 0, len(sent)), State: batch}
	for i, one := range sent {
		w := walkerEvent{e: event.Event{Source: "walkeros", Received: h.Received}, dataItem: s.dataItem}
		why := "the event is no object"
		if one.Kind() == event.Object {
			why = w.read(one.Object())
		}
		if why == "" {
			why = s.tools.limits.fault(&w.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			continue
		}
		s.tools.limits.setTime(&w.e, w.stated, time.Time{})
		r.Events = append(r.Events, w.e)
	}
	return r
}

// Answer is walkerOS's own.
func (s *walkeros) Answer(h *event.Hit, _ Call, r Reading) Answer {
	batch, _ := r.State.(bool)
	switch {
	case h.Method == "GET":
		return image()
	case batch:
		return walkerosBatch(r)
	case len(r.Rejected) > 0:
		return walkerosError(400, r.Rejected[0].Why)
	}
	b := []byte(`{"success":true`)
	for i := range r.Events { // there is one
		b = event.AppendString(append(b, `,"id":`...), r.Events[i].ID)
	}
	b = event.Float(float64(h.Received.UnixMilli())).AppendJSON(append(b, `,"timestamp":`...))
	return Answer{Status: 200, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
}

// walkerosBatch counts what was taken, and names what was not by its place.
func walkerosBatch(r Reading) Answer {
	status, b := 200, []byte(`{"success":true`)
	if len(r.Rejected) > 0 {
		status, b = 207, []byte(`{"success":false`)
	}
	b = event.Float(float64(len(r.Events))).AppendJSON(append(b, `,"processed":`...))
	if len(r.Rejected) > 0 {
		b = event.Float(float64(len(r.Rejected))).AppendJSON(append(b, `,"failed":`...))
		b = appendRejected(append(b, `,"errors":`...), r.Rejected)
		return Answer{Status: status, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
	}
	b = append(b, `,"ids":[`...)
	for i := range r.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = event.AppendString(b, r.Events[i].ID)
	}
	return Answer{Status: status, ContentType: typeJSON, Headers: noStore, Body: append(b, "]}"...)}
}

func walkerosError(status int, why string) Answer {
	b := event.AppendString([]byte(`{"success":false,"error":`), why)
	return Answer{Status: status, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
}

func (s *walkeros) Refuse(h *event.Hit, _ Call, err error) Answer {
	if h.Method == "GET" {
		return image()
	}
	return walkerosError(status(err), err.Error())
}
