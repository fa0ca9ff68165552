package alerts

import (
	"fmt"
	"strings"
)

// filters finds rules, and reasons of destinations, that leave out events which they used to let through.
func filters(f *Facts, c *Config) (out []Finding) {
	for i := range f.Filters {
		s := &f.Filters[i]
		one := Finding{Kind: Rules, Site: s.Site, Destination: s.Destination, About: s.About}
		switch {
		case s.now()-s.usual() >= float64(c.Rules) && s.differs(alikeEvents):
			one.Cause = fmt.Sprintf("%s leaves out %s of the events%s for %s, usually %s.", s.About, percent(s.now()), of(s.Site), s.Destination, percent(s.usual()))
			one.Next = "Look at the last change of the configuration, and at an event that was left out: headgate explain --id ID."
		case !s.tells(float64(c.Rules), alikeEvents):
			one.Unsure = true
		default:
			continue
		}
		out = append(out, one)
	}
	return out
}

// fields finds fields that fewer events have than usual: one finding a field, whichever destinations notice it.
func fields(f *Facts, c *Config) (out []Finding) {
	for i := range f.Fields {
		field := &f.Fields[i]
		alike, what := float64(alikeEvents), "events"
		if field.OfPurchases {
			alike, what = alikePurchases, "purchases"
		}
		one := Finding{Kind: Fields, About: field.Path}
		var fell []string
		sure := false
		for k := range field.At {
			s := &field.At[k]
			limit := s.usual() * float64(c.Fields)
			if s.usual() > 0 && s.usual()-s.now() >= limit && s.differs(alike) {
				fell = append(fell, fmt.Sprintf("%s (%s, usually %s)", s.Destination, percent(s.now()), percent(s.usual())))
				one.Destination = s.Destination
			}
			sure = sure || s.tells(limit, alike)
		}
		switch {
		case len(fell) > 0:
			one.Cause = fmt.Sprintf("Fewer %s have %s at %s.", what, field.Path, strings.Join(fell, ", "))
			one.Next = "Look at the data layer of the site, and at rules that set or remove the field."
		case !sure:
			one.Unsure = true
		default:
			continue
		}
		if len(fell) != 1 {
			one.Destination = ""
		}
		out = append(out, one)
	}
	return out
}

// leastDuplicates is how many events have to come twice in an hour.
const leastDuplicates = 20

// duplicates finds sites whose events come twice.
func duplicates(f *Facts, c *Config) (out []Finding) {
	for i := range f.Duplicates {
		s := &f.Duplicates[i]
		if s.Now < leastDuplicates || s.now() < float64(c.Duplicates) || s.now() < 3*s.usual() {
			continue
		}
		out = append(out, Finding{Kind: Duplicates, Site: s.Site,
			Cause: fmt.Sprintf("%s of what was to be delivered%s in the last hour had been sent before, usually %s. It was sent once.", percent(s.now()), of(s.Site), percent(s.usual())),
			Next:  "Look for a tag that fires twice, or a server that repeats what was answered; the events have the same id."})
	}
	return out
}

// leastWrong is how many events have to have a wrong time.
const leastWrong = 50

// clocks finds sources most of whose events have a wrong time. When all sources have, it is this machine's.
func clocks(f *Facts, c *Config) (out []Finding) {
	var wrong []*Share
	known := 0
	for i := range f.Clocks {
		s := &f.Clocks[i]
		if s.Of >= leastWrong {
			known++
		}
		if s.Now >= leastWrong && s.now() >= float64(c.Clock) && s.now() >= 2*s.usual() {
			wrong = append(wrong, s)
		}
	}
	for _, s := range wrong {
		one := Finding{Kind: Clock, About: s.About,
			Cause: fmt.Sprintf("The clock is a minute or more wrong in %s of the events of the source %s, usually in %s. Their times were corrected as far as they say when they were sent.", percent(s.now()), s.About, percent(s.usual())),
			Next:  "Set the clock of the server that sends them (NTP)."}
		if known > 1 && len(wrong) == known {
			one.Next = "All sources have it: set the clock of the machine that Headgate runs on (timedatectl)."
		}
		out = append(out, one)
	}
	return out
}
