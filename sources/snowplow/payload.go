package snowplow

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"headgate/event"
	"headgate/sources"
)

// snowplowEvent is an event on the way from the tracker protocol's parameters.
// https://docs.snowplow.io/docs/events/going-deeper/event-parameters/
type snowplowEvent struct {
	e         event.Event
	network   string // the network user id of the cookie
	anonymous bool   // the tracker asks for it
	limits    sources.Limits
	parse     func(json string) event.Value // of what is within a parameter

	kind            string // e: pv, pp, se, ue, tr, ti, ...
	order           string // of a tr or a ti
	made, sent      time.Time
	app, device     event.Map // what becomes params.app and params.device
	rest            event.Map // what becomes params.snowplow
	session, person string    // of the tracker's context
	cart            event.Map // the context of the cart, whose value is that of some events
}

// What is called at the collector's paths.
const (
	snowplowPost     = "post"
	snowplowImage    = "image"
	snowplowRedirect = "redirect"
	snowplowHook     = "hook" // the webhook for self-describing events of others; details are unconfirmed
	snowplowHookPost = "hook post"
)

// isUUID reports whether an id is a UUID as it is usually written: 36 characters, without a prefix or braces.
func isUUID(id string) bool { return len(id) == 36 && uuid.Validate(id) == nil }

// schemaName is the name in iglu:com.acme/purchase/jsonschema/1-0-0, "" in what is no schema.
func schemaName(schema string) string {
	parts := strings.Split(strings.TrimPrefix(schema, "iglu:"), "/")
	if len(parts) != 4 {
		return ""
	}
	return parts[1]
}
