package event

import "time"

// Class sorts fields by how personal they are; redaction profiles speak of classes.
type Class uint8

// The classes.
const (
	Content Class = iota // what happened
	ID                   // what tells one visitor from another
	Contact              // who the visitor is
	Network              // address, user agent, screen
)

var classNames = [...]string{"content", "id", "contact", "network"}

func (c Class) String() string { return classNames[c] }

// Field is one name of the vocabulary. Ref returns a pointer to where an event keeps it: *string, *bool, *int64,
// *time.Time, *Map or *[]Item.
type Field struct {
	Path  string
	Class Class
	Help  string
	Ref   func(*Event) any
}

// Fields is the vocabulary in the order of the JSON of an event: JSON, the log's layout, assignment by path, redaction,
// warehouse columns and the reference page are made from it. New fields go to the end of their group for JSON's sake; the
// log's layout carries its own version.
var Fields = []Field{
	{"id", Content, "unique and time-ordered; a client's own event id is kept", func(e *Event) any { return &e.ID }},
	{"name", Content, "what happened, GA4's recommended names where one fits", func(e *Event) any { return &e.Name }},
	{"time", Content, "when it happened", func(e *Event) any { return &e.Time }},
	{"received", Content, "when the hit arrived", func(e *Event) any { return &e.Received }},
	{"source", Content, "which source read it", func(e *Event) any { return &e.Source }},
	{"site", Content, "key of the site in the configuration", func(e *Event) any { return &e.Site }},

	{"user.client_id", ID, "the browser or device", func(e *Event) any { return &e.User.ClientID }},
	{"user.user_id", ID, "the person, when signed in", func(e *Event) any { return &e.User.UserID }},
	{"user.email", Contact, "clear or SHA-256 in hex", func(e *Event) any { return &e.User.Email }},
	{"user.phone", Contact, "clear or SHA-256 in hex", func(e *Event) any { return &e.User.Phone }},
	{"user.first_name", Contact, "", func(e *Event) any { return &e.User.FirstName }},
	{"user.last_name", Contact, "", func(e *Event) any { return &e.User.LastName }},
	{"user.street", Contact, "", func(e *Event) any { return &e.User.Street }},
	{"user.city", Contact, "", func(e *Event) any { return &e.User.City }},
	{"user.region", Contact, "", func(e *Event) any { return &e.User.Region }},
	{"user.postal_code", Contact, "", func(e *Event) any { return &e.User.PostalCode }},
	{"user.country", Contact, "", func(e *Event) any { return &e.User.Country }},
	{"user.birth_date", Contact, "", func(e *Event) any { return &e.User.BirthDate }},
	{"user.gender", Contact, "", func(e *Event) any { return &e.User.Gender }},
	{"user.traits", Contact, "what else the site says of the person", func(e *Event) any { return &e.User.Traits }},

	{"session.id", ID, "GA4: unix second of the start", func(e *Event) any { return &e.Session.ID }},
	{"session.number", Content, "1 is the first visit", func(e *Event) any { return &e.Session.Number }},
	{"session.engaged", Content, "", func(e *Event) any { return &e.Session.Engaged }},
	{"session.start", Content, "", func(e *Event) any { return &e.Session.Start }},

	{"page.url", Content, "", func(e *Event) any { return &e.Page.URL }},
	{"page.host", Content, "", func(e *Event) any { return &e.Page.Host }},
	{"page.path", Content, "", func(e *Event) any { return &e.Page.Path }},
	{"page.query", Content, "without the question mark", func(e *Event) any { return &e.Page.Query }},
	{"page.title", Content, "", func(e *Event) any { return &e.Page.Title }},
	{"page.referrer", Content, "", func(e *Event) any { return &e.Page.Referrer }},

	{"campaign.source", Content, "", func(e *Event) any { return &e.Campaign.Source }},
	{"campaign.medium", Content, "", func(e *Event) any { return &e.Campaign.Medium }},
	{"campaign.name", Content, "", func(e *Event) any { return &e.Campaign.Name }},
	{"campaign.term", Content, "", func(e *Event) any { return &e.Campaign.Term }},
	{"campaign.content", Content, "", func(e *Event) any { return &e.Campaign.Content }},
	{"campaign.id", Content, "", func(e *Event) any { return &e.Campaign.ID }},
	{"campaign.click_ids", ID, "gclid, fbclid, ttclid, msclkid, ...", func(e *Event) any { return &e.Campaign.ClickIDs }},

	{"device.ip", Network, "", func(e *Event) any { return &e.Device.IP }},
	{"device.user_agent", Network, "", func(e *Event) any { return &e.Device.UserAgent }},
	{"device.language", Content, "", func(e *Event) any { return &e.Device.Language }},
	{"device.screen", Network, "1920x1080", func(e *Event) any { return &e.Device.Screen }},
	{"device.viewport", Network, "1200x800", func(e *Event) any { return &e.Device.Viewport }},
	{"device.type", Content, "desktop, mobile, tablet, tv or bot", func(e *Event) any { return &e.Device.Type }},
	{"device.browser", Content, "", func(e *Event) any { return &e.Device.Browser }},
	{"device.browser_version", Network, "", func(e *Event) any { return &e.Device.BrowserVersion }},
	{"device.os", Content, "", func(e *Event) any { return &e.Device.OS }},
	{"device.os_version", Network, "", func(e *Event) any { return &e.Device.OSVersion }},
	{"device.bot", Content, "a crawler, monitor or script", func(e *Event) any { return &e.Device.Bot }},
	{"device.bot_name", Content, "", func(e *Event) any { return &e.Device.BotName }},

	{"geo.country", Content, "ISO 3166-1 alpha-2", func(e *Event) any { return &e.Geo.Country }},
	{"geo.region", Content, "ISO 3166-2 without the country", func(e *Event) any { return &e.Geo.Region }},
	{"geo.city", Content, "", func(e *Event) any { return &e.Geo.City }},
	{"geo.postal_code", Content, "", func(e *Event) any { return &e.Geo.PostalCode }},
	{"geo.continent", Content, "", func(e *Event) any { return &e.Geo.Continent }},
	{"geo.eu", Content, "", func(e *Event) any { return &e.Geo.EU }},

	{"cookies", ID, "marketing cookies that destinations need", func(e *Event) any { return &e.Cookies }},
	{"consent", Content, "purpose: true or false", func(e *Event) any { return &e.Consent }},
	{"params", Content, "what the event says", func(e *Event) any { return &e.Params }},
	{"items", Content, "the products", func(e *Event) any { return &e.Items }},
}

