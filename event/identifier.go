package event

// Identifier is one value that identifies whom an event is about, known by a keyed hash only. A Decision keeps those its event
// arrived with, whatever consent allows to keep in clear, so that it can be found for a withdrawal, a suppression or a
// deletion. They serve nothing else: no formula, destination or answer ever sees one.
type Identifier struct {
	Kind IdentifierKind
	Hash IdentifierHash
}

// IdentifierHash is the beginning of an HMAC-SHA256 under a key that only the data folder has.
type IdentifierHash [16]byte

// IdentifierKind is what an identifier was before it was hashed. The numbers are part of the log's layout.
type IdentifierKind uint8

// The kinds of identifiers.
const (
	ClientID IdentifierKind = iota + 1 // of a browser, stated by the event or kept in a cookie
	UserID
	Email
	Phone
)

var identifierKinds = [...]struct{ name, words string }{
	ClientID: {"client_id", "client id"}, UserID: {"user_id", "user id"}, Email: {"email", "e-mail address"}, Phone: {"phone", "phone number"},
}

// IdentifierKindOf returns the kind of that name, as String writes it; ok is false when there is none.
func IdentifierKindOf(name string) (kind IdentifierKind, ok bool) {
	for i, k := range identifierKinds {
		if k.name == name && name != "" {
			return IdentifierKind(i), true
		}
	}
	return 0, false
}

// String returns the kind's name in files and in the API: client_id, user_id, email or phone.
func (k IdentifierKind) String() string {
	if int(k) < len(identifierKinds) {
		return identifierKinds[k].name
	}
	return ""
}

// Words names the kind in a sentence.
func (k IdentifierKind) Words() string {
	if int(k) < len(identifierKinds) {
		return identifierKinds[k].words
	}
	return "identifier"
}

// Personal reports whether an identifier of this kind names a person. A client id names a browser, which several people
// may share.
func (k IdentifierKind) Personal() bool { return k == UserID || k == Email || k == Phone }

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
