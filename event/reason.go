package event

import "strings"

// Reason is a stable code that says why; it never changes once released. wording.Sentence says the same in words.
type Reason string

// The reasons.
const (
	Delivered      Reason = "delivered"
	Redacted       Reason = "redacted"
	PurposeDenied  Reason = "purpose_denied"
	NoChoice       Reason = "no_choice"
	OptedOutGPC    Reason = "opted_out_gpc"
	OptedOutUSP    Reason = "opted_out_usp"
	OptedOutGPP    Reason = "opted_out_gpp"
	VendorDenied   Reason = "vendor_denied"
	Suppressed     Reason = "suppressed"
	Withdrawn      Reason = "withdrawn"
	SignalInvalid  Reason = "signal_invalid"
	SignalExpired  Reason = "signal_expired"
	RegionUnknown  Reason = "region_unknown"
	DroppedByRule  Reason = "dropped_by_rule"
	SkippedByRule  Reason = "skipped_by_rule"
	SampledOut     Reason = "sampled_out"
	BotDropped     Reason = "bot"
	TrafficClass   Reason = "traffic"          // the destination's `traffic:` does not list the class
	NotWanted      Reason = "not_wanted"       // the destination's own `when:` said no
	EventNotMapped Reason = "event_not_mapped" // the destination has no event of this name
	OwnAlert       Reason = "alert"            // it is an alert of Headgate itself, and alerts.to does not name the destination
	Duplicate      Reason = "duplicate"        // the destination has had the same event, or it is on its way there
)

// The states of a purpose and what they rest on.
const (
	Granted = "granted"
	Denied  = "denied"

	ByChoice  = "choice"  // a person decided
	BySignal  = "signal"  // a browser or a US opt-out objects
	ByDefault = "default" // the consent tool's or the tag's preset
	ByPolicy  = "policy"  // the region's rule
)

// Sources of states that are no signal.
const (
	SuppressionSource = "the suppression list"
	WithdrawalSource  = "a withdrawal"
)

// VendorPrefix marks the states of a record that are about a vendor, PublisherPrefix those about the publisher itself.
const (
	VendorPrefix    = "vendor:"
	PublisherPrefix = "publisher:"
)

// UnknownRegion is what records call the rule for visitors whose country is not known.
const UnknownRegion = "unknown"

// Sources of signals by which visitors opt out, as records name them.
const (
	FromGPC = "gpc" // Global Privacy Control
	FromUSP = "usp" // IAB's US privacy string
	FromGPP = "gpp" // IAB's Global Privacy Platform
)

// StateOf returns what the record says of a purpose. What it does not say is refused.
func (r *Record) StateOf(name string) State {
	for i := range r.States {
		if r.States[i].Purpose == name {
			return r.States[i]
		}
	}
	return Unrecorded(name)
}

// Unrecorded is the state of a purpose that a record says nothing about.
func Unrecorded(purpose string) State {
	return State{Purpose: purpose, State: Denied, Basis: ByPolicy, Cause: Cause{Kind: NothingRecorded}}
}

// ReasonFor returns why a purpose is not granted.
func (r *Record) ReasonFor(s *State) Reason {
	switch {
	case s.Cause.Kind == OnSuppression, strings.HasPrefix(s.Source, SuppressionSource):
		return Suppressed
	case s.Cause.Kind == OnWithdrawal, strings.HasPrefix(s.Source, WithdrawalSource):
		return Withdrawn
	case s.Basis == ByChoice:
		return PurposeDenied
	case s.Basis == BySignal:
		return r.optOutReason(s)
	case s.Basis == ByDefault:
		return NoChoice
	}
	switch {
	case r.FirstAside(AsideUnreadable) != nil:
		return SignalInvalid
	case r.FirstAside(AsideExpired) != nil:
		return SignalExpired
	case r.Rule == UnknownRegion:
		return RegionUnknown
	}
	return NoChoice
}

// optOutReason tells the opt-out signals apart by the family of the one that the state cites.
func (r *Record) optOutReason(s *State) Reason {
	if s.Cause.Kind == BySaying {
		if sig := r.SignalOf(&s.Cause.Signal); sig != nil {
			return sig.optOutReason()
		}
		return PurposeDenied
	}
	for i := range r.Signals { // of an older version, which has words only
		if sig := &r.Signals[i]; strings.HasPrefix(s.Source, sig.Name) {
			if why := sig.optOutReason(); why != PurposeDenied {
				return why
			}
		}
	}
	return PurposeDenied
}

func (s *Signal) optOutReason() Reason {
	switch s.Source {
	case FromGPC:
		return OptedOutGPC
	case FromUSP:
		return OptedOutUSP
	case FromGPP:
		return OptedOutGPP
	}
	return PurposeDenied
}
