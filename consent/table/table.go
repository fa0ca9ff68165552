// Package table writes the page that says what the default policy delivers. It is made by asking the policy.
package table

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"headgate/consent"
	"headgate/consent/region"
	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wording"
)

// sighting is a signal that may arrive with an event, for the page that shows what the default policy concludes from it.
type sighting struct {
	what   string // for a person
	page   bool   // the page states that everything was accepted
	gpc    bool
	dnt    bool
	cookie string
	query  string
}

// tableDay is the date at which the page's signals are read.
var tableDay = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// sightings are the signals of the page.
var sightings = []sighting{
	{what: "nothing"},
	{what: "everything accepted", page: true},
	{what: "everything refused", query: "_c=functional:0,analytics:0,ads:0,personalized_ads:0,sharing:0"},
	{what: "analytics accepted, ads refused", query: "_c=analytics:1,ads:0"},
	{what: "the consent tool's preset, not answered yet", query: "_c=preset:1,functional:1,analytics:1,ads:1,personalized_ads:1"},
	{what: "an answer of 14 months ago that accepts everything", query: "_c=t:1758535200,functional:1,analytics:1,ads:1,personalized_ads:1"},
	{what: "`ad_storage` granted, `ad_user_data` not mentioned", query: "_c=ad_storage:1"},
	{what: "consent mode, granted by the visitor's answer", query: "gcd=13r3r3r3r5l1"},
	{what: "consent mode, granted by default", query: "gcd=13t3t3t3t5l1"},
	{what: "consent mode, denied by default", query: "gcd=13p3p3p3p5l1"},
	{what: "TCF, all purposes consented to", cookie: "euconsent-v2=CQtDjkAQtDjkAEsABBENBkFgAP___wAAAAYgAAoAAAAA"},
	{what: "TCF, all purposes refused", cookie: "euconsent-v2=CQtDjkAQtDjkAEsABBENBkFgAAAAAAAAAAYgAAoAAAAA"},
	{what: "TCF, unreadable", cookie: "euconsent-v2=true"},
	{what: "Global Privacy Control", gpc: true},
	{what: "everything accepted, and Global Privacy Control", page: true, gpc: true},
	{what: "everything accepted, and `us_privacy=1YYN`", page: true, query: "us_privacy=1YYN"},
	{what: "`us_privacy=1YNN`: not opted out", query: "us_privacy=1YNN"},
	{what: "everything accepted, and GPP: sale opted out of", page: true, query: "gpp=DBABL~BAAaAAAAAIAA"},
	{what: "everything accepted, and GPP: its GPC bit", page: true, query: "gpp=DBABL~BAAqAAAAAIAA.YA"},
	{what: "everything accepted, and a consent tool's \"do not sell\"", page: true, query: "_c=sharing:0"},
	{what: "everything accepted, and Do Not Track", page: true, dnt: true},
}

// hit returns a hit with the sighting.
func (s *sighting) hit(country, region string) (*event.Hit, *event.Event) {
	h := &event.Hit{Cookie: s.cookie, Query: s.query, Received: tableDay}
	e := &event.Event{Geo: event.Geo{Country: country, Region: region}}
	if s.gpc {
		h.Headers = append(h.Headers, event.Header{Name: "sec-gpc", Value: "1"})
	}
	if s.dnt {
		h.Headers = append(h.Headers, event.Header{Name: "dnt", Value: "1"})
	}
	if s.page {
		for _, p := range signals.BuiltInPurposes {
			e.Consent.Add(p.Name, event.Boolean(true))
		}
	}
	return h, e
}

// tablePlaces are one place for each rule of the default policy, and those whose rule may surprise.
var tablePlaces = []struct{ name, country, region string }{
	{"Germany", "DE", ""}, {"California", "US", "CA"}, {"Australia", "AU", ""}, {"a US state without such a law: New York", "US", "NY"},
	{"the US, state not known", "US", ""}, {"country not known", "", ""},
}

// Page is the page: for each region and signal, the purposes.
func Page() []byte {
	policy, _ := consent.New(consent.Defaults()) // the defaults have no mistakes
	var b bytes.Buffer
	b.WriteString("# Consent: what the default policy delivers\n\n" +
		"What a destination gets that needs one purpose, without a `consent:` section in the configuration. A destination that needs several\n" +
		"gets an event when all of them are delivered. `refused: {redact: ...}` of a destination turns *no* into a redacted event. These are\n" +
		"defaults that can be changed, not legal advice.\n\n| region | model | where |\n|---|---|---|\n")
	defaults := region.Defaults()
	rules := defaults.Compile(new(document.Mistakes))
	for _, r := range defaults.Rules {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", r.Name, r.Model.Value, strings.ReplaceAll(strings.Join(r.In.Values(), " "), "*", "everywhere else"))
	}
	fmt.Fprintf(&b, "| unknown | `%s` | the visitor's country is not known |\n", defaults.Unknown.Value)
	for _, place := range tablePlaces {
		rule := rules.Find(place.country, place.region)
		fmt.Fprintf(&b, "\n## %s: %s (%s)\n\n| what came with the event |", place.name, rule.Name, rule.Model)
		for _, p := range signals.BuiltInPurposes[signals.AtFunctional:] {
			b.WriteString(" " + p.Name + " |")
		}
		b.WriteString(" why, for `ads` |\n|---|" + strings.Repeat("---|", len(signals.BuiltInPurposes)) + "\n")
		for i := range sightings {
			writeRow(&b, policy, &sightings[i], place.country, place.region)
		}
	}
	return b.Bytes()
}

// writeRow writes what happens to a sighting for every purpose.
func writeRow(b *bytes.Buffer, p *consent.Policy, s *sighting, country, region string) {
	h, e := s.hit(country, region)
	record := p.Resolve(h, e)
	b.WriteString("| " + s.what + " |")
	var why string
	for _, one := range signals.BuiltInPurposes[signals.AtFunctional:] {
		o := p.Judge(&record, &consent.Need{Purposes: []string{one.Name}})
		answer := "no"
		if o.Action == event.Deliver {
			answer = "**yes**"
		}
		if one.Name == consent.Ads {
			why = wording.Sentence(&o, &record)
		}
		b.WriteString(" " + answer + " |")
	}
	b.WriteString(" " + strings.TrimPrefix(why, consent.Ads+": ") + " |\n")
}
