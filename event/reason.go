package event

import "strings"

// Reason is a stable code that says why; it never changes once released. Outcome.Sentence says the same in words.
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

// ByDefaultOnly is the end of what is said of a grant that nobody made.
const ByDefaultOnly = " grants it by default only"

// VendorPrefix marks the states of a record that are about a vendor, PublisherPrefix those about the publisher itself.
const (
	VendorPrefix    = "vendor:"
	PublisherPrefix = "publisher:"
)

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
	case r.setAside(AsideUnreadable) != nil:
		return SignalInvalid
	case r.setAside(AsideExpired) != nil:
		return SignalExpired
	case r.Rule == UnknownRegion:
		return RegionUnknown
	}
	return NoChoice
}

// optOutReason tells the opt-out signals apart by the family of the one that the state cites.
func (r *Record) optOutReason(s *State) Reason {
	if s.Cause.Kind == BySaying {
		if sig := r.signal(&s.Cause.Signal); sig != nil {
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
	case "gpc":
		return OptedOutGPC
	case "usp":
		return OptedOutUSP
	case "gpp":
		return OptedOutGPP
	}
	return PurposeDenied
}
