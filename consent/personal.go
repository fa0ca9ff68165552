package consent

import (
	"fmt"

	"headgate/consent/personal"
	"headgate/document"
	"headgate/event"
)

// What proxy keeps from one step of an event to the next, and what it counts.
type (
	Origin   = personal.Origin
	Scrubbed = personal.Scrubbed
	Findings = personal.Findings
	Kind     = personal.Kind
)

func (c *Config) compileScrub(ms *document.Mistakes) (s personal.Scrubbing) {
	for _, w := range c.Scrub {
		switch w.Value {
		case "urls":
			s.URLs = true
		case "texts":
			s.Texts = true
		case "none":
		default:
			ms.Add(w.At, fmt.Sprintf("personal data is not looked for in %q", w.Value), document.DidYouMean(w.Value, []string{"urls", "texts", "none"}))
		}
	}
	return s
}

func (p *Policy) redactor() personal.Redactor { return personal.Redactor{Key: p.Key, Blocks: p.Blocks} }

// Scrub takes personal data out of the places where a site does not expect any, before an event is stored. It changes the event
// and returns what it found. Fields for contact data are left alone.
func (p *Policy) Scrub(e *event.Event, last *Scrubbed) Findings { return p.scrub.Event(e, last) }

// Clean takes out of an event what no destination may have, wherever the client or a rule has put it: the network address as
// far as the origin says, and click ids where ads are refused. It runs after the rules. What it changes is copied, since
// events may share it.
func (p *Policy) Clean(e *event.Event, from *Origin) {
	granted, _ := e.Consent.Get(Ads).Bool()
	p.redactor().Clean(e, from, !granted && !p.monitor)
}

// Redact returns a copy of an event without what a profile takes out; the original stays as it is. Origin is how the event came,
// nil when that is no longer known. An unknown profile leaves what aggregate does.
func (p *Policy) Redact(e *event.Event, profile string, from *Origin) event.Event {
	how := p.profiles[profile]
	if how == nil {
		how = p.profiles["aggregate"]
	}
	return p.redactor().Redact(e, how, from)
}

// RedactsLater reports whether Redact finds all that a profile takes out when the origin is no longer known.
func (p *Policy) RedactsLater(e *event.Event, profile string, from *Origin) bool {
	how := p.profiles[profile]
	return how == nil || p.redactor().RedactsLater(e, how, from)
}

// Impersonal returns what a vendor said of some events as a log may hold it: without what identifies the visitor.
func Impersonal(words string, about []*event.Event) string { return personal.Impersonal(words, about) }
