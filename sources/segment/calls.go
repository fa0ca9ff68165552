package segment

import (
	"time"

	"headgate/event"
	"headgate/sources/reading"
)

// read fills the event; why says why it cannot be.
func (c *segmentCall) read() (why string) {
	e := c.e
	if why := c.name(); why != "" {
		return why
	}
	e.User = c.batch.user
	e.User.Traits = c.batch.user.Traits.Clone()
	c.context()
	if !c.batch.integrations.IsNull() {
		c.rest.Set("integrations", c.batch.integrations)
	}
	stated, sent := c.members()
	c.traits()
	if why := c.properties(); why != "" {
		return why
	}
	c.limits.SetTime(e, stated, sent)
	if !c.agent.IsNull() {
		c.rest.Add("userAgent", c.agent)
	}
	if len(c.rest) > 0 {
		e.Params.Set("segment", event.ObjectOf(c.rest))
	}
	return ""
}

// members reads what stands beside the context, the properties and the traits, and returns when it happened and when it was sent.
func (c *segmentCall) members() (stated, sent time.Time) {
	e := c.e
	sent = c.batch.sent
	for _, p := range c.body {
		switch p.Key {
		case "messageId":
			reading.SetID(e, p.Value.Text())
		case "anonymousId":
			e.User.ClientID = p.Value.Text()
		case "userId":
			e.User.UserID = p.Value.Text()
		case "groupId":
			e.Params.Set("group_id", p.Value)
		case "previousId":
			e.Params.Set("previous_id", p.Value)
		case "timestamp":
			stated = reading.Time(p.Value)
		case "originalTimestamp":
			if c.body.Get("timestamp").IsNull() {
				stated = reading.Time(p.Value)
			}
		case "sentAt":
			if c.batch.sent.IsZero() {
				sent = reading.Time(p.Value)
			}
		case "type", "event", "writeKey", "context", "properties", "traits", "batch", "_metadata":
			// read elsewhere, or of no meaning outside the library
		case "name", "category":
			c.title(p.Key, p.Value)
		default:
			c.rest.Set(p.Key, p.Value)
		}
	}
	return stated, sent
}

// reserve makes room for the params, which are the properties and a few more, and for what becomes one of them: in spare memory,
// else in one allocation.
func (c *segmentCall) reserve(spare event.Map) {
	const more, ofDevice = 6, 2 // more is rare
	params, rest := len(c.body.Get("properties").Object())+more, len(c.batch.context)+more
	all := params + rest + ofDevice
	if cap(spare) < all {
		spare = make(event.Map, all)
	}
	room := spare[:all:all]
	c.e.Params, c.rest, c.device = room[0:0:params], room[params:params:params+rest], room[params+rest:params+rest]
}

// name sets the event's name, and keeps the name as sent where ours is another.
func (c *segmentCall) name() (why string) {
	original := c.kind
	switch c.kind {
	case "track":
		original = c.body.Text("event")
		if original == "" {
			return "a track call needs an event"
		}
		c.e.Name = segmentEvent(original)
	case "page":
		c.e.Name = "page_view"
	case "screen":
		c.e.Name = "screen_view"
	case "identify", "group", "alias", "merge": // merge is RudderStack's
		c.e.Name = c.kind
	case "":
		return "the call has no type"
	default:
		return "the call is of no known type"
	}
	if c.e.Name != original {
		c.e.Params.Set("original_name", event.String(original))
	}
	return ""
}

// title sets the name or category of a page or screen, which the library also puts into the properties.
func (c *segmentCall) title(key string, v event.Value) {
	switch {
	case c.kind == "screen" && key == "name":
		c.e.Params.Set("screen_name", v)
	case c.kind == "page" || c.kind == "screen":
		c.e.Params.Set(key, v)
	default:
		c.rest.Set(key, v)
	}
}

// context reads what the library knows of the page and the device: the batch's, then the call's own, which wins. It comes
// first and meets no key twice, so that a large context of a large batch is only copied.
func (c *segmentCall) context() {
	own := c.body.Get("context").Object()
	for _, p := range c.batch.context {
		if _, again := own.Find(p.Key); !again {
			c.contextKey(p.Key, p.Value)
		}
	}
	for _, p := range own {
		c.contextKey(p.Key, p.Value)
	}
	if len(c.app) > 0 {
		c.e.Params.Set("app", event.ObjectOf(c.app))
	}
	if len(c.device) > 0 {
		c.e.Params.Set("device", event.ObjectOf(c.device))
	}
}

func (c *segmentCall) contextKey(key string, v event.Value) {
	e := c.e
	switch key {
	case "page":
		c.keep(key, pageKeys(&e.Page, v))
	case "campaign":
		c.keep(key, campaignKeys(&e.Campaign, v))
	case "consent":
		c.consent(v)
	case "traits":
		// with the call's own, in traits
	case "userAgent":
		c.agent = v
	default:
		if !c.deviceKey(key, v) {
			c.rest.Add(key, v)
		}
	}
}

// consent reads what the page's consent tool says. Categories that are not called as our purposes are (C0002, a CMP's own
// names) stay for a map of the site's to tell what they mean.
func (c *segmentCall) consent(v event.Value) {
	var left event.Map
	for _, p := range v.Object() {
		if p.Key == "categoryPreferences" {
			if unknown := reading.StateConsent(c.e, p.Value.Object()); len(unknown) > 0 {
				left.Add(p.Key, event.ObjectOf(unknown))
			}
			continue
		}
		left.Add(p.Key, p.Value)
	}
	c.keep("consent", event.ObjectOf(left))
}

// traits reads what the site says of the person: the call's own traits win over those that the library remembers.
func (c *segmentCall) traits() {
	own := c.body.Get("traits").Object()
	if c.kind == "group" { // a group's traits are about a company
		if len(own) > 0 {
			c.e.Params.Set("group_traits", event.ObjectOf(own))
		}
		own = nil
	}
	for _, p := range c.body.Get("context").Object().Get("traits").Object() {
		reading.SetTrait(&c.e.User, p.Key, p.Value)
	}
	for _, p := range own {
		reading.SetTrait(&c.e.User, p.Key, p.Value)
	}
}
