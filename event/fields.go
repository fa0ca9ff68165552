package event

import (
	"strings"
)

// Class sorts fields by how personal they are; redaction profiles speak of classes.
type Class uint8

// The classes.
const (
	Content Class = iota // what happened
	ID                   // what distinguishes one visitor from another
	Contact              // who the visitor is
	Network              // address, user agent, screen
)

var classNames = [...]string{"content", "id", "contact", "network"}

func (c Class) String() string { return classNames[c] }

// Field is one name of the vocabulary. Ref returns a pointer to where an event keeps it: *string, *bool, *int64,
// *time.Time, *Map or *[]Item.
type Field struct {
	Tag   byte // its number in the log's layout: never changed, never used again
	Path  string
	Class Class
	Help  string
	Ref   func(*Event) any
}

// Column is the field's name as a column of a table: page_url for page.url.
func (f *Field) Column() string { return strings.ReplaceAll(f.Path, ".", "_") }

// Fields is the vocabulary in the order of the JSON of an event: JSON, the log's layout, assignment by path, redaction,
// warehouse columns and the reference page are made from it. A new field goes where JSON should have it, with the next free
// Tag.
var Fields = []Field{
	{1, "id", Content, "unique and time-ordered; a client's own event id is kept", func(e *Event) any { return &e.ID }},
	{2, "name", Content, "what happened, GA4's recommended names where one fits", func(e *Event) any { return &e.Name }},
	{3, "time", Content, "when it happened", func(e *Event) any { return &e.Time }},
	{4, "received", Content, "when the hit arrived", func(e *Event) any { return &e.Received }},
	{5, "source", Content, "which source read it", func(e *Event) any { return &e.Source }},
	{6, "site", Content, "key of the site in the configuration", func(e *Event) any { return &e.Site }},

	{7, "user.client_id", ID, "the browser or device", func(e *Event) any { return &e.User.ClientID }},
	{8, "user.user_id", ID, "the person, when signed in", func(e *Event) any { return &e.User.UserID }},
	{9, "user.email", Contact, "clear or SHA-256 in hex", func(e *Event) any { return &e.User.Email }},
	{10, "user.phone", Contact, "clear or SHA-256 in hex", func(e *Event) any { return &e.User.Phone }},
	{11, "user.first_name", Contact, "", func(e *Event) any { return &e.User.FirstName }},
	{12, "user.last_name", Contact, "", func(e *Event) any { return &e.User.LastName }},
	{13, "user.street", Contact, "", func(e *Event) any { return &e.User.Street }},
	{14, "user.city", Contact, "", func(e *Event) any { return &e.User.City }},
	{15, "user.region", Contact, "", func(e *Event) any { return &e.User.Region }},
	{16, "user.postal_code", Contact, "", func(e *Event) any { return &e.User.PostalCode }},
	{17, "user.country", Contact, "", func(e *Event) any { return &e.User.Country }},
	{18, "user.birth_date", Contact, "", func(e *Event) any { return &e.User.BirthDate }},
	{19, "user.gender", Contact, "", func(e *Event) any { return &e.User.Gender }},
	{20, "user.traits", Contact, "what else the site says of the person", func(e *Event) any { return &e.User.Traits }},

	{21, "session.id", ID, "GA4: unix second of the start", func(e *Event) any { return &e.Session.ID }},
	{22, "session.number", Content, "1 is the first visit", func(e *Event) any { return &e.Session.Number }},
	{23, "session.engaged", Content, "", func(e *Event) any { return &e.Session.Engaged }},
	{24, "session.start", Content, "", func(e *Event) any { return &e.Session.Start }},

	{25, "page.url", Content, "", func(e *Event) any { return &e.Page.URL }},
	{26, "page.host", Content, "", func(e *Event) any { return &e.Page.Host }},
	{27, "page.path", Content, "", func(e *Event) any { return &e.Page.Path }},
	{28, "page.query", Content, "without the question mark", func(e *Event) any { return &e.Page.Query }},
	{29, "page.title", Content, "", func(e *Event) any { return &e.Page.Title }},
	{30, "page.referrer", Content, "", func(e *Event) any { return &e.Page.Referrer }},
	{61, "page.referrer_class", Content, "search, social, ai, email, video, internal or other", func(e *Event) any { return &e.Page.ReferrerClass }},
	{65, "page.view", ID, "one view of a page, whose events share it; it is also the id of its page_view", func(e *Event) any { return &e.Page.View }},
	{66, "page.sequence", Content, "the event's place among those of its page.view, from 1", func(e *Event) any { return &e.Page.Sequence }},

	{31, "campaign.source", Content, "", func(e *Event) any { return &e.Campaign.Source }},
	{32, "campaign.medium", Content, "", func(e *Event) any { return &e.Campaign.Medium }},
	{33, "campaign.name", Content, "", func(e *Event) any { return &e.Campaign.Name }},
	{34, "campaign.term", Content, "", func(e *Event) any { return &e.Campaign.Term }},
	{35, "campaign.content", Content, "", func(e *Event) any { return &e.Campaign.Content }},
	{36, "campaign.id", Content, "", func(e *Event) any { return &e.Campaign.ID }},
	{37, "campaign.click_ids", ID, "gclid, fbclid, ttclid, msclkid, ...", func(e *Event) any { return &e.Campaign.ClickIDs }},

	{38, "device.ip", Network, "", func(e *Event) any { return &e.Device.IP }},
	{39, "device.user_agent", Network, "", func(e *Event) any { return &e.Device.UserAgent }},
	{40, "device.language", Content, "", func(e *Event) any { return &e.Device.Language }},
	{41, "device.screen", Network, "1920x1080", func(e *Event) any { return &e.Device.Screen }},
	{42, "device.viewport", Network, "1200x800", func(e *Event) any { return &e.Device.Viewport }},
	{43, "device.type", Content, "desktop, mobile, tablet, tv or bot", func(e *Event) any { return &e.Device.Type }},
	{44, "device.browser", Content, "", func(e *Event) any { return &e.Device.Browser }},
	{45, "device.browser_version", Network, "", func(e *Event) any { return &e.Device.BrowserVersion }},
	{46, "device.os", Content, "", func(e *Event) any { return &e.Device.OS }},
	{47, "device.os_version", Network, "", func(e *Event) any { return &e.Device.OSVersion }},
	{48, "device.bot", Content, "a crawler, monitor or script", func(e *Event) any { return &e.Device.Bot }},
	{49, "device.bot_name", Content, "", func(e *Event) any { return &e.Device.BotName }},

	{50, "geo.country", Content, "ISO 3166-1 alpha-2", func(e *Event) any { return &e.Geo.Country }},
	{51, "geo.region", Content, "ISO 3166-2 without the country", func(e *Event) any { return &e.Geo.Region }},
	{52, "geo.city", Content, "", func(e *Event) any { return &e.Geo.City }},
	{53, "geo.postal_code", Content, "", func(e *Event) any { return &e.Geo.PostalCode }},
	{54, "geo.continent", Content, "", func(e *Event) any { return &e.Geo.Continent }},
	{55, "geo.eu", Content, "", func(e *Event) any { return &e.Geo.EU }},

	{62, "traffic.class", Content, "human, crawler, ai_crawler, agent, prefetch or data_centre", func(e *Event) any { return &e.Traffic.Class }},
	{63, "traffic.how", Content, "signature, address, token, header, hint or stated; empty for human", func(e *Event) any { return &e.Traffic.How }},
	{64, "traffic.operator", Content, "who runs the crawler or agent", func(e *Event) any { return &e.Traffic.Operator }},

	{56, "cookies", ID, "marketing cookies that destinations need", func(e *Event) any { return &e.Cookies }},
	{60, "signals", ID, "consent strings as they came, to be passed on: gdpr, gdpr_consent, addtl_consent, us_privacy, gpp, gpp_sid, gcs, gcd, dma; only when a formula reads them",
		func(e *Event) any { return &e.Signals }},
	{57, "consent", Content, "purpose: true or false", func(e *Event) any { return &e.Consent }},
	{58, "params", Content, "what the event says", func(e *Event) any { return &e.Params }},
	{59, "items", Content, "the products", func(e *Event) any { return &e.Items }},
}

