package alerts

import "time"

// Facts are what is known of a running Headgate at a time. What is usual was counted at the same time of day on other days, or at the
// same time of the week in other weeks.
type Facts struct {
	Now time.Time

	Volumes      []Flow
	Refused      []Share // hits that were not let in, by About, the reason; Of is not used
	Destinations []Destination
	Choices      []Choice
	Signals      []Share // About is the signal; Now counts those that cannot be read
	Filters      []Share // About is the rule, or the reason; Now counts what was left out
	Fields       []Field
	Steps        []Step
	Duplicates   []Share // of a site; About is not used
	Rejected     []Share // what destinations rejected in half an hour, for what is usual
	Clocks       []Share // About is the source; Now counts events with a wrong time

	Free, Space uint64 // bytes of the volume with the data folder; Space is 0 when that cannot be known
	LogFull     bool   // the log has hardly room for events that are not finished
	Damage      []Damage
	Expiries    []Expiry
}

// Flow is how many events came from a site.
type Flow struct {
	Site    string
	Event   string // of a conversion; "" for all events
	Windows []Window
	Value   float64 // of an event on average, in major units
	Of      string  // its currency
}

// Window is a span of time that ends now.
type Window struct {
	Span   time.Duration
	Now    int64
	Usual  []int64 // at the same time of the last weeks, as far as they are known
	Before []int64 // at the same time of the last days, where no week is known
}

// Share is how many of some events have something, now and usually.
type Share struct {
	Site, Destination, About string
	Now, Of                  int64
	UsualNow, UsualOf        int64 // summed over the days that are known; 0 of 0 when none is
	Days                     int   // so many
}

// Destination is what one does.
type Destination struct {
	Name     string
	State    string // running, paused or halted
	Words    string // the vendor's, of the newest refusal; impersonal
	Oldest   time.Duration
	Wait     time.Duration  // for its batch to fill
	Attempts []AttemptCount // of the last ten minutes, in stretches of two, oldest first
	Rejected Share          // of the last half hour, of what was settled
	Why      string         // the words that most events were rejected with
}

// AttemptCount is how many events were delivered, and how many attempts failed.
type AttemptCount struct{ Delivered, Failed int64 }

// Choice is how many events of a site have a purpose granted.
type Choice struct {
	Share
	Tools []Share // by consent tool; About is its name
}

// Field is how many of the events that destinations are sent have a field.
type Field struct {
	Path        string
	OfPurchases bool
	At          []Share // by destination
}

// Step is how many of the visitors who came to a step of a funnel went on to the next one.
type Step struct {
	Funnel, From, To string
	All              Share
	Devices          []Share // About is the type of the device
}

// Damage is something that is missing or unreadable.
type Damage struct{ Where, What string }

// Expiry is something that ends.
type Expiry struct {
	Kind        string // Certificate, Token or APIVersion
	Destination string
	Name        string // the file, the variable, or the setting
	What        string // in words, as the subject of a sentence
	End         time.Time
}
