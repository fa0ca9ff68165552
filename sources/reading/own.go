package reading

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/event/keys"
)

// Own is an event on the way from our own vocabulary.
type Own struct {
	Event        event.Event
	Stated, Sent time.Time // by the client's clock

	vocabulary *vocabulary
	believed   bool // the sender proved to be a server of the site
}

// Own returns an empty event. What its sender states of the visitor's address and place is taken only if the sender is believed.
func (t *Tools) Own(believed bool) Own { return Own{vocabulary: t.vocabulary, believed: believed} }

// Alias is the path of the vocabulary that a well-known other name at the top of an event stands for, or the name itself.
func Alias(name string) string {
	switch name {
	case "client_id", "user_id":
		return "user." + name
	case "session_id":
		return "session.id"
	case "event", "event_name":
		return "name"
	case "event_id", "message_id":
		return "id"
	case "timestamp":
		return "time"
	case "page_location":
		return "page.url"
	case "page_title":
		return "page.title"
	case "page_referrer":
		return "page.referrer"
	case "ip", "user_agent":
		return "device." + name
	}
	return name
}

// ReadCompact sets all that an object in the browser script's short names says; any other name is as in Read.
func (o *Own) ReadCompact(m event.Map) (why string) {
	for _, p := range m {
		if why := o.Set(longName(p.Key), p.Value); why != "" {
			return why
		}
	}
	return ""
}

// longName is what a short name of the browser script stands for: see Hit in sdk/src/event.ts.
func longName(short string) string {
	switch short {
	case "n":
		return "name"
	case "i":
		return "id"
	case "t":
		return "time"
	case "v":
		return "page.view"
	case "q":
		return "page.sequence"
	case "u":
		return "page.url"
	case "r":
		return "page.referrer"
	case "h":
		return "page.title"
	case "a":
		return keys.Landing
	case "y":
		return "user"
	case "p":
		return "params"
	case "m":
		return "items"
	case "l":
		return "device.language"
	case "z":
		return "device.screen"
	case "w":
		return "device.viewport"
	case "g":
		return "consent"
	}
	return short
}

// Read sets all that an object in our vocabulary says; why says what is wrong with it.
func (o *Own) Read(m event.Map) (why string) {
	for _, p := range m {
		if why := o.Set(p.Key, p.Value); why != "" {
			return why
		}
	}
	return ""
}

// Set sets what one key says: a group, a path, another name for one, or a param.
func (o *Own) Set(key string, v event.Value) (why string) {
	switch key {
	case "sent_at":
		o.Sent = Time(v)
		return ""
	case "consent":
		if v.Kind() == event.Object {
			o.Consent(v.Object())
			return ""
		}
	case "params":
		if v.Kind() == event.Object {
			o.params(v.Object())
			return ""
		}
	}
	if group := o.vocabulary.groups[key]; group != nil && v.Kind() == event.Object {
		return o.group(key, group, v.Object())
	}
	path := Alias(key)
	if f, below := o.vocabulary.find(path); f != nil {
		return o.field(f, path, below, v)
	}
	o.Event.Params.Set(key, Amount(key, v))
	return ""
}

// field sets a field of the vocabulary, or what is below one that is a map.
func (o *Own) field(f *event.Field, path, below string, v event.Value) (why string) {
	switch {
	case stated(path) && !o.believed:
		// A place is kept where nothing is decided by it; an address would escape the address policy there.
		if path != "device.ip" {
			o.Event.Params.Set(path, v)
		}
	case path == "id":
		SetID(&o.Event, v.Text())
	case path == "time":
		if o.Stated = Time(v); o.Stated.IsZero() {
			return "time: expected a time: 2026-11-22T10:00:00Z, or unix seconds or milliseconds"
		}
	case f.Path == "consent" && below != "":
		o.Consent(event.Map{{Key: below, Value: v}})
	case strings.Count(below, ".") > maxDepth:
		o.Event.Params.Set(path, v)
	case below != "":
		if f.Path == "params" {
			v = Amount(below, v)
		}
		if err := o.Event.SetPath(path, v); err != nil {
			return err.Error()
		}
	default:
		if fact := set(&o.Event, f, v); fact != "" {
			return path + ": " + fact
		}
	}
	return ""
}

// group sets what an object such as page or user says. Names it does not know go to the traits of a user, and for the other
// groups to an object of that name in params.
func (o *Own) group(name string, fields map[string]*event.Field, m event.Map) (why string) {
	var left event.Map
	for _, p := range m {
		key := p.Key
		if name == "user" && key == "id" {
			key = "user_id"
		}
		f := fields[key]
		switch {
		case f == nil && name == "user":
			o.Event.User.Traits.Set(key, p.Value)
		case f == nil || stated(f.Path) && !o.believed && f.Path != "device.ip":
			left.Add(key, p.Value)
		default:
			if why := o.field(f, f.Path, "", p.Value); why != "" {
				return why
			}
		}
	}
	if len(left) > 0 {
		before := o.Event.Params.Get(name).Object().Clone()
		Merge(&before, left)
		o.Event.Params.Set(name, event.ObjectOf(before))
	}
	return ""
}

// Consent sets what the page says; a site may have purposes of its own.
func (o *Own) Consent(m event.Map) {
	var unread event.Map
	for _, p := range StateConsent(&o.Event, m) {
		if granted, ok := Truth(p.Value); ok {
			o.Event.Consent.Set(p.Key, event.Boolean(granted))
			continue
		}
		unread.Add(p.Key, p.Value)
	}
	if len(unread) > 0 {
		o.Event.Params.Set("consent", event.ObjectOf(unread))
	}
}

func (o *Own) params(m event.Map) {
	if o.Event.Params == nil {
		o.Event.Params = make(event.Map, 0, len(m)+4)
	}
	for _, p := range m {
		o.Event.Params.Set(p.Key, Amount(p.Key, p.Value))
	}
}

// Event reads an event of our own JSON from a sender that proved to be the site's own. Its time is believed however long ago it
// is; why says what is wrong with it, "" when nothing is.
func (t *Tools) Event(source string, h *event.Hit, m event.Map) (e event.Event, why string) {
	own := t.Own(true)
	own.Event.Source, own.Event.Received = source, h.Received
	if why = own.Read(m); why == "" {
		why = t.Limits.Fault(&own.Event)
	}
	if why == "" {
		t.Limits.Forever().SetTime(&own.Event, own.Stated, own.Sent)
	}
	return own.Event, why
}
