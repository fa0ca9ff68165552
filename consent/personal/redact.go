package personal

import (
	"slices"
	"strings"
	"time"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
)

// Redact returns a copy of an event without what a profile takes out; the original stays as it is. A value that is taken
// out of one field is also taken out of every other text of the event, however it is written there. Origin is how the event
// came, nil when that is no longer known: then only the event's own values are looked for.
func (w Redactor) Redact(e *event.Event, how *Profile, from *Origin) event.Event {
	out := *e
	r := redaction{with: w, how: how, out: &out, gone: how.gone()}
	r.learn(e)
	if from != nil {
		r.learnOrigin(from)
	}
	r.identity(e)
	r.contact()
	r.network()
	r.page()
	if how.Campaign == Drop {
		ids := out.Campaign.ClickIDs
		out.Campaign = event.Campaign{ClickIDs: ids}
	}
	if how.Items == Drop {
		out.Items = nil
	}
	r.params()
	if how.Only != nil {
		r.only(how.Only)
	}
	r.sweep()
	return out
}

// RedactsLater reports whether Redact finds all of an event's origin that a profile takes out when the origin is no longer
// known. It does not where a rule copied a cookie, say, that is nowhere else in the event.
func (w Redactor) RedactsLater(e *event.Event, how *Profile, from *Origin) bool {
	later := w.Redact(e, how, nil)
	r := redaction{with: w, how: how, out: &later, gone: how.gone()}
	r.learnOrigin(from)
	return !r.sweep()
}

type redaction struct {
	with  Redactor
	how   *Profile
	out   *event.Event
	gone  keys.Meaning // keys with one of these meanings go
	trail trail
}

func (r *redaction) learnOrigin(from *Origin) {
	r.learn(&from.Event)
	r.trail.learnHit(from.Hit, r.how.lookedFor())
}

func (r *redaction) learn(e *event.Event) {
	r.trail.truncate = r.how.Address == Truncate
	r.trail.learn(e, r.how.lookedFor())
	if r.how.Screen == Drop {
		r.trail.add(e.Device.Screen, shortestText)
		r.trail.add(e.Device.Viewport, shortestText)
	}
}

func (r *redaction) identity(e *event.Event) {
	out := r.out
	if r.gone&keys.ID != 0 {
		client, session := out.User.ClientID, out.Session.ID
		out.User.ClientID, out.User.UserID = "", ""
		out.Session = event.Session{Engaged: out.Session.Engaged}
		out.Page.View = ""
		out.Cookies, out.Signals = nil, nil
		if r.how.ID == Rotate {
			out.User.ClientID = r.with.rotated(e, client)
			out.Session.ID = r.with.rotated(e, session)
		}
	}
	if r.gone&keys.Click != 0 {
		out.Campaign.ClickIDs = nil
		out.Cookies = withoutClicks(out.Cookies)
	}
}

// withoutClicks returns cookies without those that hold a click id.
func withoutClicks(cookies event.Map) event.Map {
	holds := func(p event.Pair) bool { return keys.IsClickID(p.Key) }
	if !slices.ContainsFunc(cookies, holds) {
		return cookies
	}
	return slices.DeleteFunc(cookies.Clone(), holds)
}

func (r *redaction) contact() {
	if r.gone&keys.Contact == 0 {
		return
	}
	for i := range event.Fields {
		if event.Fields[i].Class != event.Contact {
			continue
		}
		switch ref := event.Fields[i].Ref(r.out).(type) {
		case *string:
			*ref = ""
		case *event.Map:
			*ref = nil
		}
	}
}

func (r *redaction) network() {
	d := &r.out.Device
	switch r.how.Address {
	case Drop:
		d.IP = ""
	case Truncate:
		d.IP = event.TruncatedAddress(d.IP)
	}
	switch r.how.UserAgent {
	case Drop:
		d.UserAgent, d.Browser, d.BrowserVersion, d.OS, d.OSVersion, d.Type = "", "", "", "", "", ""
	case Family:
		d.UserAgent = strings.Join(slices.DeleteFunc([]string{d.Browser, d.OS, d.Type}, func(s string) bool { return s == "" }), " ")
		d.BrowserVersion, d.OSVersion = "", ""
		d.Language, _, _ = strings.Cut(d.Language, "-")
	}
	if r.how.Screen == Drop {
		d.Screen, d.Viewport = "", ""
	}
	g := &r.out.Geo
	switch r.how.Geo {
	case Region:
		g.City, g.PostalCode = "", ""
	case Country:
		g.Region, g.City, g.PostalCode = "", "", ""
	case Drop:
		*g = event.Geo{}
	}
}

func (r *redaction) page() {
	pg := &r.out.Page
	if r.how.Query != nil {
		pg.URL = patterns.WithQuery(pg.URL, r.how.Query)
		pg.Query = patterns.AllowedQuery(pg.Query, r.how.Query)
	}
	switch r.how.Referrer {
	case Query:
		pg.Referrer = patterns.WithQuery(pg.Referrer, r.how.Query)
	case SchemeHost:
		pg.Referrer = patterns.OriginOf(pg.Referrer)
	case Drop:
		pg.Referrer, pg.ReferrerClass = "", ""
	}
}

func (r *redaction) only(fields Allowed) {
	for i := range event.Fields {
		f := &event.Fields[i]
		if slices.Contains(alwaysKept, f.Path) || fields.has(f.Path) {
			continue
		}
		switch ref := f.Ref(r.out).(type) {
		case *string:
			*ref = ""
		case *bool:
			*ref = false
		case *int64:
			*ref = 0
		case *time.Time:
			*ref = time.Time{}
		case *event.Map:
			*ref = nil
		case *[]event.Item:
			*ref = nil
		}
	}
}

// params leaves the parameters that a profile allows. Where anything is taken out, the blocks of the protocols go: they mirror
// it under names of their own.
func (r *redaction) params() {
	out := make(event.Map, 0, len(r.out.Params))
	for _, p := range r.out.Params {
		if !r.how.Params.has(p.Key) || r.gone != 0 && r.with.isBlock(p.Key) {
			continue
		}
		if event.IsAppBlock(p.Key, p.Value) {
			p.Value = withoutDevice(p.Key, p.Value.Object(), r.gone)
		}
		out = append(out, p)
	}
	r.out.Params = out
}

// withoutDevice returns what an app says of itself or its device without the ids of the device, and without what tells devices
// apart where the user agent goes too.
func withoutDevice(block string, m event.Map, gone keys.Meaning) event.Value {
	m = m.Clone()
	eachDeviceKey(block, gone, func(key string) { m.Delete(key) })
	return event.ObjectOf(m)
}

// sweep takes the values that are gone, and personal data by its look, out of every text that is left, and reports whether
// there were any.
func (r *redaction) sweep() (found bool) {
	r.trail.anyDigest = r.gone&(keys.ID|keys.Contact) != 0
	r.trail.addHosts()
	c := cleaner{trail: &r.trail, gone: r.gone, scrub: r.gone&keys.Contact != 0}
	if r.how.Query != nil {
		c.cutQueries, c.query = true, r.how.Query
	}
	w := rewriter{with: &c, gone: r.gone, numbers: true}
	w.event(r.out)
	if id := c.change(r.out.ID); id != r.out.ID {
		r.out.ID, c.changed = r.with.disguised(r.out.ID), true
	}
	return c.changed
}
