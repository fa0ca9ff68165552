package product

import (
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
	"headgate/sources/segment"
)

// What is called at PostHog's paths.
const (
	posthogEvents  = "events"
	posthogPeople  = "engage"
	posthogV1      = "v1"      // the newer path of server libraries
	posthogFlags   = "flags"   // feature flags: there are none
	posthogConfig  = "config"  // what the browser library reads before it starts
	posthogScript  = "script"  // the same as JavaScript
	posthogSurveys = "surveys" // there are none
	posthogOmitted = "omitted" // recordings of sessions are not kept
)

// posthogRequest is what the events of a request share.
type posthogRequest struct {
	call   string
	key    string
	sent   time.Time
	events []event.Value
}

// posthogEvent is an event on the way from PostHog's names.
// https://posthog.com/docs/data/events#default-properties
type posthogEvent struct {
	e             event.Event
	limits        sources.Limits
	distinct      string // distinct_id: the user's or the device's
	user          string // $user_id
	library       string // $lib
	known, server bool   // $is_identified and $is_server
	page          bool   // it has an address, of a page
	width, height event.Value
	inner, outer  event.Value // the viewport's sides
	app, device   event.Map   // what becomes params.app and params.device
	rest          event.Map   // what becomes params.posthog
}

// posthogNames are our names for what PostHog's libraries send by themselves.
var posthogNames = map[string]string{
	"$pageview": "page_view", "$pageleave": "page_leave", "$screen": "screen_view", "$identify": "identify", "$set": "identify",
	"$groupidentify": "group", "$create_alias": "alias", "$merge_dangerously": "alias", "$rageclick": "rage_click",
}

// posthogName is our name for an event of PostHog's libraries, or of a shop.
func posthogName(name string, properties event.Map) string {
	if ours := posthogNames[name]; ours != "" {
		return ours
	}
	if name == "$autocapture" {
		switch kind := properties.Text("$event_type"); kind {
		case "click":
			return kind
		case "submit":
			return "form_submit"
		}
	}
	if own, theirs := strings.CutPrefix(name, "$"); theirs {
		return own
	}
	return segment.ShopEvent(name)
}

// read fills the event; why says why it cannot be.
func (p *posthogEvent) read(q *posthogRequest, m event.Map) (why string) {
	e, properties := &p.e, m.Get("properties").Object()
	name := m.Text("event")
	if name == "" && (q.call == posthogPeople || !m.Get("$set").IsNull()) {
		name = "$set"
	}
	if name == "" {
		return "the event has no name"
	}
	reading.SetName(e, posthogName(name, properties), name)
	p.library = properties.Text("$lib")
	var stated time.Time
	sent := q.sent
	for _, one := range m {
		switch one.Key {
		case "event", "properties", "api_key", "token", "$token", "batch", "sent_at":
		case "uuid":
			reading.SetID(e, one.Value.Text())
		case "timestamp":
			stated = reading.Time(one.Value)
		case "offset": // milliseconds before it was sent, of older libraries
			if ms, ok := reading.Number(one.Value); ok && stated.IsZero() && ms >= 0 && ms < 1e12 {
				stated = e.Received.Add(-time.Duration(ms) * time.Millisecond)
				sent = time.Time{}
			}
		case "session_id", "window_id":
			p.property(event.Pair{Key: "$" + one.Key, Value: one.Value})
		default:
			if !p.id(one.Key, one.Value.Text()) && !p.person(one) && !one.Value.IsEmpty() {
				p.rest.Set(one.Key, one.Value)
			}
		}
	}
	p.properties(properties)
	p.identify()
	e.Device.Screen, e.Device.Viewport = reading.Size(p.width, p.height), reading.Size(p.inner, p.outer)
	p.limits.SetTime(e, stated, sent)
	reading.KeepBlock(e, "posthog", p.rest)
	return ""
}

// id takes a key that says who it is, or the project's token.
func (p *posthogEvent) id(key, text string) bool {
	switch key {
	case "token":
	case "distinct_id", "$distinct_id":
		if p.distinct == "" {
			p.distinct = text
		}
	case "$device_id":
		p.e.User.ClientID = text
	case "$user_id":
		p.user = text
	default:
		return false
	}
	return true
}

