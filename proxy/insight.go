package proxy

import (
	"context"
	"encoding/json"

	"headgate/consent"
	"headgate/insight/terms"
	"headgate/proxy/pages"
)

// Insight counts what visitors do. It outlives plans; Shutdown closes it.
type Insight interface {
	// Serve puts a configuration in force; nil terms turn it off.
	Serve(t *terms.Terms, policy *consent.Policy) error
	pages.Profiles
	// State returns how it is, null when it is off.
	State() json.RawMessage
	// Close writes what is still to be written.
	Close() error
}

// noInsight stands in where there is none.
type noInsight struct{}

func (noInsight) Serve(*terms.Terms, *consent.Policy) error { return nil }
func (noInsight) ProfileOf(context.Context, string, bool) (json.RawMessage, error) {
	return nil, ErrNotFound
}
func (noInsight) State() json.RawMessage { return nil }
func (noInsight) Close() error           { return nil }
