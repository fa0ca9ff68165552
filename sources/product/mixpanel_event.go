package product

import (
	"math"
	"strings"
	"time"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
	"headgate/sources/segment"
)

// What is called at Mixpanel's paths.
const (
	mixpanelTrack  = "track"
	mixpanelImport = "import"
	mixpanelPeople = "engage"
	mixpanelGroups = "groups"
	mixpanelOff    = "off" // recordings, settings and flags: there are none
)

// mixpanelEvent is an event on the way from Mixpanel's names.
// https://docs.mixpanel.com/docs/data-structure/property-reference/reserved-properties
type mixpanelEvent struct {
	e             event.Event
	sent          time.Time
	limits        sources.Limits
	app           bool   // an app sent it, and no page
	user, device  string // $user_id and $device_id
	distinct      string // distinct_id: the one or the other
	width, height event.Value
	rest          event.Map // what becomes params.mixpanel
}

// read fills the event from an event, a profile or a group; why says why it cannot be.
func (m *mixpanelEvent) read(call string, sent event.Map) (why string) {
	switch {
	case call == mixpanelGroups:
		why = m.group(sent)
	case call == mixpanelPeople:
		why = m.person(sent)
	default:
		why = m.track(sent)
	}
	if why != "" {
		return why
	}
	m.identify()
	reading.KeepBlock(&m.e, "mixpanel", m.rest)
	return ""
}

// mixpanelName is our name for an event of Mixpanel's libraries, or of a shop.
func mixpanelName(name string) string {
	switch name {
	case "$mp_web_page_view", "mp_page_view":
		return "page_view"
	case "$mp_submit":
		return "form_submit"
	case "$create_alias":
		return "alias"
	}
	if own, theirs := strings.CutPrefix(name, "$mp_"); theirs {
		return own
	}
	if own, theirs := strings.CutPrefix(name, "$"); theirs {
		return own
	}
	return segment.ShopEvent(name)
}

// track reads an event: its name and its properties.
func (m *mixpanelEvent) track(sent event.Map) (why string) {
	name := sent.Text("event")
	if name == "" {
		return "the event has no name"
	}
	e := &m.e
	reading.SetName(e, mixpanelName(name), name)
	own, all := event.Map{}, sent.Get("properties").Object()
	m.app = all.Text("mp_lib") != "web"
	var stated time.Time
	for _, p := range all {
		switch text := p.Value.Text(); {
		case m.id(p.Key, text), m.page(p):
		case p.Key == "time":
			stated = mixpanelTime(p.Value)
		case p.Key == "$insert_id":
			reading.SetID(e, text)
		case reading.Marketing(&e.Campaign, p.Key, p.Value):
		case p.Key == "ip", strings.HasPrefix(p.Key, "$"), strings.HasPrefix(p.Key, "mp_"):
			m.rest.Set(p.Key, p.Value)
		default:
			own.Add(p.Key, p.Value)
		}
	}
	e.Device.Screen = reading.Size(m.width, m.height)
	for _, p := range segment.SiteProperties(e, own) {
		m.rest.Set(p.Key, p.Value)
	}
	for _, p := range sent {
		if p.Key != "event" && p.Key != "properties" {
			m.rest.Set(p.Key, p.Value)
		}
	}
	m.limits.SetTime(e, stated, m.sent)
	return ""
}

// mixpanelTime reads unix seconds with a fraction, or milliseconds.
func mixpanelTime(v event.Value) time.Time {
	if f, ok := reading.Number(v); ok && f > 0 && f < 1e11 {
		return time.UnixMilli(int64(math.Round(f * 1e3))).UTC()
	}
	return reading.Time(v)
}

// id takes a property that says who it is, and the token.
func (m *mixpanelEvent) id(key, text string) bool {
	switch key {
	case "token", "$token":
	case "distinct_id", "$distinct_id":
		m.distinct = text
	case "$device_id":
		m.device = text
	case "$user_id":
		m.user = text
	default:
		return false
	}
	return true
}

// page takes a property that says where it happened or on what. A referrer "$direct" says that there is none.
func (m *mixpanelEvent) page(p event.Pair) bool {
	e := &m.e
	switch text := p.Value.Text(); p.Key {
	case "$current_url":
		e.Page.URL = text
	case "current_page_title":
		e.Page.Title = text
	case "$referrer":
		if text != "$direct" {
			e.Page.Referrer = text
		}
	case "current_domain", "current_url_path", "current_url_protocol", "current_url_search":
		return e.Name == "page_view" // parts of the page's address
	case "$screen_width":
		m.width = p.Value
	case "$screen_height":
		m.height = p.Value
	default:
		return m.app && reading.Device(&e.Device, p.Key, text)
	}
	return true
}

// identify sets the ids. Before a visitor is known, distinct_id is the device's, with $device: before it in newer projects.
func (m *mixpanelEvent) identify() {
	if device, anonymous := strings.CutPrefix(m.distinct, "$device:"); anonymous {
		m.distinct = ""
		if m.device == "" {
			m.device = device
		}
	}
	if m.user == "" && m.distinct != m.device {
		m.user = m.distinct
	}
	m.e.User.ClientID, m.e.User.UserID = m.device, m.user
}

// person reads an update of a profile: what is set becomes traits, other operations stay as they are.
func (m *mixpanelEvent) person(sent event.Map) (why string) {
	reading.SetName(&m.e, "identify", "$engage")
	for _, p := range sent {
		switch {
		case m.id(p.Key, p.Value.Text()):
		case p.Key == "$set" && p.Value.Kind() == event.Object:
			if left := m.traits(p.Value.Object()); len(left) > 0 {
				m.rest.Set(p.Key, event.ObjectOf(left))
			}
		default:
			m.rest.Set(p.Key, p.Value)
		}
	}
	if _, deleted := sent.Find("$delete"); deleted {
		m.e.Name = "profile_delete"
	}
	if m.distinct == "" {
		return "the profile has no $distinct_id"
	}
	return ""
}

// traits reads what is set of a person and returns what is not about the person.
func (m *mixpanelEvent) traits(set event.Map) (rest event.Map) {
	for _, p := range set {
		own, reserved := strings.CutPrefix(p.Key, "$")
		switch {
		case !reserved:
			reading.SetTrait(&m.e.User, p.Key, p.Value)
		case own == "email", own == "phone", own == "first_name", own == "last_name", own == "name", own == "avatar", own == "created":
			reading.SetTrait(&m.e.User, own, p.Value)
		default: // $browser, $city, ...: of the device
			rest.Add(p.Key, p.Value)
		}
	}
	return rest
}

// group reads an update of a group.
func (m *mixpanelEvent) group(sent event.Map) (why string) {
	e := &m.e
	reading.SetName(e, "group", "$groups")
	for _, p := range sent {
		switch p.Key {
		case "$token":
		case "$group_key":
			e.Params.Set("group_type", p.Value)
		case "$group_id":
			e.Params.Set("group_id", p.Value)
		case "$set":
			e.Params.Set("group_traits", p.Value)
		default:
			m.rest.Set(p.Key, p.Value)
		}
	}
	if e.Params.Text("group_id") == "" {
		return "the group has no $group_id"
	}
	return ""
}