// ItemField is one name of an item. Ref returns *string, *Number or *Map.
type ItemField struct {
	Tag  byte
	Path string
	Ref  func(*Item) any
}

// ItemFields is the vocabulary of an item, in JSON's order.
var ItemFields = []ItemField{
	{1, "id", func(i *Item) any { return &i.ID }},
	{2, "name", func(i *Item) any { return &i.Name }},
	{3, "brand", func(i *Item) any { return &i.Brand }},
	{4, "category", func(i *Item) any { return &i.Category }},
	{5, "category2", func(i *Item) any { return &i.Category2 }},
	{6, "category3", func(i *Item) any { return &i.Category3 }},
	{7, "category4", func(i *Item) any { return &i.Category4 }},
	{8, "category5", func(i *Item) any { return &i.Category5 }},
	{9, "variant", func(i *Item) any { return &i.Variant }},
	{10, "price", func(i *Item) any { return &i.Price }},
	{11, "quantity", func(i *Item) any { return &i.Quantity }},
	{12, "coupon", func(i *Item) any { return &i.Coupon }},
	{13, "discount", func(i *Item) any { return &i.Discount }},
	{14, "index", func(i *Item) any { return &i.Index }},
	{15, "list_id", func(i *Item) any { return &i.ListID }},
	{16, "list_name", func(i *Item) any { return &i.ListName }},
	{17, "affiliation", func(i *Item) any { return &i.Affiliation }},
	{18, "location_id", func(i *Item) any { return &i.LocationID }},
	{19, "params", func(i *Item) any { return &i.Params }},
}

