package event

import "time"

// Action is what happens to an event for one destination.
type Action uint8

// The actions. Deliver and Redact are due to be sent; Deny and Filter end there.
const (
	Deliver Action = iota // in full
	Redact                // without what consent forbids, by Outcome.Profile
	Deny                  // consent refused
	Filter                // a rule, the destination's own choice of events, or the bot filter left it out
)

// actionNames are the names of the actions in JSON, by value.
var actionNames = [...]string{"deliver", "redact", "deny", "filter"}

func (a Action) String() string { return actionNames[a] }

// Due reports whether the event is to be sent.
func (a Action) Due() bool { return a <= Redact }

// Outcome is the decision on one event for one destination. Why is said by the reason and the few facts that it needs;
// wording.Sentence puts them into words for people.
type Outcome struct {
	Destination string
	Reason      Reason
	Profile     string // of Redact: the redaction profile
	Instead     string // of Redact: the profile that the destination asked for, where a stricter one took its place
	Text        string // a fact in the configuration's words: the name of the rule, the reason of needs: none, the `when:`
	Because     string // the whole sentence, of a decision of an older version and where no code says it; "" otherwise
	Flags       []Flag // what the vendor is told since purposes are not granted
	Cites       Cites
	Action      Action
	Own         bool // of a rule: it is the destination's own
}

// Flag is what a destination sends with an event unless a purpose is granted, for the vendor to restrict itself.
type Flag struct {
	Purpose string
	Sets    string // data_processing_options=LDU
}

// Cites are the states of a record that an outcome rests on: their places, counted from 1, up to the first 0.
type Cites [8]uint8

// Add cites the state at a place, counted from 0; it reports false when there is no room for it.
func (c *Cites) Add(at int) bool {
	for i := range c {
		if c[i] == 0 {
			c[i] = uint8(at + 1)
			return at < 255
		}
	}
	return false
}

// Count returns how many states are cited.
func (c *Cites) Count() int {
	for i := range c {
		if c[i] == 0 {
			return i
		}
	}
	return len(c)
}

// Record is what is kept with an event about its consent: enough to answer, long after, who got it and why.
type Record struct {
	Country  string // ISO 3166-1, "" when unknown
	Region   string // ISO 3166-2 without the country
	Rule     string // name of the region rule that applied, "unknown" when none did
	Model    string // opt_in, opt_out or none
	Monitor  bool   // mode: monitor: decided and recorded, but delivered anyway
	States   []State
	Signals  []Signal
	Conflict Conflict // of the first purpose that two signals disagreed about
}

// State is what was concluded about one purpose.
type State struct {
	Purpose string
	State   string // granted, denied or unknown
	Basis   string // choice, signal, default or policy
	Source  string // what it rests on in words, of a decision of an older version and where no code says it
	Cause   Cause  // what it rests on
}

// Signal is one consent signal that was seen. What it says of purposes stands by their places among the states of its record,
// from bit 0; wording.Says puts it into words.
type Signal struct {
	Source                  string // event, google, gpc, tcf, gpp, usp, onetrust, ...
	Name                    string // the cookie, parameter or header it came in
	Value                   string // as sent, or sha256:… when longer than 64 bytes
	Granted, Denied, Preset uint32 // Preset are those of both that nobody has answered
	Part                    string // types of Google's that it grants and that settle no purpose by themselves
	Says                    string // what else it says, for a person; of a decision of an older version all of it
	Aside                   Aside  // why it was not used, or only what it refuses was
	When                    time.Time
}

// Decision is an event with all that was decided about it: what is written to the log.
type Decision struct {
	Event    Event
	Consent  Record
	Outcomes []Outcome // one per destination, in the plan's order
	// DroppedBy names the rule (or "bots") that dropped the event for all destinations, "" when none did.
	DroppedBy string
	// Stored is the redaction profile that Event was put through before it was written, since no destination may have it
	// in full; "" when it is whole.
	Stored string
	// Changed is what rules changed, in the order in which they first did, as far as consent lets it be kept with the event.
	// ChangesKept is false of a decision of an older version, and of one whose changes were too large to keep.
	Changed     []Changed
	ChangesKept bool
	// EmittedBy names the rule that made the event of another one, "" for what a source read.
	EmittedBy string
	// Identifiers are what identifies the person: what the event arrived with, and what rules added.
	Identifiers []Identifier
	// Weight is the result of Held once the decision is final; 0 before it was computed.
	Weight int
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

// Changed is a field that rules changed, with what it held before.
type Changed struct {
	Path string
	Rule string // the last that changed it
	Old  Value  // null where nothing was said
}

// Received returns the event of a stored decision as it came to the rules, as far as consent let it be kept; nil when that is
// not known, since an older version wrote the decision. The event can be changed without changing d.
func (d *Decision) Received() *Event {
	if !d.ChangesKept {
		return nil
	}
	e := d.Event.Clone()
	Undo(e, d.Changed)
	return e
}

// Undo puts back what rules changed, the last change first. Maps that e shares with other events must be its own.
func Undo(e *Event, changed []Changed) {
	for i := len(changed) - 1; i >= 0; i-- {
		old := changed[i].Old
		if old.Kind() == Object {
			old = ObjectOf(old.Object().Clone())
		}
		_ = e.SetPath(changed[i].Path, old) // it stood there, so it fits
	}
}
