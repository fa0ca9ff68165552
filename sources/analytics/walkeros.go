package analytics

import (
	"fmt"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// WalkerosOptions configure how walkerOS events are read.
type WalkerosOptions struct {
	sources.Mounting `yaml:",inline"`

	DataItem bool `yaml:"data_item" help:"Take the data of an event about one product (product add, product view) for its item, too; without it items are what an event nests"`
}

var _ = sources.Declare(sources.Declaration{
	Name:      "walkeros",
	Help:      "Events of walkerOS, from its API destination and its pixel",
	Path:      sources.Path{Usual: "/walkeros", Help: "Where events are sent to. At its default walkerOS's own /collect is taken, too, unless another source has it", Example: "/collect"},
	Speakers:  sources.AllClients,
	Routes:    walkerosRoutes,
	Headers:   []string{"content-type", "traceparent", "tracestate"},
	Block:     event.Block{Param: "walkeros"}, // what has no field of ours, by its name
	Addresses: []string{"walkeros.ip"},
	Agents:    []string{"walkeros.user_agent"},
}, newWalkeros)

func walkerosRoutes(path string) []sources.Route {
	routes := []sources.Route{{Methods: "GET POST", Path: path}}
	if path == "/walkeros" {
		routes = append(routes, sources.Route{Methods: "GET POST", Path: "/collect", Spare: true})
	}
	return routes
}

// walkeros reads walkerOS events: one, a list, a batch, or the query of an image.
// https://www.walkeros.io/docs/getting-started/event-model
type walkeros struct {
	dataItem bool
	tools    *reading.Tools
}

func newWalkeros(o WalkerosOptions, l sources.Limits) sources.Protocol {
	return &walkeros{o.DataItem, reading.New(l)}
}

func (s *walkeros) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	if h.Method == "GET" {
		query, err := reading.QueryObject(h.Query)
		if err != nil {
			return sources.Reading{}, err
		}
		return s.readAll(h, []event.Value{event.ObjectOf(query)}, false), nil
	}
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return sources.Reading{}, err
	}
	batch := v.Object().Get("batch")
	switch {
	case v.Kind() == event.List:
		batch = v
	case v.Kind() != event.Object:
		return sources.Reading{}, fmt.Errorf("%w: the body is no JSON object or list", sources.ErrMalformed)
	case batch.Kind() != event.List:
		return s.readAll(h, []event.Value{v}, false), nil
	}
	if len(batch.List()) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	return s.readAll(h, batch.List(), true), nil
}

// readAll reads events. The answer to a batch of one is that of a batch.
func (s *walkeros) readAll(h *event.Hit, sent []event.Value, batch bool) sources.Reading {
	r := sources.Reading{Events: make([]event.Event, 0, len(sent)), State: batch}
	for i, one := range sent {
		w := walkerEvent{e: event.Event{Source: "walkeros", Received: h.Received}, dataItem: s.dataItem}
		why := "the event is no object"
		if one.Kind() == event.Object {
			why = w.read(one.Object())
		}
		if why == "" {
			why = s.tools.Limits.Fault(&w.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		s.tools.Limits.SetTime(&w.e, w.stated, time.Time{})
		r.Events = append(r.Events, w.e)
	}
	return r
}

// Answer is walkerOS's own.
func (s *walkeros) Answer(h *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	batch, _ := r.State.(bool)
	switch {
	case h.Method == "GET":
		return sources.Image()
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
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

// walkerosBatch counts what was taken, and names what was not by its place.
func walkerosBatch(r sources.Reading) sources.Answer {
	status, b := 200, []byte(`{"success":true`)
	if len(r.Rejected) > 0 {
		status, b = 207, []byte(`{"success":false`)
	}
	b = event.Float(float64(len(r.Events))).AppendJSON(append(b, `,"processed":`...))
	if len(r.Rejected) > 0 {
		b = event.Float(float64(len(r.Rejected))).AppendJSON(append(b, `,"failed":`...))
		b = sources.AppendRejected(append(b, `,"errors":`...), r.Rejected)
		return sources.Answer{Status: status, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
	}
	b = append(b, `,"ids":[`...)
	for i := range r.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = event.AppendString(b, r.Events[i].ID)
	}
	return sources.Answer{Status: status, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, "]}"...)}
}

func walkerosError(status int, why string) sources.Answer {
	b := event.AppendString([]byte(`{"success":false,"error":`), why)
	return sources.Answer{Status: status, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

func (s *walkeros) Refuse(h *event.Hit, _ sources.Call, err error) sources.Answer {
	if h.Method == "GET" {
		return sources.Image()
	}
	return walkerosError(sources.Status(err), err.Error())
}
