package event

// PrivacyRequest is what somebody asks for about a person, through a sender that proved to be one of the site's own.
type PrivacyRequest struct {
	Do        Ask
	Source    string  // that it came by
	Reference string  // by which the sender knows it: nothing that tells who the person is
	Person    []Named // what the person is known by; empty: all people that the sender knows
}

// Named is one id of a person, as a sender has it.
type Named struct {
	Kind    IdentifierKind
	ID      string
	Country string // two letters: where a phone number without a country's code is dialled
}

// Ask is what is asked for, in the words of headgate subject.
type Ask string

// What can be asked for.
const (
	AskExport   Ask = "export"
	AskSuppress Ask = "suppress"
	AskDelete   Ask = "delete"
)
