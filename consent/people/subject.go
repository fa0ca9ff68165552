// Package people is about those whose events arrive, as far as consent concerns them: how someone is named by a hash
// alone, who must not be tracked (Suppression), and the proof of what someone chose (Receipt).
//
// It promises that no address, number or id in clear leaves it, and that a reader of the log without the key cannot test one against
// it. It knows no policy: which purposes follow from a withdrawal is decided by consent.
package people

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
	"sync"

	"headgate/event"
	"headgate/event/wire"
)

// Subject is a person or browser, known by the SHA-256 of an id only.
type Subject [sha256.Size]byte

// String returns the subject as hexadecimal digits.
func (s Subject) String() string { return hex.EncodeToString(s[:]) }

// ParseSubject reads what String writes.
func ParseSubject(s string) (Subject, bool) {
	var out Subject
	n, err := hex.Decode(out[:], []byte(s[:min(len(s), 2*len(out))]))
	return out, err == nil && n == len(out) && len(s) == 2*len(out)
}

// ClientSubject is the subject of a client id.
func ClientSubject(clientID string) Subject { return subjectOf("client_id:", clientID) }

// UserSubject is the subject of a user id.
func UserSubject(userID string) Subject { return subjectOf("user_id:", userID) }

// EmailSubject is the subject of an e-mail address, clear or already hashed: the hash that vendors use too.
func EmailSubject(email string) Subject {
	if s, ok := ParseSubject(email); ok {
		return s
	}
	return subjectOf("", strings.ToLower(strings.TrimSpace(email)))
}

// PhoneSubject is the subject of a phone number, as + and digits or already hashed.
func PhoneSubject(number string) Subject {
	if s, ok := ParseSubject(number); ok {
		return s
	}
	return subjectOf("", number)
}

func subjectOf(prefix, id string) Subject {
	var room [160]byte
	return sha256.Sum256(append(append(room[:0], prefix...), id...))
}

// Who is what identifies the person that an event is about.
type Who struct {
	ClientID, UserID, Email, Phone string
	// Country is where a phone number without a country's code is dialled.
	Country string
}

// WhoOf returns what an event says about the person it is about.
func WhoOf(e *event.Event) Who {
	country := wire.Country(e.User.Country)
	if country == "" {
		country = wire.Country(e.Geo.Country)
	}
	return Who{e.User.ClientID, e.User.UserID, e.User.Email, e.User.Phone, country}
}

// Without leaves out what another one says too.
func (w Who) Without(other *Who) Who {
	if w.ClientID == other.ClientID {
		w.ClientID = ""
	}
	if w.UserID == other.UserID {
		w.UserID = ""
	}
	if w.Email == other.Email {
		w.Email = ""
	}
	if w.Phone == other.Phone && w.Country == other.Country {
		w.Phone = ""
	}
	return w
}

// Hasher makes identifiers: keyed hashes, so that someone with the log but without the key cannot test addresses and numbers
// against it. It is safe for concurrent use; the fields are set before its first use. Hashers of the same key agree.
type Hasher struct {
	Key []byte
	// Phone writes a phone number as + and digits; "" when it is none or its country is not known. Without it only
	// numbers that are hashed already are identifiers.
	Phone func(number, country string) string

	machines sync.Pool
}

// hashing is what a Hasher needs to make a hash without allocating.
type hashing struct {
	mac hash.Hash
	in  Subject
	out [sha256.Size]byte
}

// Hash is the keyed hash of a subject.
func (h *Hasher) Hash(s Subject) (out event.IdentifierHash) {
	m, ok := h.machines.Get().(*hashing)
	if !ok {
		m = &hashing{mac: hmac.New(sha256.New, h.Key)}
	}
	m.in = s
	m.mac.Reset()
	m.mac.Write(m.in[:]) // a hash never fails
	copy(out[:], m.mac.Sum(m.out[:0]))
	h.machines.Put(m)
	return out
}

// Append appends the identifiers of someone to others.
func (h *Hasher) Append(ids []event.Identifier, w *Who) []event.Identifier {
	if w.ClientID != "" {
		ids = append(ids, event.Identifier{Kind: event.ClientID, Hash: h.Hash(ClientSubject(w.ClientID))})
	}
	if w.UserID != "" {
		ids = append(ids, event.Identifier{Kind: event.UserID, Hash: h.Hash(UserSubject(w.UserID))})
	}
	if w.Email != "" {
		ids = append(ids, event.Identifier{Kind: event.Email, Hash: h.Hash(EmailSubject(w.Email))})
	}
	if w.Phone != "" {
		if s, ok := h.phone(w); ok {
			ids = append(ids, event.Identifier{Kind: event.Phone, Hash: h.Hash(s)})
		}
	}
	return ids
}

func (h *Hasher) phone(w *Who) (Subject, bool) {
	if s, hashed := ParseSubject(w.Phone); hashed {
		return s, true
	}
	if h.Phone == nil {
		return Subject{}, false
	}
	number := h.Phone(w.Phone, w.Country)
	return PhoneSubject(number), number != ""
}

// OfDecision returns the identifiers of a stored decision, and makes them of what its event says in clear when the decision
// was written before identifiers were kept.
func (h *Hasher) OfDecision(d *event.Decision) []event.Identifier {
	if d.Identifiers != nil {
		return d.Identifiers
	}
	who := WhoOf(&d.Event)
	return h.Append(nil, &who)
}

// Chooser is the subject of a choice.
type Chooser struct {
	Kind    event.IdentifierKind
	Subject Subject
	Key     string // by which the last choice is remembered: the client id, or the hash of any other
}

// ClientChooser is the browser with that client id.
func ClientChooser(id string) Chooser { return Chooser{event.ClientID, ClientSubject(id), id} }

// SubjectChooser is someone of whom only the hash is kept.
func SubjectChooser(kind event.IdentifierKind, subject Subject) Chooser {
	return Chooser{kind, subject, subject.String()}
}