// Param is a parameter with an agreed meaning: sources that know it write it under this path, destinations that take it read
// it there. It is kept below params, since most events have none of them.
type Param struct {
	Path  string // below params
	Class Class
	Help  string
}

// AppParams say which app and which device an event of an app came from. Only sources of apps write them.
var AppParams = []Param{
	{"app.id", Content, "the app's number in its store"},
	{"app.name", Content, "the app's name"},
	{"app.version", Content, "the app's version, as people read it: 2.11.0"},
	{"app.build", Content, "the number of the build: 3.0.1.545"},
	{"app.namespace", Content, "the bundle or package name: com.example.shop"},
	{"device.id", ID, "the device, as the app's library names it"},
	{"device.advertising_id", ID, "Apple's IDFA or Google's advertising id"},
	{"device.idfv", ID, "Apple's id for all apps of one vendor"},
	{"device.tracking", Content, "true where the person allows tracking across apps, false where they do not"},
	{"device.model", Network, "iPhone17,1"},
	{"device.manufacturer", Network, "Apple"},
	{"device.name", Network, "the model as the app's library names it"},
	{"device.type", Content, "ios or android"},
	{"device.os_version", Network, "the version of the operating system, as the app states it"},
	{"device.carrier", Network, "the mobile network"},
	{"device.timezone", Network, "Europe/Berlin"},
	{"device.screen_density", Network, "pixels of the screen per point"},
}

// IsAppBlock reports whether a parameter is an object of AppParams (app, device) and not a site's own parameter of that name.
func IsAppBlock(key string, v Value) bool {
	if v.Kind() != Object {
		return false
	}
	for i := range AppParams {
		if block, _, _ := strings.Cut(AppParams[i].Path, "."); block == key {
			return true
		}
	}
	return false
}
