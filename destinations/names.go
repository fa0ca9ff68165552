package destinations

import (
	"strings"

	"headgate/destinations/catalog"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/rules"
)

// EventNames are a destination's names of our events.
type EventNames struct {
	listed map[string][]string
	rest   []string      // of "*"
	naming *rules.Naming // nil: any name will do
}

// eventNames puts the configuration's names over the catalogue's, and fills settings in.
func (f *Formulas) eventNames(s *catalog.Spec, own document.Ordered[catalog.Names], set settings.Set) *EventNames {
	n := &EventNames{listed: map[string][]string{}}
	for _, e := range catalog.Overlay(s.Events, own) {
		names := make([]string, 0, len(e.Value))
		for _, name := range e.Value {
			if strings.Contains(name, "{") || len(name) > 1 && name[0] == '=' {
				node := &document.Node{At: e.At, Kind: document.Text, Text: name}
				name = f.Fixed(f.Template(node, rules.DestinationScope(s.Settings.Keys())), set.Values())
			}
			if name != "" {
				names = append(names, name)
			}
		}
		if e.Key == "*" {
			n.rest = names
			continue
		}
		n.listed[e.Key] = names
	}
	n.naming = f.Naming(s.Place("naming"), s.Naming)
	return n
}

// Of returns the names of an event, "=" for our own, and whether events: lists it. An event whose own name the vendor would
// not take is also looked up under the valid form of that name.
func (n *EventNames) Of(event string) (names []string, listed bool) {
	if names, listed = n.listed[event]; !listed && n.naming != nil {
		names, listed = n.listed[n.naming.Valid(event)]
	}
	if !listed {
		names = n.rest
	}
	return names, listed
}

// Has reports whether an event has a name.
func (n *EventNames) Has(event string) bool {
	names, _ := n.Of(event)
	return len(names) > 0
}

// Valid is one of the names of an event as the vendor takes it: our own name for "=". A name that cannot be made valid is
// returned as it is, so that requires: can reject it; so is a name with $, by which a file tells its requests apart.
func (n *EventNames) Valid(theirs, ours string) string {
	internal := strings.HasPrefix(theirs, "$")
	if theirs == "=" {
		theirs = ours
	}
	if n.naming != nil && !internal {
		if valid := n.naming.Valid(theirs); valid != "" {
			return valid
		}
	}
	return theirs
}