// person takes what is set of the visitor; what is set only once stays as it is.
func (p *posthogEvent) person(one event.Pair) bool {
	if one.Key != "$set" || one.Value.Kind() != event.Object {
		return false
	}
	for _, trait := range one.Value.Object() {
		if own, reserved := strings.CutPrefix(trait.Key, "$"); !reserved {
			reading.SetTrait(&p.e.User, trait.Key, trait.Value)
		} else if said := p.rest.Get("$set").Object().Clone(); own != "" { // of the page and the browser
			said.Set(trait.Key, trait.Value)
			p.rest.Set("$set", event.ObjectOf(said))
		}
	}
	return true
}

// identify sets the ids. Without a device's, distinct_id is the user's where a library of servers or the event says so.
func (p *posthogEvent) identify() {
	u, params := &p.e.User, p.e.Params
	if p.distinct != "" && p.distinct == "$"+params.Text("group_type")+"_"+params.Text("group_id") {
		p.distinct = "" // server libraries put the group in the place of a visitor
	}
	switch {
	case p.distinct == "" && p.user == "":
	case p.user != "":
		u.UserID = p.user
	case p.known, p.server && u.ClientID == "":
		u.UserID = p.distinct
	case u.ClientID == "":
		u.ClientID = p.distinct
	}
	if p.distinct != "" && p.distinct != u.UserID && p.distinct != u.ClientID {
		p.rest.Set("distinct_id", event.String(p.distinct))
	}
}

// posthogServers are the libraries that run on servers, which know a visitor by the site's own id.
var posthogServers = map[string]bool{
	"posthog-node": true, "posthog-python": true, "posthog-php": true, "posthog-ruby": true, "posthog-go": true, "posthog-java": true,
	"posthog-dotnet": true, "posthog-elixir": true, "posthog-rs": true,
}

// properties reads the properties: those of PostHog's own, and the site's.
func (p *posthogEvent) properties(all event.Map) {
	p.server, p.page = posthogServers[p.library], all.Text("$current_url") != ""
	own := make(event.Map, 0, len(all))
	for _, one := range all {
		switch key := one.Key; {
		case p.id(key, one.Value.Text()), p.person(one), p.property(one):
		case reading.Marketing(&p.e.Campaign, key, one.Value):
		case p.library != "web" && reading.Device(&p.e.Device, key, one.Value.Text()):
		case strings.HasPrefix(key, "$"):
			if !one.Value.IsEmpty() {
				p.rest.Set(key, one.Value)
			}
		default:
			own.Add(key, one.Value)
		}
	}
	reading.KeepDevice(&p.e, p.app, p.device)
	for _, one := range segment.SiteProperties(&p.e, own) {
		p.rest.Set(one.Key, one.Value)
	}
}

// property takes a property of PostHog's own that has a name in the vocabulary. A referrer "$direct" says that there is none.
func (p *posthogEvent) property(one event.Pair) bool {
	e, text := &p.e, one.Value.Text()
	switch one.Key {
	case "$current_url":
		e.Page.URL = text
	case "title":
		if !strings.HasPrefix(e.Name, "page_") { // a property of the site's
			return false
		}
		e.Page.Title = text
	case "$title":
		e.Page.Title = text
	case "$host": // parts of the address, the first with its port
		return p.page
	case "$pathname":
		if !p.page {
			e.Page.Path = text
		}
	case "$referrer":
		if text != "$direct" {
			e.Page.Referrer = text
		}
	case "$session_id":
		e.Session.ID = text
	case "$is_identified":
		p.known, _ = reading.Truth(one.Value)
	case "$is_server":
		p.server, _ = reading.Truth(one.Value)
	case "$browser_language":
		e.Device.Language = text
	case "$screen_name":
		e.Params.Set("screen_name", one.Value)
	case "$group_key":
		e.Params.Set("group_id", one.Value)
	case "$group_type":
		e.Params.Set("group_type", one.Value)
	case "$group_set":
		e.Params.Set("group_traits", one.Value)
	default:
		return p.hardware(one)
	}
	return true
}

// hardware takes a property of the app and of the device it runs on.
func (p *posthogEvent) hardware(one event.Pair) bool {
	if name, ok := strings.CutPrefix(one.Key, "$app_"); ok && reading.AppParam(name) != "" {
		p.app.Set(name, one.Value)
		return true
	}
	switch one.Key {
	case "$timezone":
		p.device.Set("timezone", one.Value)
	case "$device_model", "$device_manufacturer", "$device_name":
		p.device.Set(strings.TrimPrefix(one.Key, "$device_"), one.Value)
	case "$screen_width":
		p.width = one.Value
	case "$screen_height":
		p.height = one.Value
	case "$viewport_width":
		p.inner = one.Value
	case "$viewport_height":
		p.outer = one.Value
	default:
		return false
	}
	return true
}
