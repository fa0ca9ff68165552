// Package event holds what flows through Headgate: the Hit that a browser sent, the Events read from it, the Decision
// who may have each of them, and the Trace that explains it. It imports nothing else of ours and does no I/O.
//
// One vocabulary serves JSON, formulas, Go and warehouse columns: the Fields table lists every name once.
package event

import "time"

// Event is one thing a visitor did. The zero value of a field means "not said".
type Event struct {
	ID       string    `expr:"id"`       // unique, time-ordered; a client's own event id is kept, since vendors deduplicate on it
	Name     string    `expr:"name"`     // GA4's recommended names where one fits
	Time     time.Time `expr:"time"`     // when it happened, corrected for the client's clock
	Received time.Time `expr:"received"` // when the hit arrived here
	Source   string    `expr:"source"`   // the source that read it: ga4, segment, events, ...
	Site     string    `expr:"site"`     // key of the site in the configuration, "" when none is configured
	User     User      `expr:"user"`
	Session  Session   `expr:"session"`
	Page     Page      `expr:"page"`
	Campaign Campaign  `expr:"campaign"`
	Device   Device    `expr:"device"`
	Geo      Geo       `expr:"geo"`
	Cookies  Map       `expr:"cookies"` // only the marketing cookies that destinations need, never the whole jar
	Signals  Map       `expr:"signals"` // consent strings as they came, if a formula reads them: to be passed on, never to be changed
	// Consent is, as a source reads it, what the page itself states per purpose (true or false); after consent.Decide it
	// is the resolved state of every purpose.
	Consent Map    `expr:"consent"`
	Params  Map    `expr:"params"` // what the event says; unknown keys of the client are kept here
	Items   []Item `expr:"items"`
}

// User is who did it. Contact values that arrive already hashed (64 hex digits) stay as they are.
type User struct {
	ClientID   string `expr:"client_id"`
	UserID     string `expr:"user_id"`
	Email      string `expr:"email"`
	Phone      string `expr:"phone"`
	FirstName  string `expr:"first_name"`
	LastName   string `expr:"last_name"`
	Street     string `expr:"street"`
	City       string `expr:"city"`
	Region     string `expr:"region"`
	PostalCode string `expr:"postal_code"`
	Country    string `expr:"country"`
	BirthDate  string `expr:"birth_date"`
	Gender     string `expr:"gender"`
	Traits     Map    `expr:"traits"`
}

// Session is the visit. ID is text since vendors differ; GA4's is the unix second of the start.
type Session struct {
	ID      string    `expr:"id"`
	Number  int64     `expr:"number"` // 1 is the visitor's first; 0 not said
	Engaged bool      `expr:"engaged"`
	Start   time.Time `expr:"start"`
}

// Page is where it happened. Host, Path and Query are derived from URL unless the client said otherwise.
type Page struct {
	URL      string `expr:"url"`
	Host     string `expr:"host"`
	Path     string `expr:"path"`
	Query    string `expr:"query"` // without the question mark
	Title    string `expr:"title"`
	Referrer string `expr:"referrer"`
}

// Campaign is how the visitor came. ClickIDs maps a parameter's name (gclid, fbclid, ...) to its value.
type Campaign struct {
	Source   string `expr:"source"`
	Medium   string `expr:"medium"`
	Name     string `expr:"name"`
	Term     string `expr:"term"`
	Content  string `expr:"content"`
	ID       string `expr:"id"`
	ClickIDs Map    `expr:"click_ids"`
}

// Device is what the visitor used. Screen and Viewport are "1920x1080"; Type is desktop, mobile, tablet, tv or bot.
type Device struct {
	IP             string `expr:"ip"`
	UserAgent      string `expr:"user_agent"`
	Language       string `expr:"language"`
	Screen         string `expr:"screen"`
	Viewport       string `expr:"viewport"`
	Type           string `expr:"type"`
	Browser        string `expr:"browser"`
	BrowserVersion string `expr:"browser_version"`
	OS             string `expr:"os"`
	OSVersion      string `expr:"os_version"`
	Bot            bool   `expr:"bot"`
	BotName        string `expr:"bot_name"`
}

// Geo is where the visitor is. Country is ISO 3166-1 alpha-2, Region is ISO 3166-2 without the country ("BY" of "DE-BY").
type Geo struct {
	Country    string `expr:"country"`
	Region     string `expr:"region"`
	City       string `expr:"city"`
	PostalCode string `expr:"postal_code"`
	Continent  string `expr:"continent"`
	EU         bool   `expr:"eu"`
}

// Item is one product of a commerce event.
type Item struct {
	ID          string `expr:"id"`
	Name        string `expr:"name"`
	Brand       string `expr:"brand"`
	Category    string `expr:"category"`
	Category2   string `expr:"category2"`
	Category3   string `expr:"category3"`
	Category4   string `expr:"category4"`
	Category5   string `expr:"category5"`
	Variant     string `expr:"variant"`
	Price       Number `expr:"price"`
	Quantity    Number `expr:"quantity"`
	Coupon      string `expr:"coupon"`
	Discount    Number `expr:"discount"`
	Index       Number `expr:"index"`
	ListID      string `expr:"list_id"`
	ListName    string `expr:"list_name"`
	Affiliation string `expr:"affiliation"`
	LocationID  string `expr:"location_id"`
	Params      Map    `expr:"params"`
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
