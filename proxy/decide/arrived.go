package decide

import (
	"headgate/consent/people"
	"headgate/event"
)

// arrived is what an event came with that tells who it is about, before consent takes any of it away.
type arrived struct {
	list    *people.Suppression // nil when nobody keeps one: nothing is hashed then
	who     people.Who
	browser string // the client id in the browser's cookies, when the event says another or none
	hashed  bool
	ids     []event.Identifier // once hashed
}

// note begins with an event as it arrived. It is hashed at once where it may be on the list, else when it is stored.
func (a *arrived) note(list *people.Suppression, e *event.Event, browser string) {
	*a = arrived{list: list, who: people.WhoOf(e), browser: browser, ids: a.ids[:0]}
	if a.browser == a.who.ClientID {
		a.browser = ""
	}
	if list.Changes() > 0 {
		a.hash()
	}
}

func (a *arrived) hash() {
	if a.hashed {
		return
	}
	a.hashed = true
	a.ids = a.list.Hasher.Append(a.ids, &a.who)
	if a.browser != "" {
		a.ids = a.list.Hasher.Append(a.ids, &people.Who{ClientID: a.browser})
	}
}

// identifiers are those of an event that is to be stored: what it, or the one that a rule emitted it for, arrived with, and
// what it has been given since.
func (a *arrived) identifiers(e *event.Event, room *[]event.Identifier) []event.Identifier {
	if a.list == nil {
		return nil
	}
	a.hash()
	now := people.WhoOf(e)
	given := now.Without(&a.who)
	if cap(*room) <= len(a.ids) {
		*room = make([]event.Identifier, 0, max(some, len(a.ids)+1))
	}
	all := a.list.Hasher.Append(append(*room, a.ids...), &given)
	*room = all[len(all):]
	return all[:len(all):len(all)]
}

// some is how many identifiers room is made for at once: half a kibibyte, which lives as long as an event with some of them.
const some = 30
