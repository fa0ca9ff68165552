// Package event holds what flows through Headgate: the Hit that a browser sent, the Events read from it, the Decision
// who may have each of them, and the Trace that explains it. It imports nothing else of ours and does no I/O.
//
// One vocabulary serves JSON, formulas, Go and warehouse columns: the Fields table lists every name once.
package event

import "time"

// Event is one thing a visitor did. The zero value of a field means "not said".
type Event struct {
	ID       string    // unique, time-ordered; a client's own event id is kept, since vendors deduplicate on it
	Name     string    // GA4's recommended names where one fits
	Time     time.Time // when it happened, corrected for the client's clock
	Received time.Time // when the hit arrived here
	Source   string    // the source that read it: ga4, segment, events, ...
	Site     string    // key of the site in the configuration, "" when none is configured
	User     User
	Session  Session
	Page     Page
	Campaign Campaign
	Device   Device
	Geo      Geo
	Traffic  Traffic
	Cookies  Map // only the marketing cookies that destinations need, never the whole jar
	Signals  Map // consent strings as they arrived, if a formula reads them: to be passed on, never to be changed
	// Consent is, as a source reads it, what the page itself states per purpose (true or false); after consent.Decide it
	// is the resolved state of every purpose.
	Consent Map
	Params  Map // what the event says; unknown keys of the client are kept here
	Items   []Item
}

// User is who did it. Contact values that arrive already hashed (64 hex digits) stay as they are.
type User struct {
	ClientID   string
	UserID     string
	Email      string
	Phone      string
	FirstName  string
	LastName   string
	Street     string
	City       string
	Region     string
	PostalCode string
	Country    string
	BirthDate  string
	Gender     string
	Traits     Map
}

// Session is the visit. ID is text since vendors differ; GA4's is the unix second of the start.
type Session struct {
	ID      string
	Number  int64 // 1 is the visitor's first; 0 not said
	Engaged bool
	Start   time.Time
}

// Page is where it happened. Host, Path and Query are derived from URL unless the client said otherwise.
type Page struct {
	URL           string
	Host          string
	Path          string
	Query         string // without the question mark
	Title         string
	Referrer      string
	ReferrerClass string // search, social, ai, email, video, internal or other; "" without a referrer
	View          string // shared by the events of one view, and the id of its page_view
	Sequence      int64  // place among the events of View, from 1; 0 not said
}

// Campaign is how the visitor came. ClickIDs maps a parameter's name (gclid, fbclid, ...) to its value.
type Campaign struct {
	Source   string
	Medium   string
	Name     string
	Term     string
	Content  string
	ID       string
	ClickIDs Map
}

// Device is what the visitor used. Screen and Viewport are "1920x1080"; Type is desktop, mobile, tablet, tv or bot.
type Device struct {
	IP             string
	UserAgent      string
	Language       string
	Screen         string
	Viewport       string
	Type           string
	Browser        string
	BrowserVersion string
	OS             string
	OSVersion      string
	Bot            bool
	BotName        string
}

// Geo is where the visitor is. Country is ISO 3166-1 alpha-2, Region is ISO 3166-2 without the country ("BY" of "DE-BY").
type Geo struct {
	Country    string
	Region     string
	City       string
	PostalCode string
	Continent  string
	EU         bool
}

// Item is one product of a commerce event.
type Item struct {
	ID          string
	Name        string
	Brand       string
	Category    string
	Category2   string
	Category3   string
	Category4   string
	Category5   string
	Variant     string
	Price       Number
	Quantity    Number
	Coupon      string
	Discount    Number
	Index       Number
	ListID      string
	ListName    string
	Affiliation string
	LocationID  string
	Params      Map
}

// Number is a number that may be absent: a price of 0 is not the same as no price.
type Number struct {
	Float float64
	Known bool
}

// Num returns the known number f.
func Num(f float64) Number { return Number{f, true} }

// Clone returns a copy of e whose fields, maps and items can be changed without changing e.
func (e *Event) Clone() *Event {
	c := *e
	for _, m := range []*Map{&c.User.Traits, &c.Campaign.ClickIDs, &c.Cookies, &c.Signals, &c.Consent, &c.Params} {
		*m = m.Clone()
	}
	c.Items = append([]Item(nil), e.Items...)
	for i := range c.Items {
		c.Items[i].Params = c.Items[i].Params.Clone()
	}
	return &c
}

// AlertName is the name of the events that Headgate makes of its own alerts, and AlertSource their source. No other source may
// give an event that name: a visitor could write to the people who watch.
const (
	AlertName   = "headgate_alert"
	AlertSource = "headgate"
)

// IsAlert reports whether e is an alert of Headgate itself. It is about no person, and only for those destinations that it was
// sent to.
func (e *Event) IsAlert() bool { return e.Name == AlertName && e.Source == AlertSource }
