package consent

import (
	"errors"
	"net/netip"

	"headgate/event"
)

// Chooser is the subject of a choice.
type Chooser struct {
	Kind    event.IdentifierKind
	Subject Subject
	Key     string // by which the last choice is remembered: the client id, or the hash of any other
}

// ClientChooser is the browser with that client id.
func ClientChooser(id string) Chooser { return Chooser{event.ClientID, ClientSubject(id), id} }

// SubjectChooser is somebody of whom only the hash is kept.
func SubjectChooser(kind event.IdentifierKind, subject Subject) Chooser {
	return Chooser{kind, subject, subject.String()}
}

// How a chooser was known, as receipts say it.
const (
	KnownByCookie = "cookie"
	KnownByServer = "server_key"
	KnownByLink   = "link"
	KnownByWord   = "stated"
)

// Expression is a choice as an event or a request expresses it.
type Expression struct {
	Event   *event.Event // whose site and time it has
	Record  *event.Record
	KnownBy string
	From    netip.Addr // whose allowance of new choices it takes; the zero address only that of all together
	Policy  string     // hash of the configuration in force
}

// ErrTooManyChoices is returned for a new choice when its address, or all addresses together, have made too many.
var ErrTooManyChoices = errors.New("too many choices from one address")
