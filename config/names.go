package config

import (
	"fmt"
	"strings"

	"headgate/document"
	"headgate/rules"
)

// eventNames are the names of events that are known at the site: those of the catalogue, and those that the configuration
// itself makes or tries.
type eventNames struct {
	common []string        // that a misspelt one is compared with
	known  map[string]bool // all of them
}

func (p *Parts) eventNames() *eventNames {
	n := &eventNames{known: map[string]bool{}}
	n.common = p.Catalog.EventNames()
	for _, name := range n.common {
		n.known[name] = true
	}
	for i := range p.Config.Rules {
		r := &p.Config.Rules[i]
		if r.Emit != nil {
			if name, ok := r.Emit.Get("name"); ok {
				n.known[name.Text] = true
			}
		}
		if name, ok := r.Set.Get("name"); ok {
			n.known[name.Text] = true
		}
	}
	for _, t := range p.Config.Tests {
		if name, ok := t.Event.Get("name"); ok {
			n.known[name.Text] = true
		}
	}
	return n
}

// near warns of a name that nobody knows and that is almost one of the known ones.
func (n *eventNames) near(name string, at document.Place, ms *document.Mistakes) {
	if n.known[name] {
		return
	}
	if s := document.Suggest(name, n.common); s != "" {
		ms.Add(at, fmt.Sprintf("no event is known by the name %q", name), fmt.Sprintf("did you mean %q?", s))
	}
}

// misspelt warns of names of events, in conditions and in events:, that are almost known. They may be right, since a site names its
// events as it likes; a test of the configuration that uses the name says so.
func (p *Parts) misspelt() (ms document.Mistakes) {
	n := p.eventNames()
	condition := func(w document.Words, s rules.Scope) {
		f, wrong := p.Language.Formula(w, s, rules.Truth)
		if w.Value == "" || len(wrong) > 0 {
			return
		}
		for _, name := range f.EventNames() {
			if i := strings.Index(w.Value, `"`+name+`"`); i >= 0 {
				n.near(name, w.Place(len([]rune(w.Value[:i]))+1), &ms)
			}
		}
	}
	for i := range p.Config.Rules {
		condition(p.Config.Rules[i].When, rules.RuleScope())
	}
	for _, d := range p.Config.Destinations {
		condition(d.Value.When, rules.RuleScope())
		for i := range d.Value.Rules {
			condition(d.Value.Rules[i].When, rules.RuleScope())
		}
		for _, e := range d.Value.Events {
			if e.Key != "*" {
				n.near(e.Key, e.At, &ms)
			}
		}
	}
	return ms
}
