package webhook

import (
	"fmt"
	"slices"

	"headgate/document"
	"headgate/event"
	"headgate/event/keys"
	"headgate/rules"
	"headgate/sources"
)

// plan is a file, compiled.
type plan struct {
	topic, delivery *rules.Template
	carries         Carries
	ignored         []ignored
	mappings        []mapping
	asked           []asked
	settings        event.Map
}

// about says which deliveries a line of the file is for.
type about struct{ topics, has []string }

// fits reports whether a delivery is one of them; the error is errShape where its topic says so and its body does not.
func (a *about) fits(topic string, body event.Value) (bool, error) {
	if len(a.topics) > 0 && !slices.Contains(a.topics, topic) {
		return false, nil
	}
	for _, key := range a.has {
		if _, has := body.Object().Find(key); !has {
			return false, errShape
		}
	}
	return true, nil
}

type ignored struct {
	about
	when *rules.Formula
	why  string
}

type mapping struct {
	about
	each  *rules.Template
	when  *rules.Formula
	event builder
}

// compile compiles a file with the settings that are filled in.
func compile(s *Spec, settings map[string]string, l *rules.Language) (*plan, document.Mistakes) {
	c := &compiler{language: l}
	scope := rules.DeliveryScope(s.Settings.Keys())
	p := &plan{topic: c.template(s.Topic, scope), delivery: c.template(s.Delivery, scope), carries: s.Carries}
	for _, key := range s.Settings.Keys() {
		p.settings.Set(key, event.String(settings[key]))
	}
	for _, i := range s.Ignore {
		p.ignored = append(p.ignored, ignored{about{i.Topics, i.Has}, c.condition(i.When, scope), i.Why})
	}
	for i := range s.Requests {
		p.asked = append(p.asked, c.asked(&s.Requests[i], scope))
	}
	for i := range s.Events {
		written, m := &s.Events[i], mapping{about: about{s.Events[i].Topics, s.Events[i].Has}}
		inner := scope
		if written.Each != nil {
			m.each, inner = c.over(written.Each, scope), scope.Each()
		}
		m.when = c.condition(written.When, inner)
		if written.Event != nil {
			m.event = c.builder(written.Event, inner)
		}
		p.mappings = append(p.mappings, m)
	}
	return p, c.mistakes
}

// made is what a delivery becomes, in our own JSON.
type made struct {
	topic, delivery string
	events          []event.Value
	requests        []event.PrivacyRequest
	why             string // nothing is made of it, and why
}

// errShape is the error of a delivery whose body is not what its topic says.
var errShape = fmt.Errorf("%w: the body is not that of its topic", sources.ErrMalformed)

// read makes events of a delivery.
func (p *plan) read(f *frame) (m made, err error) {
	f.env.Settings = p.settings
	m.topic = f.text(p.topic)
	f.env.Topic = m.topic
	m.delivery = f.text(p.delivery)
	for i := range p.ignored {
		fits, err := p.ignored[i].fits(m.topic, f.env.Body)
		if err != nil {
			return m, err
		}
		if fits && f.holds(p.ignored[i].when) {
			m.why = p.ignored[i].why
			return m, nil
		}
	}
	known := false
	for i := range p.asked {
		one := &p.asked[i]
		fits, err := one.fits(m.topic, f.env.Body)
		if err != nil {
			return m, err
		}
		known = known || fits
		if fits && f.holds(one.when) {
			m.requests = append(m.requests, one.make(f))
		}
	}
	for i := range p.mappings {
		one := &p.mappings[i]
		fits, err := one.fits(m.topic, f.env.Body)
		if err != nil {
			return m, err
		}
		if !fits {
			continue
		}
		known = true
		m.events = append(m.events, one.make(f)...)
	}
	switch {
	case !known:
		m.why = "nothing is made of this topic"
	case len(m.events)+len(m.requests) == 0:
		m.why = "nothing is made of this delivery"
	}
	return m, nil
}

// make makes the events of one line of the file.
func (m *mapping) make(f *frame) (events []event.Value) {
	if m.event == nil {
		return nil
	}
	one := func() {
		if f.holds(m.when) {
			events = append(events, m.event.build(f))
		}
	}
	if m.each == nil {
		one()
		return events
	}
	f.each(f.value(m.each), one)
	return events
}

// stated are the addresses and user agents that a body states.
func (c *Carries) stated(body event.Value) (all []event.Stated) {
	for _, of := range []struct {
		paths   []string
		meaning keys.Meaning
	}{{c.Addresses, keys.Address}, {c.Agents, keys.Agent}} {
		for _, path := range of.paths {
			for _, text := range textsAt(body, path) {
				all = append(all, event.Stated{Meaning: of.meaning, Value: text})
			}
		}
	}
	return all
}
