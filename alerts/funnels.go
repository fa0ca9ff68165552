package alerts

import (
	"fmt"
	"strings"
)

// alikeVisitors is 1: each visitor decides alone.
const alikeVisitors = 1

// funnels finds steps that fewer visitors reach than usual, of those who came to the step before: of all visitors, else of those with one
// kind of device.
func funnels(f *Facts, c *Config) (out []Finding) {
	for i := range f.Steps {
		s := &f.Steps[i]
		one := Finding{Kind: Funnel, About: s.Funnel + ": " + s.To, Unsure: true}
		for _, share := range append([]Share{s.All}, s.Devices...) {
			limit := share.usual() * float64(c.Funnels)
			if share.usual() > 0 && share.usual()-share.now() >= limit && share.differs(alikeVisitors) {
				one.Cause, one.Unsure = s.fewer(&share), false
				one.Next = "Look at the site's last release and at its tags on that page; /live shows what comes. If visitors go on and the event is missing, look at the rules that drop it."
				break
			}
		}
		if !one.Unsure || !s.All.tells(s.All.usual(), alikeVisitors) {
			out = append(out, one)
		}
	}
	return out
}

func (s *Step) fewer(share *Share) string {
	with := ""
	if share.About != "" {
		with = " on " + share.About
	}
	return fmt.Sprintf("Only %s of the visitors who came to %s%s went on to %s in the funnel %s (%d of %d in half an hour), usually %s.", percent(share.now()), s.From, with, s.To,
		s.Funnel, share.Now, share.Of, percent(share.usual()))
}

// funnelOf is the funnel that a finding is about.
func funnelOf(about string) string {
	name, _, _ := strings.Cut(about, ": ")
	return name
}
