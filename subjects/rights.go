package subjects

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/queue"
	"headgate/subjects/suppression"
)

// Rights does what people may ask for: to be shown what is held about them, not to be tracked, to be deleted, to choose.
type Rights struct {
	store   *Store
	log     *queue.Log
	proxy   Proxy
	derived []Derived

	asking sync.Mutex // held while what a sender asks for is carried out
}

// NewRights returns the rights of those whom a store, a log and a running proxy know, and what was derived from the log. From then on
// the store hears what senders ask for.
func NewRights(s *Store, log *queue.Log, p Proxy, derived ...Derived) *Rights {
	r := &Rights{store: s, log: log, proxy: p, derived: derived}
	s.rights.Store(r)
	return r
}

// Derived is something of our own that was made from the log and holds rows about people.
type Derived interface {
	// Name is what it is called among the destinations.
	Name() string
	// Forget removes the rows of those who are suppressed. It returns how many rows of people with these ids were removed since a
	// time, by this call or before it.
	Forget(ctx context.Context, ids []event.IdentifierHash, since time.Time) (int, error)
	// About returns as JSON what it has of a person with one of some ids, nil when that is nothing.
	About(ctx context.Context, ids []event.IdentifierHash) (json.RawMessage, error)
}

// Proxy is what a running proxy knows and does about events: *proxy.Server is one.
type Proxy interface {
	// Traces returns what is stored of events of the log, with what happened to each of them at each destination.
	Traces(ctx context.Context, stored []queue.Stored, decisions []*event.Decision) ([]*trace.Trace, error)
	// Destinations returns the names of those in force.
	Destinations() []string
	// Standings returns what happened to events of the log at a destination.
	Standings(ctx context.Context, destination string, stored []queue.Stored) ([]queue.Standing, error)
	// EachDeadLetter calls fn with all dead letters of a destination, or of all of them for "".
	EachDeadLetter(ctx context.Context, destination string, fn func(destination, id, why string, d *event.Decision)) error
	// DropDeadLettersOf forgets dead letters of a destination and returns how many they were.
	DropDeadLettersOf(ctx context.Context, destination string, ids []string) (int, error)
	// Erase has a destination remove what it has written about a person.
	Erase(ctx context.Context, destination string, p destinations.Person) (destinations.Erased, error)
}

// Suppressed is who is suppressed now.
type Suppressed struct {
	Understood
	Together int `json:"together"` // identifiers that were seen with this one and are suppressed, too
}

// Suppress makes sure that nothing about a person is sent, neither new nor pending. A person named by an e-mail address, a phone
// number or a user id is stopped under every identifier that the log has seen together with it, and later under the client ids
// of the browsers that it is seen with. A client id stands only for itself: people may share a browser.
func (r *Rights) Suppress(ctx context.Context, p Person, why string) (Suppressed, error) {
	who, err := r.recognise(ctx, p)
	if err != nil {
		return Suppressed{}, err
	}
	stopped, err := r.suppressPerson(ctx, who, why)
	return stopped.said(), err
}

// stopped is a person who has been suppressed.
type stopped struct {
	*recognised
	since    time.Time // when suppressing began
	ids      wanted    // all identifiers that are suppressed
	together int       // how many of ids were found together with the person's own
}

func (s *stopped) said() Suppressed { return Suppressed{s.understood(), s.together} }

// suppressPerson suppresses a person under all identifiers. On an error it also returns what has been suppressed until then.
func (r *Rights) suppressPerson(ctx context.Context, who *recognised, why string) (*stopped, error) {
	out := &stopped{recognised: who, since: r.store.now(), ids: r.peopleOf(who)}
	lines := make([]suppression.Line, len(who.subjects))
	for i, subject := range who.subjects {
		lines[i] = suppression.Line{Subject: subject.String(), Kind: who.kind.String(), When: out.since, Why: why}
	}
	if _, err := r.store.suppressed.Suppress(lines...); err != nil || !who.kind.Personal() {
		return out, err
	}
	others, err := r.together(ctx, out.ids)
	if err != nil {
		return out, err
	}
	lines = lines[:0]
	for _, id := range others {
		lines = append(lines, r.store.suppressed.Hashed(id, why, r.store.now()))
		out.ids[id.Hash] = true
	}
	out.together = len(others)
	_, err = r.store.suppressed.Suppress(lines...)
	return out, err
}

// together returns the other identifiers of a person's events: of those that name the person, and of those that name them by
// another e-mail address, phone number or user id found so.
func (r *Rights) together(ctx context.Context, person wanted) (others []event.Identifier, err error) {
	named, found := maps.Clone(person), wanted{}
	more := true
	look := func(ids []event.Identifier) {
		if !named.did(ids) {
			return
		}
		for _, id := range ids {
			if person[id.Hash] || found[id.Hash] {
				continue
			}
			found[id.Hash] = true
			others = append(others, id)
			if id.Kind.Personal() {
				named[id.Hash], more = true, true
			}
		}
	}
	for more && err == nil {
		more = false
		err = r.eachIdentified(ctx, func(_ queue.Stored, ids []event.Identifier) bool {
			look(ids)
			return true
		})
		if err == nil {
			err = r.proxy.EachDeadLetter(ctx, "", func(_, _, _ string, d *event.Decision) {
				look(r.store.suppressed.Stops.Hasher.OfDecision(d))
			})
		}
	}
	return others, err
}

// Link returns the query of a signed link to /consent by which someone may choose until that time wherever they open it: in a
// mail, on another device.
func (r *Rights) Link(ctx context.Context, p Person, until time.Time) (string, error) {
	who, err := r.recognise(ctx, p)
	if err != nil {
		return "", err
	}
	return r.store.link(who, until), nil
}

// wanted are identifiers to look for.
type wanted map[event.IdentifierHash]bool

func (r *Rights) peopleOf(who *recognised) wanted {
	found := wanted{}
	for _, subject := range who.subjects {
		found[r.store.suppressed.Stops.Hasher.Hash(subject)] = true
	}
	return found
}

// did reports whether an event is one of theirs.
func (p wanted) did(ids []event.Identifier) bool {
	return slices.ContainsFunc(ids, func(id event.Identifier) bool { return p[id.Hash] })
}

// eachIdentified calls fn with the events in the log and their identifiers, until it says false. Only what an older version
// wrote is decoded for that.
func (r *Rights) eachIdentified(ctx context.Context, fn func(stored queue.Stored, ids []event.Identifier) bool) error {
	err := r.log.Scan(ctx, time.Time{}, func(stored queue.Stored) bool {
		ids, ok := layout.PeekIdentifiers(stored.Bytes)
		if !ok {
			d, err := layout.Decode(string(stored.Bytes))
			if err != nil {
				return true // nobody knows whose it is
			}
			ids = r.store.suppressed.Stops.Hasher.OfDecision(d)
		}
		return ctx.Err() == nil && fn(stored, ids)
	})
	return errors.Join(err, ctx.Err())
}

// eventsOf reads people's events in the log.
func (r *Rights) eventsOf(ctx context.Context, p wanted) (events []queue.Stored, decisions []*event.Decision, err error) {
	err = r.eachIdentified(ctx, func(stored queue.Stored, ids []event.Identifier) bool {
		if p.did(ids) {
			if d, err := layout.Decode(string(stored.Bytes)); err == nil {
				events, decisions = append(events, stored), append(decisions, d)
			}
		}
		return true
	})
	return events, decisions, err
}
