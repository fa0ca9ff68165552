package event

// Cause is what a state rests on, in codes. wording.Source puts it into words.
type Cause struct {
	Kind   CauseKind
	Note   NoteKind
	Signal Citation // of the kinds that cite a signal
	Noted  Citation // of the note
}

// CauseKind says what a state rests on.
type CauseKind uint8

// The kinds. They are part of the layout of the log, so new ones go to the end.
const (
	InWords         CauseKind = iota // no code: State.Source says it
	Always                           // the purpose needs no choice
	ByRule                           // the region's rule
	BySaying                         // a signal
	ByNaming                         // a TC string that allows the vendor
	NotDisclosed                     // a TC string that does not disclose the vendor
	NoConsent                        // a TC string without consent for the vendor
	NoBasis                          // a TC string that gives the vendor no basis for the purpose in TCF; Part says why
	NoAdditional                     // no additional consent string with the TC string
	NotAdditional                    // an additional consent string that does not name the provider
	OnSuppression                    // the suppression list; Part is the kind of identifier
	OnWithdrawal                     // a withdrawal; Part is its date
	NothingRecorded                  // the record says nothing of the purpose
)

// NoteKind says what else was seen that would have decided otherwise, and why it did not.
type NoteKind uint8

// The notes. They are part of the layout of the log, so new ones go to the end.
const (
	NoNote       NoteKind = iota
	DefaultOnly           // a signal grants it by default only
	DenialAside           // a refusal that is set aside
	DenialScoped          // an opt-out that is limited to targeted advertising
	DenialLater           // a refusal of a source that is listed after the one that counts
	NotTracking           // Do Not Track
	Faulty                // a signal that grants nothing, for the reason that it is aside; of an older version Part says why
	GrantAside            // a grant that is set aside
	PartOnly              // a grant of a part: Part says of which, Tail of which not
)

// Citation is the part of a signal that says something of a purpose.
type Citation struct {
	Signal     uint8  // place in Record.Signals, counted from 1
	Publisher  bool   // the part of a TC string that is about the publisher
	Refused    bool   // of a TC string: the purposes are refused
	TCF        uint32 // the purposes of TCF that decide, bit n-1 for purpose n
	Part, Tail string // "C0004" and "=0"
}

// Tool is the source of the signal that decided about the first purpose that a signal decided about: a consent tool mostly; "" when
// none did.
func (r *Record) Tool() string {
	for i := range r.States {
		if s := &r.States[i]; s.Cause.Kind >= BySaying && s.Cause.Kind <= NotAdditional {
			if signal := r.SignalOf(&s.Cause.Signal); signal != nil {
				return signal.Source
			}
		}
	}
	return ""
}

// SignalOf returns the signal that is cited, nil when the record has no such.
func (r *Record) SignalOf(c *Citation) *Signal {
	if at := int(c.Signal) - 1; at >= 0 && at < len(r.Signals) {
		return &r.Signals[at]
	}
	return nil
}

// Conflict is a disagreement of two signals about a purpose; the zero Conflict is none. The numbers are places, counted from 1.
type Conflict struct {
	Purpose, Granted, Denied uint8
	Words                    string // of a decision of an older version: all of it
}

// Aside is why a signal was not used, or only what it refuses was. wording.Aside puts it into words.
type Aside struct {
	Kind AsideKind
	Part string // what the words of the kind end with
}

// AsideKind says why.
type AsideKind uint8

// The kinds. They are part of the layout of the log, so new ones go to the end.
const (
	NotAside        AsideKind = iota // all of it was used
	AsideInWords                     // no code: Part says it all
	AsideUnreadable                  // Part says what is wrong with it
	AsideExpired                     // Part is how old an answer may be
	AsideFuture                      // the signal's date is in the future
	AsideUnlisted                    // the configuration's sources do not have it
	AsideNotBinding                  // Do Not Track
	AsideReplaced                    // a newer cookie of that name came too
	AsideNotHonored                  // an opt-out that the region's rule does not honour
	AsideForeign                     // a page of another site sent it
	AsideNotTCF                      // a TC string to which TCF does not apply
	AsideSilent                      // it says nothing by itself; Part says why
)

// FirstAside returns the first signal that is aside for that reason, nil when there is none.
func (r *Record) FirstAside(kind AsideKind) *Signal {
	for i := range r.Signals {
		if r.Signals[i].Aside.Kind == kind {
			return &r.Signals[i]
		}
	}
	return nil
}
