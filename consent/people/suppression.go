package people

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/event"
)

// Stop is one entry of the suppression list. It names whom it is about by a subject, or by the keyed hash alone where the
// log knows no more.
type Stop struct {
	Subject Subject
	Hash    event.IdentifierHash // when Subject is zero
	// Withdrawn is when consent was withdrawn: what arrived before is no longer sent, what arrives later is decided by its own signals.
	// Zero means suppressed: nothing is ever sent.
	Withdrawn time.Time
	// Purposes are the ones withdrawn; none means all but necessary.
	Purposes []string
}

// Suppression is the list of those who must not be tracked. It is safe for concurrent use; the zero value is
// an empty list, whose hasher has no key.
type Suppression struct {
	Hasher Hasher

	changes atomic.Uint64
	mu      sync.RWMutex
	stops   map[event.IdentifierHash][]Stop
}

// Replace puts a new list in the place of the old one.
func (l *Suppression) Replace(stops []Stop) {
	m := make(map[event.IdentifierHash][]Stop, len(stops))
	for _, s := range stops {
		hash := l.hashOf(&s)
		m[hash], _ = merge(m[hash], s)
	}
	l.mu.Lock()
	l.stops = m
	l.mu.Unlock()
	l.changes.Add(1)
}

// Add puts one more entry on the list and reports whether the list says more than before. The list keeps of each subject when
// each purpose was withdrawn last, or that it is suppressed: however often someone changes their mind, it grows no further.
func (l *Suppression) Add(s Stop) (news bool) {
	hash := l.hashOf(&s)
	l.mu.Lock()
	if l.stops == nil {
		l.stops = map[event.IdentifierHash][]Stop{}
	}
	l.stops[hash], news = merge(l.stops[hash], s)
	l.mu.Unlock()
	if news {
		l.changes.Add(1)
	}
	return news
}

func (l *Suppression) hashOf(s *Stop) event.IdentifierHash {
	if s.Subject == (Subject{}) {
		return s.Hash
	}
	return l.Hasher.Hash(s.Subject)
}

// merge adds an entry to those of the same subject. A suppression says all that withdrawals say, and a later withdrawal of
// a purpose all that an earlier one does. The list is not changed but made anew: others may be reading it.
func merge(known []Stop, s Stop) (merged []Stop, news bool) {
	for i := range known {
		k := &known[i]
		if k.Covers(&s) {
			return known, false
		}
	}
	for i := range known {
		if left := known[i]; left.outlive(&s) {
			merged = append(merged, left)
		}
	}
	return append(merged, s), true
}

// Covers reports whether an entry stops all that another one stops.
func (s *Stop) Covers(o *Stop) bool {
	switch {
	case s.Withdrawn.IsZero():
		return true
	case o.Withdrawn.IsZero(), s.Withdrawn.Before(o.Withdrawn):
		return false
	case len(s.Purposes) == 0:
		return true
	case len(o.Purposes) == 0:
		return false
	}
	return !slices.ContainsFunc(o.Purposes, func(p string) bool { return !slices.Contains(s.Purposes, p) })
}

// outlive removes from an entry what a newer one also says, and reports whether anything is left.
func (s *Stop) outlive(newer *Stop) bool {
	if newer.Covers(s) {
		return false
	}
	if newer.Withdrawn.Before(s.Withdrawn) || len(s.Purposes) == 0 {
		return true
	}
	s.Purposes = slices.DeleteFunc(slices.Clone(s.Purposes), func(p string) bool { return slices.Contains(newer.Purposes, p) })
	return len(s.Purposes) > 0
}

// Of returns what the list holds about a subject.
func (l *Suppression) Of(s Subject) []Stop {
	if l == nil {
		return nil
	}
	return l.OfHash(l.Hasher.Hash(s))
}

// OfHash returns what the list holds about whom a keyed hash names.
func (l *Suppression) OfHash(hash event.IdentifierHash) []Stop {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.stops[hash])
}

// Each calls fn with every entry of the list and the keyed hash of whom it is about.
func (l *Suppression) Each(fn func(hash event.IdentifierHash, s *Stop)) {
	if l == nil {
		return
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for hash, stops := range l.stops {
		for i := range stops {
			fn(hash, &stops[i])
		}
	}
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

// Unlisted returns the client ids among the identifiers of an event that are not suppressed themselves, when the person whom
// the event names is. A suppressed client id says nothing about the people it is seen with: several may share a browser.
func (l *Suppression) Unlisted(ids []event.Identifier) (clients []event.Identifier) {
	if l.Changes() == 0 {
		return nil
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	named := false
	for i := range ids {
		named = named || ids[i].Kind.Personal() && l.suppresses(ids[i].Hash)
	}
	if !named {
		return nil
	}
	for i := range ids {
		if ids[i].Kind == event.ClientID && !l.suppresses(ids[i].Hash) {
			clients = append(clients, ids[i])
		}
	}
	return clients
}

// suppresses reports whether everything of someone is stopped. The caller holds mu.
func (l *Suppression) suppresses(hash event.IdentifierHash) bool {
	return slices.ContainsFunc(l.stops[hash], func(s Stop) bool { return s.Withdrawn.IsZero() })
}

// Stopped is why an event must not be sent: all of it, or for some purposes.
type Stopped struct {
	Cause    event.Cause
	Purposes []string // those withdrawn; nil is all but necessary
}

// Match looks the identifiers of an event up. Withdrawals count only when the event was received before them; a zero time
// asks for suppression alone.
func (l *Suppression) Match(ids []event.Identifier, received time.Time) *Stopped {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found *Stopped
	for _, id := range ids {
		for _, stop := range l.stops[id.Hash] {
			switch {
			case stop.Withdrawn.IsZero():
				return &Stopped{Cause: stop.cause(id.Kind)}
			case received.IsZero() || !received.Before(stop.Withdrawn):
			case found == nil:
				found = &Stopped{stop.cause(id.Kind), stop.Purposes}
			case len(stop.Purposes) == 0 || len(found.Purposes) == 0:
				found.Purposes = nil
			default:
				found.Purposes = append(found.Purposes[:len(found.Purposes):len(found.Purposes)], stop.Purposes...)
			}
		}
	}
	return found
}

// Suppresses reports whether someone whom the identifiers name is suppressed. A withdrawal is none.
func (l *Suppression) Suppresses(ids []event.Identifier) bool {
	return l.Match(ids, time.Time{}) != nil
}

// Suppressed returns the hashes of all that are suppressed.
func (l *Suppression) Suppressed() (hashes []event.IdentifierHash) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for hash := range l.stops {
		if l.suppresses(hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}

// cause is what a state rests on that an entry has stopped, found by one kind of identifier.
func (s *Stop) cause(by event.IdentifierKind) event.Cause {
	if s.Withdrawn.IsZero() {
		return event.Cause{Kind: event.OnSuppression, Signal: event.Citation{Part: by.Words()}}
	}
	return event.Cause{Kind: event.OnWithdrawal, Signal: event.Citation{Part: s.Withdrawn.UTC().Format(time.DateOnly)}}
}
