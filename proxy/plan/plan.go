// Package plan is one configuration in force: its sites, sources, destinations and limits, ready to be asked about hits and events.
// Everything that can fail has been done when there is a Plan. It takes no hit in and sends nothing.
package plan

import (
	"strings"
	"time"

	"headgate/config"
	"headgate/consent"
	"headgate/document"
	"headgate/event"
	"headgate/insight/terms"
	"headgate/proxy/admission"
	"headgate/proxy/counts"
	"headgate/proxy/history"
	"headgate/queue"
	"headgate/rules"
	"headgate/sources"
)

// Plan is one configuration. It is never changed once it is in force; a reload swaps it.
type Plan struct {
	*config.Parts
	LoadedAt time.Time

	Roster  *queue.Roster
	Needs   []*consent.Need         // of the destinations, in order
	counted *consent.Need           // nil: it is off
	Tallies []*counts.Tally         // of the destinations, in order; only of a plan that is in force
	flows   map[*Site]*counts.Flows // by site; only of a plan that is in force
	sites   map[string]*Site        // by host
	none    Site                    // of hosts that no site names
	Limit   *admission.Addresses
	Keys    *admission.Keys
	Unread  *counts.UnreadCookies

	serverKeys []document.Secret // of the site's own servers
}

// New makes a plan of parts. It has no roster and counts nothing until it is put in force.
func New(parts *config.Parts, now time.Time) *Plan {
	p := &Plan{Parts: parts, LoadedAt: now, sites: map[string]*Site{}, Limit: admission.NewAddresses(&parts.Config.Limits), Keys: admission.NewKeys(&parts.Config.Limits),
		Unread: &counts.UnreadCookies{}, serverKeys: parts.Config.Sources.ServerKeys()}
	if parts.Insight != nil {
		p.counted = &consent.Need{Purposes: []string{consent.Analytics}}
	}
	for i := range parts.Destinations {
		p.Needs = append(p.Needs, &parts.Destinations[i].Need)
	}
	for _, entry := range parts.Config.Sites {
		site := &Site{Name: entry.Key, CookieDomain: entry.Value.CookieDomain.Value, origins: map[string]bool{}}
		for _, origin := range entry.Value.Origins {
			site.origins[strings.ToLower(origin.Value)] = true
		}
		for _, host := range entry.Value.Hosts {
			p.sites[strings.ToLower(host.Value)] = site
		}
	}
	return p
}

// CountInto makes the counters of the plan's destinations and sites. It is called before the plan is in force.
func (p *Plan) CountInto(c *counts.Counts, book *history.Book) {
	book.CountConversions(p.conversions())
	names := p.Names()
	for _, name := range names {
		p.Tallies = append(p.Tallies, c.Consent.Tally(name))
	}
	p.flows = map[*Site]*counts.Flows{&p.none: nil}
	for _, site := range p.sites {
		p.flows[site] = nil
	}
	for site := range p.flows {
		p.flows[site] = counts.NewFlows(book, site.Name, names, len(p.Policy.Purposes()))
	}
}

// conversions are the events whose value is counted: what insight takes for conversions, also where it is off.
func (p *Plan) conversions() (names []string) {
	section := p.Config.Insight
	if section == nil {
		section = &terms.Config{}
		section.SetDefaults()
	}
	for _, name := range section.Conversions {
		names = append(names, name.Value)
	}
	return names
}

// FlowsOf are the counters of a site's events; nil is no site.
func (p *Plan) FlowsOf(site *Site) *counts.Flows {
	if site == nil {
		site = &p.none
	}
	return p.flows[site]
}

// FromServer reports whether a request proves that one of the site's own servers sent it.
func (p *Plan) FromServer(h event.Headers) bool { return sources.FromServer(h, p.serverKeys) }

// Names are the destinations in order: the log's roster.
func (p *Plan) Names() []string {
	names := make([]string, len(p.Destinations))
	for i := range p.Destinations {
		names[i] = p.Destinations[i].Name()
	}
	return names
}

// Destination returns the enabled destination of that name, nil when there is none.
func (p *Plan) Destination(name string) *config.Destination {
	for i := range p.Destinations {
		if p.Destinations[i].Name() == name {
			return &p.Destinations[i]
		}
	}
	return nil
}

// TakesTraffic reports whether a destination asks for the traffic that an event is of, whatever the bot filter says.
func (p *Plan) TakesTraffic(e *event.Event) bool {
	for i := range p.Destinations {
		if takes, said, _ := p.Destinations[i].TakesTraffic(e); takes && said {
			return true
		}
	}
	return false
}

// Condition compiles a formula that a person typed into the admin side; "" is none.
func (p *Plan) Condition(where string) (*rules.Formula, error) {
	if where == "" {
		return nil, nil
	}
	words := document.Words{At: document.Place{File: "where"}, Value: where}
	formula, mistakes := p.Language.Formula(words, rules.RuleScope(), rules.Truth)
	return formula, mistakes.Err()
}

// CountsVisitor reports whether insight counts an event with its visitor, for which the log has to keep it.
func (p *Plan) CountsVisitor(d *event.Decision) bool {
	return p.counted != nil && !terms.IsMeasurement(d.Event.Name) && d.DroppedBy == "" && d.Event.User.ClientID != "" && p.Policy.Judge(&d.Consent, p.counted).Action == event.Deliver
}

// StillAllowed reports whether a destination that an event was due to may still have it.
func (p *Plan) StillAllowed(d *event.Decision) bool {
	for i := range d.Outcomes {
		if !d.Outcomes[i].Action.Due() {
			continue
		}
		dest := p.Destination(d.Outcomes[i].Destination)
		if dest == nil || p.Policy.Still(d, &dest.Need).Action.Due() {
			return true
		}
	}
	return false
}
