package event

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

// UnknownRegion is what records call the rule for visitors whose country is not known.
const UnknownRegion = "unknown"

// RuleTitle names a region's rule with its model: "europe (opt_in)".
func RuleTitle(rule, model string) string {
	if rule == UnknownRegion {
		rule = "unknown region"
	}
	return rule + " (" + model + ")"
}

// Sources of signals by which visitors opt out, as records name them.
const (
	FromGPC = "gpc" // Global Privacy Control
	FromUSP = "usp" // IAB's US privacy string
	FromGPP = "gpp" // IAB's Global Privacy Platform
)
