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
func (a *arrived) identifiers(e *event.Event) []event.Identifier {
	if a.list == nil {
		return nil
	}
	a.hash()
	now := people.WhoOf(e)
	given := now.Without(&a.who)
	all := append(make([]event.Identifier, 0, len(a.ids)+1), a.ids...)
	return a.list.Hasher.Append(all, &given)
}
