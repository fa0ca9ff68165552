package consent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// Redact returns a copy of an event without what a profile takes out; the original stays as it is. A value that was taken
// out of one field is also taken out of every other text of the event. An unknown profile leaves what aggregate does.
func (p *Policy) Redact(e *event.Event, profile string) event.Event {
	how := p.profiles[profile]
	if how == nil {
		how = p.profiles["aggregate"]
	}
	out := *e
	r := redaction{policy: p, how: how, out: &out}
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
	r.items()
	if how.Only != nil {
		r.only(how.Only)
	}
	r.sweep()
	return out
}

type redaction struct {
	policy *Policy
	how    *Profile
	out    *event.Event
	gone   []string // values that were taken out, long enough to be told from chance, and as addresses hold them
	cutter *strings.Replacer
}

// take empties a text and remembers what it was.
func (r *redaction) take(s *string) {
	r.note(*s)
	*s = ""
}

func (r *redaction) note(s string) {
	if len(s) < 6 {
		return
	}
	r.gone = append(r.gone, s)
	for _, escaped := range []string{url.QueryEscape(s), url.PathEscape(s)} {
		if escaped != s {
			r.gone = append(r.gone, escaped)
		}
	}
}

func (r *redaction) takeMap(m *event.Map) {
	for _, p := range *m {
		r.noteValue(p.Value)
	}
	*m = nil
}

func (r *redaction) noteValue(v event.Value) {
	switch v.Kind() {
	case event.Object:
		for _, p := range v.Object() {
			r.noteValue(p.Value)
		}
	case event.List:
		for _, one := range v.List() {
			r.noteValue(one)
		}
	case event.Text, event.Numeric:
		r.note(v.Text())
	}
}

func (r *redaction) identity(e *event.Event) {
	out := r.out
	if r.how.ID.Value == "drop" || r.how.ID.Value == "rotate" {
		client, session := out.User.ClientID, out.Session.ID
		r.take(&out.User.ClientID)
		r.take(&out.User.UserID)
		r.take(&out.Session.ID)
		r.takeMap(&out.Cookies)
		out.Signals = nil
		out.Session.Number, out.Session.Start = 0, time.Time{}
		if r.how.ID.Value == "rotate" {
			out.User.ClientID = r.policy.rotated(e, client)
			out.Session.ID = r.policy.rotated(e, session)
		}
	}
	if r.how.ClickIDs.Value == "drop" {
		r.takeMap(&out.Campaign.ClickIDs)
	}
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

func (r *redaction) contact() {
	if r.how.Contact.Value != "drop" {
		return
	}
	for i := range event.Fields {
		if event.Fields[i].Class != event.Contact {
			continue
		}
		switch ref := event.Fields[i].Ref(r.out).(type) {
		case *string:
			r.take(ref)
		case *event.Map:
			r.takeMap(ref)
		}
	}
}

func (r *redaction) network() {
	d := &r.out.Device
	switch r.how.Address.Value {
	case "drop":
		r.take(&d.IP)
	case "truncate":
		if short := truncated(d.IP); short != d.IP {
			r.take(&d.IP)
			d.IP = short
		}
	}
	switch r.how.UserAgent.Value {
	case "drop":
		r.take(&d.UserAgent)
		d.Browser, d.BrowserVersion, d.OS, d.OSVersion, d.Type = "", "", "", "", ""
	case "family":
		r.note(d.UserAgent)
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

// truncated returns an address as regulators accept it: the last byte of IPv4 and the last 80 bits of IPv6 are zero.
func truncated(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	prefix := netip.PrefixFrom(a, 48)
	if a.Is4() {
		prefix = netip.PrefixFrom(a, 24)
	}
	return prefix.Masked().Addr().String()
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
