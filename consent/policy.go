package consent

import (
	"time"

	"headgate/consent/people"
	"headgate/consent/personal"
	"headgate/consent/region"
	"headgate/consent/signals"
)

// Policy is the consent section of one configuration, compiled. It is safe for concurrent use. The exported fields are
// set before its first use and left alone afterwards.
type Policy struct {
	// Suppression is the list of those who must not be tracked, consulted when an event arrives and before it is sent; nil
	// suppresses nobody.
	Suppression *people.Suppression
	// PassOn keeps the strings of consent standards with the event, as they arrived, for destinations that take them.
	PassOn bool
	// Personal takes personal data out of events.
	Personal personal.Redactor

	monitor bool
	first   bool // combine: first
	signals signals.Vocabulary
	regions region.Rules
	maxAge  time.Duration
	maxDays string   // maxAge in words
	vendors []Vendor // that destinations ask for
	asked   []string // their keys
	scrub   personal.Scrubbing

	resolved cache
}

// Purposes returns the names of all purposes: the six, then the site's own.
func (p *Policy) Purposes() []string {
	names := make([]string, len(p.signals.Purposes))
	for i := range p.signals.Purposes {
		names[i] = p.signals.Purposes[i].Name
	}
	return names
}
