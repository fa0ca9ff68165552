// Package http delivers to vendors over HTTP as their files describe: Encode makes requests out of events and Judge reads one
// verdict per event out of the answer, both pure; the sender in between is the only part that touches the network.
package http

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"headgate/destinations"
	"headgate/document"
	"headgate/rules"
)

// Engine delivers the events of one destination whose file has send:. Its methods may be called by several goroutines at once.
type Engine struct {
	destinations.EngineOptions
	ages     []*rules.Formula // which events each of the file's ages: is about
	requests []*request
	answers  []answer
	sender   *sender
}

// Driver makes the engine of a destination as destinations.Deps wants it.
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
	e := &Engine{EngineOptions: o}
	c := &compiler{&destinations.Formulas{Language: o.Language}}
	scope := rules.DestinationScope(o.Spec.Settings.Keys())
	for _, a := range o.Spec.Ages {
		e.ages = append(e.ages, c.Condition(a.When, scope))
	}
	e.answers = c.answers(o.Spec.Answers, scope)
	for i := range o.Spec.Send {
		e.requests = append(e.requests, c.request(&o.Spec.Send[i], o.Spec.Flags, o.Delivery.Request, scope))
	}
	if o.CheckOnly || len(c.Mistakes) > 0 {
		return nil, c.Mistakes
	}
	hosts, ms := e.addresses()
	if ms = append(ms, e.checkHeaders()...); len(ms) > 0 {
		return nil, ms
	}
	e.sender = newSender(o, hosts)
	return e, nil
}

// compiler turns what a file says into what the engine runs, and collects every mistake on the way.
type compiler struct{ *destinations.Formulas }

// addresses works out which hosts the destination names, and where each request goes.
func (e *Engine) addresses() (hosts []string, ms document.Mistakes) {
	note := func(address, what string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
			ms.Add(e.At, fmt.Sprintf("the %s of %s, %q, is no address", what, e.Name, e.Hide(address)), "see the settings that it is made of")
			return
		}
		if !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	c := &compiler{&destinations.Formulas{Language: e.Language}}
	for _, r := range e.requests {
		r.address = c.Fixed(r.url, e.Settings.Values())
		r.shown = c.Fixed(r.url, e.Settings.Masked())
		note(r.address, "address")
		for _, t := range r.auth.addresses(c, e.Settings) {
			note(t, "token address")
		}
	}
	return hosts, append(ms, c.Mistakes...)
}

// Close gives up idle connections. Deliver is not called afterwards.
func (e *Engine) Close(context.Context) error {
	e.sender.close()
	return nil
}
