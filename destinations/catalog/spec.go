package catalog

import (
	"cmp"

	"headgate/document"
	"headgate/event/needs"
)

// Spec is one file of the catalogue: what can be sent to one vendor, and how. The file of a built-in destination and a
// user's own are read by the same code.
type Spec struct {
	At          document.Place            `yaml:"-"`
	Name        string                    `yaml:"name" help:"what use: names; lower snake case" example:"meta"`
	Title       string                    `yaml:"title" help:"the vendor's own name for it" example:"Meta Conversions API"`
	Kind        string                    `yaml:"kind" help:"ads, analytics, engagement, warehouse or generic" example:"ads"`
	About       string                    `yaml:"about" help:"one sentence: what arrives there"`
	Also        []string                  `yaml:"also" help:"other names that people know it by, for suggestions" example:"[facebook]"`
	Docs        string                    `yaml:"docs" help:"address of the vendor's documentation" example:"https://vendor.example/docs"`
	Extends     string                    `yaml:"extends" help:"a destination of the catalogue whose keys this one takes, but for those it writes itself; consent is never inherited"`
	Needs       Needs                     `yaml:"needs" help:"consent purposes that must all be granted, or none with a reason" example:"[ads, sharing]"`
	AnyOf       []string                  `yaml:"any_of" help:"consent purposes of which one is enough, in addition to needs"`
	Reason      string                    `yaml:"reason" help:"why no consent is needed, for needs: none"`
	Refused     needs.Refusal             `yaml:"refused" help:"what becomes of an event without that consent: drop, or redact: PROFILE" example:"drop"`
	Vendor      needs.Vendor              `yaml:"vendor" help:"who receives it"`
	Duplicates  string                    `yaml:"duplicates" help:"dropped (the vendor recognises an event that arrives twice) or possible" example:"dropped"`
	Plain       []string                  `yaml:"plain" help:"contact fields that the vendor takes unhashed" example:"[city]"`
	PlainReason string                    `yaml:"plain_reason" help:"why they go unhashed"`
	Driver      string                    `yaml:"driver" help:"the driver in Go that delivers, in place of send:"`
	Settings    document.Ordered[Setting] `yaml:"settings" help:"what a person fills in"`
	Events      document.Ordered[Names]   `yaml:"events" help:"our event name: theirs; a list sends several; off leaves one out; \"*\" takes the rest, as a name or = for our own"`
	Naming      string                    `yaml:"naming" help:"names of events are made valid for this vendor: ga4 or hubspot" example:"ga4"`
	MaxAge      document.Duration         `yaml:"max_age" help:"older events are rejected here" example:"7d"`
	Ages        []Age                     `yaml:"ages" help:"events that may be older; the first match counts"`
	Rate        document.Rate             `yaml:"rate" help:"requests a second that the vendor takes" example:"1/s"`
	AtOnce      int                       `yaml:"at_once" help:"batches and requests in flight, unless delivery: says otherwise; 1 where their order matters" example:"1"`
	Requires    []Require                 `yaml:"requires" help:"what an event must have; one without is rejected here, with these words"`
	Send        Sends                     `yaml:"send" help:"the request; a list of them when an event makes several"`
	Flags       []Flag                    `yaml:"flags" help:"consent states that the vendor honours itself"`
	Answers     []Answer                  `yaml:"answers" help:"how an answer is understood; the first match counts, then the defaults"`
	Limits      []string                  `yaml:"limits" help:"the vendor's limits in words, for the page of this destination"`
	Notes       []string                  `yaml:"notes" help:"what a person should know, for the page of this destination"`

	BuiltIn bool // nobody can edit its file

	places map[string]document.Place // of its keys; "" is where they begin
}

// Place is where a key is written, the file when it is not.
func (s *Spec) Place(key string) document.Place {
	if at, written := s.places[key]; written {
		return at
	}
	return cmp.Or(s.places[""], s.At)
}

// placesOf are where the keys of a map are written. The map itself is not kept: the files of a catalogue would be a quarter of what a server
// holds at rest.
func placesOf(n *document.Node) map[string]document.Place {
	if n == nil {
		return nil
	}
	places := map[string]document.Place{"": n.At}
	for i := range n.Fields {
		places[n.Fields[i].Key] = n.Fields[i].At
	}
	return places
}

// Age is the greatest age of some events, in place of max_age. Where delivery: sets a
// max_age, the smaller of the two applies.
type Age struct {
	When   document.Words    `yaml:"when" help:"formula: which events" example:"action_source(event) == \"physical_store\""`
	MaxAge document.Duration `yaml:"max_age" help:"older ones are rejected here" example:"62d"`
}

// Require is a condition that every event must meet to be sent.
type Require struct {
	That document.Words `yaml:"that" help:"formula that must be true" example:"user.client_id != \"\""`
	Why  string         `yaml:"why" help:"what is missing, in words" example:"the vendor needs a client id"`
	Else document.Words `yaml:"else" help:"what becomes of an event without it: reject (the default), or filter where it is not a mistake: the event is then left out like one that events: does not list" example:"filter"`
}
