package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"headgate/alerts"
	"headgate/event"
	"headgate/proxy/history"
)

// kind says which list of facts a share belongs to.
type kind uint8

const (
	refused kind = iota
	choice
	tool
	signal
	filter
	field
	duplicate
	clock
	rejected
)

// span is a stretch of time that is compared: this one, or the same of a day before.
type span struct {
	g     *gathered
	usual bool
	hour  time.Time // what is counted by the minute counts from here on
	half  time.Time // of what is rejected
}

// readShares reads the last hours, and the same hours of the last days.
func (g *gathered) readShares(b Book) error {
	known := 0
	for i := range days + 1 {
		until := g.now.Add(-time.Duration(i) * day)
		since := until.Truncate(time.Hour).Add(time.Hour - hourly)
		if i > 0 && since.Before(g.began) {
			break
		}
		end := until
		if i > 0 {
			end = since.Add(hourly) // hours that are kept as a whole; this one is not over yet
		}
		s := &span{g: g, usual: i > 0, hour: until.Add(-time.Hour), half: until.Add(-rejectedSpan)}
		err := b.Read(since, end, compared, func(at time.Time, k *history.Key, count, _ int64) {
			if s.late(k, at, until) {
				return
			}
			s.take(k, at, count)
		})
		if err != nil {
			return err
		}
		if i > 0 {
			known++
		}
	}
	g.days = max(g.days, known)
	for _, s := range g.shares {
		s.Days = known
	}
	return nil
}

// rejectedSpan is the time over which dead letters are counted.
const rejectedSpan = 30 * time.Minute

// late reports whether a minute is behind the end of a span.
func (*span) late(k *history.Key, at, until time.Time) bool {
	return k.Kind == history.Events && !at.Before(until)
}

// compared are the counts that shares are made of.
func compared(k *history.Key) bool {
	switch k.Kind {
	case history.Events, history.Consent, history.Signals, history.Clocks:
		return true
	case history.Fill:
		return slices.Contains(watched[:], k.Of)
	}
	return false
}

// watched are the fields whose fill is watched.
var watched = [...]string{"user.email", "params.value", "params.currency", "params.transaction_id"}

func (s *span) share(k shareKey) *alerts.Share {
	one := s.g.shares[k]
	if one == nil {
		one = &alerts.Share{Site: k.site, Destination: k.destination, About: k.about}
		s.g.shares[k] = one
	}
	return one
}

// add counts n of those that a share is about, and of all.
func (s *span) add(k shareKey, n, all int64) {
	one := s.share(k)
	if s.usual {
		one.UsualNow, one.UsualOf = one.UsualNow+n, one.UsualOf+all
	} else {
		one.Now, one.Of = one.Now+n, one.Of+all
	}
}

// part counts n as one of all, or as all.
func (s *span) part(k shareKey, what string, n int64) {
	if what == "of" {
		s.add(k, 0, n)
	} else {
		s.add(k, n, 0)
	}
}

func (s *span) take(k *history.Key, at time.Time, n int64) {
	switch k.Kind {
	case history.Consent:
		history.EachPurpose(k, func(purpose, state string) {
			granted := int64(0)
			if state == event.Granted {
				granted = n
			}
			s.add(shareKey{kind: choice, site: k.Site, about: purpose}, granted, n)
			s.add(shareKey{kind: tool, site: k.Site, about: purpose, tool: k.Why}, granted, n)
		})
	case history.Signals:
		s.part(shareKey{kind: signal, about: k.Of}, k.What, n)
	case history.Clocks:
		s.part(shareKey{kind: clock, about: k.Of}, k.What, n)
	case history.Fill:
		s.part(shareKey{kind: field, destination: k.Destination, about: k.Of}, k.What, n)
	case history.Events:
		if !at.Before(s.hour) {
			s.event(k, at, n)
		}
	}
}

// event takes what became of events of the last hour.
func (s *span) event(k *history.Key, at time.Time, n int64) {
	if k.Destination == "" {
		switch k.What {
		case "refused":
			s.add(shareKey{kind: refused, about: k.Why}, n, 0)
		case "accepted":
			if k.Why == "" {
				s.add(shareKey{kind: filter, site: k.Site}, 0, n) // all, for every filter of the site
			}
		}
		return
	}
	twice := k.What == "filtered" && k.Why == string(event.Duplicate)
	if twice || k.What == "delivered" {
		s.add(shareKey{kind: duplicate, site: k.Site}, when(twice, n), n)
	}
	if reject := k.What == "rejected"; !at.Before(s.half) && (reject || k.What == "delivered") {
		s.add(shareKey{kind: rejected, destination: k.Destination}, when(reject, n), n)
	}
	if k.What == "filtered" && !slices.Contains(moody[:], event.Reason(k.Why)) {
		s.add(shareKey{kind: filter, site: k.Site, destination: k.Destination, about: filterName(k)}, n, 0)
	}
}

// moody are reasons that come and go with who visits, and not with the configuration.
var moody = [...]event.Reason{event.BotDropped, event.TrafficClass, event.Duplicate, event.OwnAlert}

func filterName(k *history.Key) string {
	switch {
	case k.Detail != "":
		return "rule " + k.Detail
	case k.Why == string(event.NotWanted):
		return "when: or a requirement (" + k.Why + ")"
	case k.Why == string(event.EventNotMapped):
		return "events: (" + k.Why + ")"
	}
	return k.Why
}

func when(yes bool, n int64) int64 {
	if yes {
		return n
	}
	return 0
}

// facts puts what was read in order.
func (g *gathered) facts() *alerts.Facts {
	f := &alerts.Facts{Now: g.now, Volumes: g.flows()}
	fields := map[string]*alerts.Field{}
	for _, k := range sorted(g.shares) {
		s := *g.shares[k]
		switch k.kind {
		case refused:
			f.Refused = append(f.Refused, s)
		case choice:
			f.Choices = append(f.Choices, alerts.Choice{Share: s})
		case tool:
			of := &f.Choices[slices.IndexFunc(f.Choices, func(c alerts.Choice) bool { return c.Site == k.site && c.About == k.about })]
			s.About = k.tool
			of.Tools = append(of.Tools, s)
		case signal:
			f.Signals = append(f.Signals, s)
		case clock:
			f.Clocks = append(f.Clocks, s)
		case duplicate:
			f.Duplicates = append(f.Duplicates, s)
		case filter:
			if k.destination != "" {
				all := g.shares[shareKey{kind: filter, site: k.site}]
				if all != nil {
					s.Of, s.UsualOf = all.Of, all.UsualOf
				}
				f.Filters = append(f.Filters, s)
			}
		case field:
			if fields[k.about] == nil {
				fields[k.about] = &alerts.Field{Path: k.about, OfPurchases: strings.HasPrefix(k.about, "params.")}
			}
			fields[k.about].At = append(fields[k.about].At, s)
		}
	}
	for _, path := range watched {
		if fields[path] != nil {
			f.Fields = append(f.Fields, *fields[path])
		}
	}
	slices.SortFunc(f.Volumes, func(a, b alerts.Flow) int {
		return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(a.Event, b.Event))
	})
	for k, s := range g.shares {
		if k.kind == rejected {
			f.Rejected = append(f.Rejected, *s)
		}
	}
	return f
}

func sorted(shares map[shareKey]*alerts.Share) []shareKey {
	keys := make([]shareKey, 0, len(shares))
	for k := range shares {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b shareKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.site, b.site), strings.Compare(a.destination, b.destination),
			strings.Compare(a.about, b.about), strings.Compare(a.tool, b.tool))
	})
	return keys
}
