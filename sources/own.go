package sources

import (
	"strings"
	"time"

	"headgate/event"
)

// ownEvent is an event on the way from our own vocabulary.
type ownEvent struct {
	vocabulary   *vocabulary
	believed     bool // the sender proved to be a server of the site
	e            event.Event
	stated, sent time.Time // by the client's clock
}

// alias is the path of the vocabulary that a well-known other name at the top of an event stands for, or the name itself.
func alias(name string) string {
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

// read sets all that an object in our vocabulary says; why says what is wrong with it.
func (o *ownEvent) read(m event.Map) (why string) {
	for _, p := range m {
		if why := o.set(p.Key, p.Value); why != "" {
			return why
		}
	}
	return ""
}

// set sets what one key says: a group, a path, another name for one, or a param.
func (o *ownEvent) set(key string, v event.Value) (why string) {
	switch key {
	case "sent_at":
		o.sent = readTime(v)
		return ""
	case "consent":
		if v.Kind() == event.Object {
			o.consent(v.Object())
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
	path := alias(key)
	if f, below := o.vocabulary.find(path); f != nil {
		return o.field(f, path, below, v)
	}
	o.e.Params.Set(key, amount(key, v))
	return ""
}

// maxDepth is how deep a path with dots is taken apart.
const maxDepth = 8

// field sets a field of the vocabulary, or what is below one that is a map.
func (o *ownEvent) field(f *event.Field, path, below string, v event.Value) (why string) {
	switch {
	case stated(path) && !o.believed:
		// A place is kept where nothing is decided by it; an address would escape the address policy there.
		if path != "device.ip" {
			o.e.Params.Set(path, v)
		}
	case path == "id":
		setID(&o.e, v.Text())
	case path == "time":
		if o.stated = readTime(v); o.stated.IsZero() {
			return "time: expected a time: 2026-11-22T10:00:00Z, or unix seconds or milliseconds"
		}
	case f.Path == "consent" && below != "":
		o.consent(event.Map{{Key: below, Value: v}})
	case strings.Count(below, ".") > maxDepth:
		o.e.Params.Set(path, v)
	case below != "":
		if f.Path == "params" {
			v = amount(below, v)
		}
		if err := o.e.SetPath(path, v); err != nil {
			return err.Error()
		}
	default:
		if fact := set(&o.e, f, v); fact != "" {
			return path + ": " + fact
		}
	}
	return ""
}

// group sets what an object such as page or user says. Names it does not know go to the traits of a user, and for the other
// groups to an object of that name in params.
func (o *ownEvent) group(name string, fields map[string]*event.Field, m event.Map) (why string) {
	var left event.Map
	for _, p := range m {
		key := p.Key
		if name == "user" && key == "id" {
			key = "user_id"
		}
		f := fields[key]
		switch {
		case f == nil && name == "user":
			o.e.User.Traits.Set(key, p.Value)
		case f == nil || stated(f.Path) && !o.believed && f.Path != "device.ip":
			left.Add(key, p.Value)
		default:
			if why := o.field(f, f.Path, "", p.Value); why != "" {
				return why
			}
		}
	}
	if len(left) > 0 {
		before := o.e.Params.Get(name).Object().Clone()
		merge(&before, left)
		o.e.Params.Set(name, event.ObjectOf(before))
	}
	return ""
}

// consent sets what the page says; a site may have purposes of its own.
func (o *ownEvent) consent(m event.Map) {
	var unread event.Map
	for _, p := range stateConsent(&o.e, m) {
		if granted, ok := truth(p.Value); ok {
			o.e.Consent.Set(p.Key, event.Boolean(granted))
			continue
		}
		unread.Add(p.Key, p.Value)
	}
	if len(unread) > 0 {
		o.e.Params.Set("consent", event.ObjectOf(unread))
	}
}

func (o *ownEvent) params(m event.Map) {
	if o.e.Params == nil {
		o.e.Params = make(event.Map, 0, len(m)+4)
	}
	for _, p := range m {
		o.e.Params.Set(p.Key, amount(p.Key, p.Value))
	}
}
