package own

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/sources/reading"
)

// cloudEvent is an event on the way from CloudEvents' attributes and its data, which may be in our vocabulary.
type cloudEvent struct {
	own    reading.Own
	stated time.Time
	rest   event.Map // what becomes params.cloudevents
}

// set reads one attribute.
func (c *cloudEvent) set(name string, v event.Value) {
	e, text := &c.own.Event, v.Text()
	switch name {
	case "specversion", "data":
	case "id":
		reading.SetID(e, text)
	case "type":
		e.Name = text
	case "source":
		if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			reading.FillText(&e.Page.URL, text)
		}
		c.rest.Set(name, v)
	case "time":
		c.stated = reading.Time(v)
	case "clientid": // the extensions that Headgate defines
		e.User.ClientID = text
	case "userid":
		e.User.UserID = text
	case "sessionid":
		e.Session.ID = text
	case "pageurl":
		e.Page.URL = text
	case "consent":
		c.consent(v)
	default:
		if !v.IsEmpty() {
			c.rest.Set(name, v)
		}
	}
}

// consent reads the extension, which is text: an object in JSON, or analytics=true,ads=false.
func (c *cloudEvent) consent(v event.Value) {
	said := reading.ParsedJSON(v).Object()
	if len(said) == 0 {
		for part := range strings.SplitSeq(v.Text(), ",") {
			if purpose, state, ok := strings.Cut(part, "="); ok {
				said.Set(strings.TrimSpace(purpose), event.String(strings.TrimSpace(state)))
			}
		}
	}
	c.own.Consent(said)
}

// data reads what the event says. Names of the vocabulary mean what they mean there, but for those that the attributes say.
func (c *cloudEvent) data(v event.Value) (why string) {
	if v.Kind() != event.Object {
		if !v.IsEmpty() {
			c.rest.Set("data", v)
		}
		return ""
	}
	e := &c.own.Event
	for _, p := range v.Object() {
		switch reading.Alias(p.Key) {
		case "id", "name", "time", "sent_at", "cloudevents", "original_name":
			if e.Params.Get(p.Key).IsNull() && p.Key != "cloudevents" {
				e.Params.Set(p.Key, p.Value)
				continue
			}
			c.rest.Set("data", event.ObjectOf(event.Map{p}))
		default:
			if why := c.own.Set(p.Key, p.Value); why != "" {
				return why
			}
		}
	}
	if id := v.Object().Text("order_id"); id != "" && e.Params.Get("transaction_id").IsNull() {
		e.Params.Set("transaction_id", event.String(id))
	}
	return ""
}