// ItemField is one name of an item. Ref returns *string, *Number or *Map.
type ItemField struct {
	Path string
	Ref  func(*Item) any
}

// ItemFields is the vocabulary of an item, in JSON's order.
var ItemFields = []ItemField{
	{"id", func(i *Item) any { return &i.ID }},
	{"name", func(i *Item) any { return &i.Name }},
	{"brand", func(i *Item) any { return &i.Brand }},
	{"category", func(i *Item) any { return &i.Category }},
	{"category2", func(i *Item) any { return &i.Category2 }},
	{"category3", func(i *Item) any { return &i.Category3 }},
	{"category4", func(i *Item) any { return &i.Category4 }},
	{"category5", func(i *Item) any { return &i.Category5 }},
	{"variant", func(i *Item) any { return &i.Variant }},
	{"price", func(i *Item) any { return &i.Price }},
	{"quantity", func(i *Item) any { return &i.Quantity }},
	{"coupon", func(i *Item) any { return &i.Coupon }},
	{"discount", func(i *Item) any { return &i.Discount }},
	{"index", func(i *Item) any { return &i.Index }},
	{"list_id", func(i *Item) any { return &i.ListID }},
	{"list_name", func(i *Item) any { return &i.ListName }},
	{"affiliation", func(i *Item) any { return &i.Affiliation }},
	{"location_id", func(i *Item) any { return &i.LocationID }},
	{"params", func(i *Item) any { return &i.Params }},
}

// empty reports whether the field behind ref says nothing.
func empty(ref any) bool {
	switch p := ref.(type) {
	case *string:
		return *p == ""
	case *bool:
		return !*p
	case *int64:
		return *p == 0
	case *time.Time:
		return p.IsZero()
	case *Map:
		return len(*p) == 0
	case *[]Item:
		return len(*p) == 0
	case *Number:
		return !p.Known
	}
	panic("BUG: a field of a type that the vocabulary does not have")
}
