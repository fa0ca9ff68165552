package proxy

import (
	"strings"
	"time"

	"headgate/config"
	"headgate/consent"
	"headgate/document"
	"headgate/event"
	"headgate/insight/terms"
	"headgate/proxy/admission"
	"headgate/queue"
)

// Plan is one configuration in force: everything that can fail has been built. It is never changed; a reload swaps it.
type Plan struct {
	*config.Parts
	LoadedAt time.Time

	roster  *queue.Roster
	needs   []*consent.Need  // of the destinations, in order
	insight *consent.Need    // nil: it is off
	tallies []*tally         // of the destinations, in order; only of a plan that is in force
	flows   map[*Site]*flows // by site; only of a plan that is in force
	sites   map[string]*Site // by host
	limit   *admission.Addresses
	keys    *admission.Keys
	unread  *unreadCookies
	idPage  *idPage

	serverKeys []document.Secret // of the site's own servers
}

// newPlan makes a plan of parts. It has no roster yet: see Server.install.
func newPlan(parts *config.Parts, now time.Time) *Plan {
	p := &Plan{Parts: parts, LoadedAt: now, sites: map[string]*Site{}, limit: admission.NewAddresses(&parts.Config.Limits), keys: admission.NewKeys(&parts.Config.Limits),
		unread: &unreadCookies{}, idPage: &idPage{parts.Config.Identity.Endpoint.Value}, serverKeys: parts.Config.Sources.ServerKeys()}
	if parts.Insight != nil {
		p.insight = &consent.Need{Purposes: []string{consent.Analytics}}
	}
	for i := range parts.Destinations {
		p.needs = append(p.needs, &parts.Destinations[i].Need)
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

// warnings are what a person should look at in the configuration, though nothing is wrong with it.
func (p *Plan) warnings() []string {
	out := make([]string, len(p.Warnings))
	for i := range p.Warnings {
		out[i] = p.Warnings[i].Error()
	}
	return out
}

// names are the destinations in order: the log's roster.
func (p *Plan) names() []string {
	names := make([]string, len(p.Destinations))
	for i := range p.Destinations {
		names[i] = p.Destinations[i].Name()
	}
	return names
}

// destination returns the enabled destination of that name, nil when there is none.
func (p *Plan) destination(name string) *config.Destination {
	for i := range p.Destinations {
		if p.Destinations[i].Name() == name {
			return &p.Destinations[i]
		}
	}
	return nil
}

// takesTraffic reports whether a destination asks for the traffic that an event is of, whatever the bot filter says.
func (p *Plan) takesTraffic(e *event.Event) bool {
	for i := range p.Destinations {
		if takes, said, _ := p.Destinations[i].TakesTraffic(e); takes && said {
			return true
		}
	}
	return false
}
