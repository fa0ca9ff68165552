package consent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// Redact returns a copy of an event without what a profile takes out; the original stays as it is. A value that is taken
// out of one field is also taken out of every other text of the event, however it is written there. Origin is how the event
// came, nil when that is no longer known: then only the event's own values are looked for. An unknown profile leaves what
// aggregate does.
func (p *Policy) Redact(e *event.Event, profile string, from *Origin) event.Event {
	how := p.profiles[profile]
	if how == nil {
		how = p.profiles["aggregate"]
	}
	out := *e
	r := redaction{policy: p, how: how, out: &out, gone: how.gone()}
	r.learn(e)
	if from != nil {
		r.learnOrigin(from)
	}
	r.identity(e)
	r.contact()
	r.network()
	r.page()
	if how.Campaign.Value == "drop" {
		ids := out.Campaign.ClickIDs
		out.Campaign = event.Campaign{ClickIDs: ids}
	}
	if how.Items.Value == "drop" {
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
// known: not where a rule copied a cookie, say, that nothing in the event tells of.
func (p *Policy) RedactsLater(e *event.Event, profile string, from *Origin) bool {
	later := p.Redact(e, profile, nil)
	how := p.profiles[profile]
	if how == nil {
		return true
	}
	r := redaction{policy: p, how: how, out: &later, gone: how.gone()}
	r.learnOrigin(from)
	return !r.sweep()
}

type redaction struct {
	policy *Policy
	how    *Profile
	out    *event.Event
	gone   event.Meaning // keys with one of these meanings go
	trail  trail
}

// gone are the meanings of what a profile takes out.
func (p *Profile) gone() (m event.Meaning) {
	if p.ID.Value == "drop" || p.ID.Value == "rotate" {
		m |= event.IDKey
	}
	if p.Contact.Value == "drop" {
		m |= event.ContactKey
	}
	if p.ClickIDs.Value == "drop" {
		m |= event.ClickKey
	}
	if p.Address.Value == "drop" {
		m |= event.AddressKey
	}
	if p.UserAgent.Value == "drop" || p.UserAgent.Value == "family" {
		m |= event.AgentKey
	}
	return m
}

// shortened is the meaning of what is looked for although its key stays: an address that is truncated.
func (r *redaction) shortened() event.Meaning {
	if r.how.Address.Value == "truncate" {
		return event.AddressKey
	}
	return 0
}

func (r *redaction) learnOrigin(from *Origin) {
	r.learn(&from.Event)
	r.trail.learnHit(from, r.gone|r.shortened())
}

func (r *redaction) learn(e *event.Event) {
	r.trail.truncate = r.how.Address.Value == "truncate"
	r.trail.learn(e, r.gone|r.shortened())
	if r.how.Screen.Value == "drop" {
		r.trail.add(e.Device.Screen, shortestText)
		r.trail.add(e.Device.Viewport, shortestText)
	}
}

func (r *redaction) identity(e *event.Event) {
	out := r.out
	if r.gone&event.IDKey != 0 {
		client, session := out.User.ClientID, out.Session.ID
		out.User.ClientID, out.User.UserID = "", ""
		out.Session = event.Session{Engaged: out.Session.Engaged}
		out.Cookies, out.Signals = nil, nil
		if r.how.ID.Value == "rotate" {
			out.User.ClientID = r.policy.rotated(e, client)
			out.Session.ID = r.policy.rotated(e, session)
		}
	}
	if r.gone&event.ClickKey != 0 {
		out.Campaign.ClickIDs = nil
		out.Cookies = withoutClicks(out.Cookies)
	}
}

// withoutClicks returns cookies without those that hold a click id.
func withoutClicks(cookies event.Map) event.Map {
	holds := func(p event.Pair) bool { return event.IsClickID(p.Key) }
	if !slices.ContainsFunc(cookies, holds) {
		return cookies
	}
	return slices.DeleteFunc(cookies.Clone(), holds)
}

// rotated makes an id that is another one each day and on each site, from a key that is kept nowhere near the event. It
// has 32 bits, so that two visitors may share one, as the French regulator asks for.
func (p *Policy) rotated(e *event.Event, id string) string {
	if id == "" || len(p.Key) == 0 {
		return ""
	}
	when := e.Received
	if when.IsZero() {
		when = e.Time
	}
	day := hmac.New(sha256.New, p.Key)
	day.Write([]byte(when.UTC().Format(time.DateOnly) + "\x00" + e.Site))
	mac := hmac.New(sha256.New, day.Sum(nil))
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// disguised makes another id of an event out of one that holds what is taken out: the same for the same id, so that an event
// that comes again is still known.
func (p *Policy) disguised(id string) string {
	mac := hmac.New(sha256.New, p.Key)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func (r *redaction) contact() {
	if r.gone&event.ContactKey == 0 {
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
	switch r.how.Address.Value {
	case "drop":
		d.IP = ""
	case "truncate":
		d.IP = event.TruncatedAddress(d.IP)
	}
	switch r.how.UserAgent.Value {
	case "drop":
		d.UserAgent, d.Browser, d.BrowserVersion, d.OS, d.OSVersion, d.Type = "", "", "", "", "", ""
	case "family":
		d.UserAgent = strings.Join(slices.DeleteFunc([]string{d.Browser, d.OS, d.Type}, func(s string) bool { return s == "" }), " ")
		d.BrowserVersion, d.OSVersion = "", ""
		d.Language, _, _ = strings.Cut(d.Language, "-")
	}
	if r.how.Screen.Value == "drop" {
		d.Screen, d.Viewport = "", ""
	}
	g := &r.out.Geo
	switch r.how.Geo.Value {
	case "region":
		g.City, g.PostalCode = "", ""
	case "country":
		g.Region, g.City, g.PostalCode = "", "", ""
	case "drop":
		*g = event.Geo{}
	}
}

func (r *redaction) page() {
	pg := &r.out.Page
	if r.how.Query != nil {
		allowed := r.how.Query.Values()
		pg.URL = withQuery(pg.URL, allowed)
		pg.Query = allowedQuery(pg.Query, allowed)
	}
	switch r.how.Referrer.Value {
	case "query":
		pg.Referrer = withQuery(pg.Referrer, r.how.Query.valuesOrNone())
	case "origin":
		pg.Referrer = origin(pg.Referrer)
	case "drop":
		pg.Referrer = ""
	}
}

func (ns *Names) valuesOrNone() []string {
	if ns == nil {
		return nil
	}
	return ns.Values()
}

// alwaysKept are the fields without which an event is none.
var alwaysKept = []string{"id", "name", "time", "received", "source", "site", "consent"}

func (r *redaction) only(fields *Names) {
	keep := fields.Values()
	for i := range event.Fields {
		f := &event.Fields[i]
		if slices.Contains(alwaysKept, f.Path) || slices.Contains(keep, f.Path) {
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
