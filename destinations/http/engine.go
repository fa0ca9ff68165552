// Package http delivers to vendors over HTTP as their files describe: Encode makes requests out of events and Judge reads one
// verdict per event out of the answer, both pure; the sender in between is the only part that touches the network.
package http

import (
	"context"

	"headgate/destinations"
	"headgate/document"
)

// Engine delivers the events of one destination whose file has send:. Its methods may be called by several goroutines at once.
type Engine struct {
	*plan
	sender *sender
}

// Driver makes the engine of a destination, as destinations.Deps expects it.
func Driver(o destinations.EngineOptions) (destinations.Driver, document.Mistakes) {
	e, ms := New(o)
	if e == nil {
		return nil, ms
	}
	return e, ms
}

// New compiles the file of a destination. It opens no connection. Everything that is wrong is reported; the engine is nil
// then.
func New(o destinations.EngineOptions) (*Engine, document.Mistakes) {
	p, ms := newPlan(o)
	if p == nil {
		return nil, ms
	}
	return &Engine{p, newSender(p)}, nil
}

// Close closes idle connections. Deliver is not called afterwards.
func (e *Engine) Close(context.Context) error {
	e.sender.close()
	return nil
}
