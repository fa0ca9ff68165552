package alerts

import (
	"fmt"
	"math"
)

// consent finds purposes that visitors of a site grant more or less often than they usually do.
func consent(f *Facts, c *Config) (out []Finding) {
	for i := range f.Choices {
		one := &f.Choices[i]
		limit := one.usual() * float64(c.Consent)
		finding := Finding{Kind: Consent, Site: one.Site, About: one.About}
		switch change := one.now() - one.usual(); {
		case math.Abs(change) >= limit && one.usual() > 0 && one.differs(alikeEvents):
			finding.Cause = fmt.Sprintf("%s of the events%s have %s granted, usually %s%s.", percent(one.now()), of(one.Site), one.About, percent(one.usual()), one.tool())
			finding.Next = "Look at the consent tool: its version, its place on the page, its texts. The rate becomes the usual one if it stays."
		case !one.tells(limit, alikeEvents):
			finding.Unsure = true
		default:
			continue
		}
		out = append(out, finding)
	}
	return out
}

// tool names the consent tool that most of the change is from, by what its events add to it.
func (c *Choice) tool() string {
	var name string
	most := 0.0
	for i := range c.Tools {
		t := &c.Tools[i]
		if added := math.Abs(part(t.Now, c.Of) - part(t.UsualNow, c.UsualOf)); added > most {
			name, most = t.About, added
		}
	}
	switch {
	case most == 0:
		return ""
	case name == "":
		return "; most of the change is in events without any signal"
	}
	return "; most of the change is in events with the signal " + name
}

// leastUnread is how many signals have to be unreadable: less is a browser or two.
const leastUnread = 20

// signals finds consent signals that cannot be read.
func signals(f *Facts, c *Config) (out []Finding) {
	for i := range f.Signals {
		s := &f.Signals[i]
		if s.Now < leastUnread || s.now() < float64(c.Signals) || s.now() < 3*s.usual() {
			continue
		}
		out = append(out, Finding{Kind: Signals, About: s.About,
			Cause: fmt.Sprintf("%s of the consent signals %s cannot be read, usually %s. They grant nothing.", percent(s.now()), s.About, percent(s.usual())),
			Next:  "Look at the consent tool's version, and at an event with the reason signal_invalid."})
	}
	return out
}
