package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"headgate/event"
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
func ClientSubject(clientID string) Subject { return sha256.Sum256([]byte("client_id:" + clientID)) }

// UserSubject is the subject of a user id.
func UserSubject(userID string) Subject { return sha256.Sum256([]byte("user_id:" + userID)) }

// EmailSubject is the subject of an e-mail address, clear or already hashed: the hash that vendors use too.
func EmailSubject(email string) Subject {
	if s, ok := ParseSubject(email); ok {
		return s
	}
	return sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
}

// Subjects returns the subjects that an id of unknown kind may mean: a client id, a user id, an e-mail address.
func Subjects(id string) []Subject {
	out := []Subject{ClientSubject(id), UserSubject(id)}
	if _, hashed := ParseSubject(id); hashed || strings.Contains(id, "@") {
		out = append(out, EmailSubject(id))
	}
	return out
}

// SubjectsOf returns the subjects of an event.
func SubjectsOf(e *event.Event) []Subject {
	var out []Subject
	if e.User.ClientID != "" {
		out = append(out, ClientSubject(e.User.ClientID))
	}
	if e.User.UserID != "" {
		out = append(out, UserSubject(e.User.UserID))
	}
	if e.User.Email != "" {
		out = append(out, EmailSubject(e.User.Email))
	}
	return out
}

// Stop is one entry of the suppression list.
type Stop struct {
	Subject Subject
	// Withdrawn is when consent was withdrawn: what arrived before is no longer sent, what comes later speaks for itself.
	// Zero means suppressed: nothing is ever sent.
	Withdrawn time.Time
	// Purposes are the ones withdrawn; none means all but necessary.
	Purposes []string
}

// Suppression is the list of subjects that must not be tracked. Any number may read it and add to it at once; the zero
// value is an empty list.
type Suppression struct {
	changes atomic.Uint64
	mu      sync.RWMutex
	stops   map[Subject][]Stop
}

// Replace puts a new list in the place of the old one.
func (l *Suppression) Replace(stops []Stop) {
	m := make(map[Subject][]Stop, len(stops))
	for _, s := range stops {
		m[s.Subject] = append(m[s.Subject], s)
	}
	l.mu.Lock()
	l.stops = m
	l.mu.Unlock()
	l.changes.Add(1)
}

// Add puts one more entry on the list.
func (l *Suppression) Add(s Stop) {
	l.mu.Lock()
	if l.stops == nil {
		l.stops = map[Subject][]Stop{}
	}
	l.stops[s.Subject] = append(l.stops[s.Subject], s)
	l.mu.Unlock()
	l.changes.Add(1)
}

// Of returns what the list holds about a subject, in the order it was added.
func (l *Suppression) Of(s Subject) []Stop {
	if l == nil {
		return nil
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.stops[s])
}

// Len returns how many subjects are on the list.
func (l *Suppression) Len() int {
	if l == nil {
		return 0
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.stops)
}

// Changes counts how often the list has changed: what was asked of it holds for as long as this stays the same.
func (l *Suppression) Changes() uint64 {
	if l == nil {
		return 0
	}
	return l.changes.Load()
}

// stopped says why an event must not be sent: everything, or some purposes of it.
type stopped struct {
	source   string
	purposes []string // nil: all but necessary
}

// match looks an event up. Withdrawals count only when the event was received before them; a zero time asks for
// suppression alone.
func (l *Suppression) match(e *event.Event, received time.Time) *stopped {
	if l.Changes() == 0 {
		return nil // the usual case costs nothing
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.stops) == 0 {
		return nil
	}
	var found *stopped
	for _, id := range []struct {
		kind, value string
		subject     func(string) Subject
	}{{"client id", e.User.ClientID, ClientSubject}, {"user id", e.User.UserID, UserSubject}, {"e-mail address", e.User.Email, EmailSubject}} {
		if id.value == "" {
			continue
		}
		for _, stop := range l.stops[id.subject(id.value)] {
			switch {
			case stop.Withdrawn.IsZero():
				return &stopped{source: suppressionSource + " (" + id.kind + ")"}
			case received.IsZero() || !received.Before(stop.Withdrawn):
			case found == nil:
				found = &stopped{withdrawalSource + " on " + stop.Withdrawn.UTC().Format(time.DateOnly), stop.Purposes}
			case len(stop.Purposes) == 0 || len(found.purposes) == 0:
				found.purposes = nil
			default:
				found.purposes = append(found.purposes[:len(found.purposes):len(found.purposes)], stop.Purposes...)
			}
		}
	}
	return found
}

// suppressed returns the record as it is for somebody who must not be tracked.
func (p *Policy) suppressed(r event.Record, why *stopped) event.Record {
	states := make([]event.State, 0, len(r.States))
	for _, s := range r.States {
		if s.Purpose != Necessary && why.stops(s.Purpose) {
			s.State, s.Basis, s.Source = denied, byPolicy, why.source
		}
		states = append(states, s)
	}
	r.States = states
	return r
}

func (s *stopped) stops(purpose string) bool {
	purpose = strings.TrimPrefix(purpose, publisherPrefix)
	if len(s.purposes) == 0 {
		return true
	}
	for _, p := range s.purposes {
		if p == purpose || p == Ads && (purpose == PersonalizedAds || purpose == Sharing) {
			return true
		}
	}
	return false
}

// Still decides again, right before an event is sent, what Judge decided when it came: the list may have grown since. It
// may only tighten; with an unchanged list it is Judge. A suppressed or withdrawn event is not even sent redacted.
func (p *Policy) Still(e *event.Event, r *event.Record, n *Need) event.Outcome {
	why := p.Suppression.match(e, e.Received)
	if why == nil {
		return p.Judge(r, n)
	}
	tightened := p.suppressed(*r, why)
	return p.Judge(&tightened, n)
}
