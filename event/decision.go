package event

import (
	"time"
	"unsafe"
)

// Action is what becomes of an event for one destination.
type Action uint8

// The actions. Deliver and Redact are due to be sent; Deny and Filter end there.
const (
	Deliver Action = iota // in full
	Redact                // without what consent forbids, by Outcome.Profile
	Deny                  // consent refused
	Filter                // a rule, the destination's own choice of events, or the bot filter left it out
)

// Actions are their names in JSON, by value.
var actionNames = [...]string{"deliver", "redact", "deny", "filter"}

func (a Action) String() string { return actionNames[a] }

// Due reports whether the event is to be sent.
func (a Action) Due() bool { return a <= Redact }

// Reason is a stable code that says why; it never changes once released. The consent reasons are listed here, a filter's
// reasons too; Because says the same in one sentence for a person.
type Reason string

// The reasons.
const (
	Delivered       Reason = "delivered"
	Redacted        Reason = "redacted"
	PurposeDenied   Reason = "purpose_denied"
	NoChoice        Reason = "no_choice"
	OptedOutGPC     Reason = "opted_out_gpc"
	OptedOutUSP     Reason = "opted_out_usp"
	OptedOutGPP     Reason = "opted_out_gpp"
	VendorDenied    Reason = "vendor_denied"
	Suppressed      Reason = "suppressed"
	Withdrawn       Reason = "withdrawn"
	SignalInvalid   Reason = "signal_invalid"
	SignalExpired   Reason = "signal_expired"
	RegionUnknown   Reason = "region_unknown"
	DroppedByRule   Reason = "dropped_by_rule"
	SkippedByRule   Reason = "skipped_by_rule"
	SampledOut      Reason = "sampled_out"
	BotDropped      Reason = "bot"
	NotWanted       Reason = "not_wanted"       // the destination's own `when:` said no
	EventNotMapped  Reason = "event_not_mapped" // the destination has no event of this name
	Duplicate       Reason = "duplicate"        // the destination has had the same event, or it is on its way there
	DestinationIdle Reason = "paused_by_config" // the destination did not exist when the event came
)

// Outcome is the decision on one event for one destination.
type Outcome struct {
	Destination string
	Action      Action
	Reason      Reason
	Because     string // one sentence: `ads: denied by OptanonConsent (C0004=0)`
	Profile     string // of Redact: the redaction profile
}

// Record is what is kept with an event about its consent: enough to answer, long after, who got it and why.
type Record struct {
	Country string // ISO 3166-1, "" when unknown
	Region  string // ISO 3166-2 without the country
	Rule    string // name of the region rule that applied, "unknown" when none did
	Model   string // opt_in, opt_out or none
	Monitor bool   // mode: monitor: decided and recorded, but delivered all the same
	States  []State
	Signals []Signal
	// Conflict is set when two signals disagreed about a purpose: "analytics: granted by CookieConsent, denied by gcs".
	Conflict string

	sealed *seal // its form in the log, nil when it has none ready
}

// State is what was concluded about one purpose.
type State struct {
	Purpose string
	State   string // granted, denied or unknown
	Basis   string // choice, signal, default or policy
	Source  string // the signal or rule it came from, with what it said: "OptanonConsent (C0002=1)"
}

// Signal is one consent signal that was seen.
type Signal struct {
	Source string // event, google, gpc, tcf, gpp, usp, onetrust, ...
	Name   string // the cookie, parameter or header it came in
	Value  string // as sent, or sha256:… when longer than 64 bytes
	Says   string // decoded, for a person: "ads denied, analytics granted (update)"
	Aside  string // why it was not used, or only what it refuses was; "" when all was: "unreadable: ...", "older than 395 days", "not listed for this site"
	When   time.Time
}

// Decision is an event with all that was decided about it: what is written to the log.
type Decision struct {
	Event    Event
	Consent  Record
	Outcomes []Outcome // one per destination, in the plan's order
	// DroppedBy names the rule (or "bots") that dropped the event for everybody, "" when none did.
	DroppedBy string
	// Stored is the redaction profile that Event was put through before it was written, since no destination may have it
	// in full; "" when it is whole.
	Stored string
	// Identifiers are what the event arrived with, and what rules gave it, that tells who it is about.
	Identifiers []Identifier
}

// Held is how many bytes of memory d takes. A text that several events share counts in each of them.
func (d *Decision) Held() int {
	return int(unsafe.Sizeof(*d)-unsafe.Sizeof(d.Event)) + d.Event.Size() + len(d.Consent.States)*int(unsafe.Sizeof(State{})) +
		len(d.Consent.Signals)*int(unsafe.Sizeof(Signal{})) + len(d.Outcomes)*int(unsafe.Sizeof(Outcome{}))
}

// Outcome returns the outcome for a destination, nil when the event was decided before it existed.
func (d *Decision) Outcome(destination string) *Outcome {
	for i := range d.Outcomes {
		if d.Outcomes[i].Destination == destination {
			return &d.Outcomes[i]
		}
	}
	return nil
}
