package http

import (
	"fmt"
	"net/url"
	"slices"

	"golang.org/x/net/http/httpguts"

	"headgate/destinations"
	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// plan is a destination's file, compiled: all that Encode and Judge need.
type plan struct {
	destinations.EngineOptions
	ages      []*rules.Formula // which events each of the file's ages: is about
	endpoints []*endpoint
	answers   []answer
	hosts     []string // that its addresses name
}

// newPlan compiles a file; the plan is nil when anything is wrong with it.
func newPlan(o destinations.EngineOptions) (*plan, document.Mistakes) {
	p := &plan{EngineOptions: o}
	c := &compiler{&destinations.Formulas{Language: o.Language}}
	scope := rules.DestinationScope(o.Spec.Settings.Keys())
	for _, a := range o.Spec.Ages {
		p.ages = append(p.ages, c.Condition(a.When, scope))
	}
	p.answers = c.answers(o.Spec.Answers, scope)
	for i := range o.Spec.Send {
		p.endpoints = append(p.endpoints, c.endpoint(&o.Spec.Send[i], o.Spec.Flags, o.Delivery.Request, scope))
	}
	if o.CheckOnly || len(c.Mistakes) > 0 {
		return nil, c.Mistakes
	}
	if ms := append(p.addresses(), p.checkHeaders()...); len(ms) > 0 {
		return nil, ms
	}
	return p, nil
}

// addresses works out which hosts the destination names, and where each request goes.
func (p *plan) addresses() (ms document.Mistakes) {
	note := func(address, what string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
			ms.Add(p.At, fmt.Sprintf("the %s of %s, %q, is not an address", what, p.Name, p.Hide(address)), "see the settings that it is made of")
			return
		}
		if !slices.Contains(p.hosts, u.Hostname()) {
			p.hosts = append(p.hosts, u.Hostname())
		}
	}
	c := &compiler{&destinations.Formulas{Language: p.Language}}
	for _, e := range p.endpoints {
		e.address = c.Fixed(e.url, p.Settings.Values())
		e.shown = c.Fixed(e.url, p.Settings.Masked())
		note(e.address, "address")
		for _, t := range e.auth.Addresses(c.Formulas, p.Settings, p.Now) {
			note(t, "token address")
		}
	}
	return append(ms, c.Mistakes...)
}

// checkHeaders finds headers that settings alone make impossible: they would reject every event.
func (p *plan) checkHeaders() (ms document.Mistakes) {
	f := &body.Frame{Machine: p.Language.Machine(), Failed: func(error) {}}
	defer f.Machine.Release()
	f.Env.Settings, f.Env.Event = p.Settings.Values(), &event.Event{}
	for _, e := range p.endpoints {
		for _, h := range e.addHeaders(nil, f) {
			if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
				ms.Add(p.At, fmt.Sprintf("%s cannot send the header %q: its name or value has characters that a header cannot hold", p.Name, h.Name),
					"write it on one line, without control characters")
			}
		}
	}
	return ms
}
