package insight

import (
	"time"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/needs"
	"headgate/insight/answers"
	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/insight/terms"
	"headgate/queue"
)

// serving is what a configuration says.
type serving struct {
	terms   *terms.Terms
	policy  *consent.Policy
	need    *needs.Need
	answers answers.Serving
}

// Need is what insight asks of consent.
func Need() *needs.Need { return &needs.Need{Purposes: []string{consent.Analytics}} }

// reader makes rows of what the log holds.
type reader struct {
	in    *serving
	until int64  // rows before that time are there already,
	end   uint64 // of groups up to that place of the log
}

// read returns what is kept of an event of a group at a place, and false when that is nothing.
func (r *reader) read(place uint64, s *queue.Stored) (store.Record, bool) {
	record, ok := r.record(s)
	return record, ok && (record.Time >= r.until || place > r.end)
}

func (r *reader) record(s *queue.Stored) (store.Record, bool) {
	if s.Live == nil && layout.IsRefused(s.Bytes, nil) {
		f, err := layout.DecodeRefused(string(s.Bytes))
		if err != nil {
			return store.Record{}, false
		}
		if f.DroppedBy != "" && f.DroppedBy != droppedBots || terms.IsMeasurement(f.Name) {
			return store.Record{}, false
		}
		return r.nobody(f.DroppedBy == droppedBots, f.Name, f.Time, "", "")
	}
	d, err := layout.Decoded(s.Live, s.Bytes)
	if err != nil || d.Event.IsAlert() || terms.IsMeasurement(d.Event.Name) || d.DroppedBy != "" && d.DroppedBy != droppedBots {
		return store.Record{}, false
	}
	return r.decided(d)
}

// decided returns what is kept of an event that was decided about.
func (r *reader) decided(d *event.Decision) (store.Record, bool) {
	e := &d.Event
	switch {
	case d.DroppedBy == droppedBots, isBot(e):
		return r.nobody(true, e.Name, e.Time, e.Site, e.Geo.Country)
	case r.in.policy.Judge(&d.Consent, r.in.need).Action != event.Deliver, e.User.ClientID == "":
		return r.nobody(false, e.Name, e.Time, e.Site, e.Geo.Country)
	}
	if r.in.policy.Still(d, r.in.need).Action != event.Deliver {
		return store.Record{}, false // consent was withdrawn, and with it goes what was counted
	}
	f := r.in.terms.FactsOf(e)
	t := &f.Texts
	return store.Record{Visitor: visitorOf(r.in.policy, e.User.ClientID), Time: e.Time.UnixMilli(), ID: shortID(e.ID), Value: f.Value,
		Site: t[count.Site], Event: t[count.Event], Page: t[count.Page], Referrer: t[count.Referrer], Source: t[count.Source], Medium: t[count.Medium],
		Campaign: t[count.Campaign], Country: t[count.Country], Device: t[count.Device], Currency: t[count.Currency], Order: t[count.Order],
		Term: t[count.Term], Items: t[count.Items]}, true
}

// droppedBots is what the bot filter is called where a rule's name would stand.
const droppedBots = "bots"

func isBot(e *event.Event) bool {
	switch e.Traffic.Class {
	case "crawler", "ai_crawler", "agent", "prefetch":
		return true
	}
	return e.Device.Bot
}

// nobody keeps of an event what is about nobody: its name, minute, site and country.
func (r *reader) nobody(bot bool, name string, at time.Time, site, country string) (store.Record, bool) {
	record := store.Record{Visitor: count.Unmeasured, Time: at.Truncate(time.Minute).UnixMilli(), Event: terms.Clip(name, 100), Site: site, Country: country}
	if bot {
		record.Visitor = count.Bot
	}
	return record, bot || r.in.terms.Refused != "drop"
}

// shortID tells events with different ids apart.
func shortID(id string) uint32 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for k := range len(id) {
		h = (h ^ uint64(id[k])) * prime
	}
	if n := uint32(h ^ h>>32); n != 0 || id == "" {
		return n
	}
	return 1
}

// visitorOf is the number of a client id.
func visitorOf(policy *consent.Policy, clientID string) uint64 {
	hash := policy.Suppression.Hasher.Hash(people.ClientSubject(clientID))
	return count.VisitorOf(hash[:])
}
