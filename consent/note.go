package consent

import (
	"cmp"
	"strings"

	"headgate/consent/google"
	"headgate/event"
)

// note adds to the cause of a state what was seen that would have decided otherwise, and why it did not.
func (c *conclusion) note(i int, s *event.State) {
	switch {
	case s.State == granted:
		s.Cause.Note, s.Cause.Noted = c.unheeded(i, s.Basis)
	case s.Basis == byPolicy:
		s.Cause.Note, s.Cause.Noted = c.insufficient(i)
	}
}

// unheeded cites a refusal that does not bind, or, where silence grants, an answer that cannot be used.
func (c *conclusion) unheeded(i int, basis string) (event.NoteKind, event.Citation) {
	for k := range c.readings {
		r := &c.readings[k]
		switch {
		case r.denied.has(i) && r.aside != "":
			return event.DenialAside, c.cite(r, i, false)
		case r.denied.has(i) && r.optOut:
			return event.DenialScoped, c.cite(r, i, false)
		case r.denied.has(i) && c.policy.first:
			return event.DenialLater, c.cite(r, i, false)
		case r.family == familyDNT && r.value == "1":
			return event.NotTracking, event.Citation{Signal: r.at}
		}
	}
	if basis == byChoice {
		return event.NoNote, event.Citation{}
	}
	for k := range c.readings {
		if r := &c.readings[k]; r.fault != "" {
			return event.Faulty, event.Citation{Signal: r.at, Part: r.fault}
		}
	}
	return event.NoNote, event.Citation{}
}

// insufficient cites an answer that would have granted but is set aside, or that grants a part only. Those that cannot be
// read or are too old have reasons of their own.
func (c *conclusion) insufficient(i int) (event.NoteKind, event.Citation) {
	purpose := &c.policy.purposes[i]
	for k := range c.readings {
		r := &c.readings[k]
		why := cmp.Or(r.aside, r.fault)
		switch part := r.types.granted & purpose.google; {
		case strings.HasPrefix(why, event.Unreadable), strings.HasPrefix(why, event.OlderThan):
		case why != "" && r.granted.has(i):
			return event.GrantAside, c.cite(r, i, true)
		case why == "" && part != 0 && purpose.missing(part) != 0:
			return event.PartOnly, event.Citation{Signal: r.at, Part: string(google.AppendNames(nil, part)),
				Tail: string(google.AppendNames(nil, purpose.missing(part)))}
		}
	}
	return event.NoNote, event.Citation{}
}

// conflict finds the first purpose that two used signals disagree about.
func (c *conclusion) conflict() event.Conflict {
	for i := range c.policy.purposes {
		if i == necessary {
			continue
		}
		var yes, no uint8
		for k := range c.readings {
			r := &c.readings[k]
			if r.grants().has(i) && yes == 0 {
				yes = r.at
			}
			if r.denies().has(i) && no == 0 {
				no = r.at
			}
		}
		if yes != 0 && no != 0 {
			return event.Conflict{Purpose: uint8(i + 1), Granted: yes, Denied: no}
		}
	}
	return event.Conflict{}
}

// cite cites the signal and the part of it that a conclusion about a purpose rests on.
func (c *conclusion) cite(r *reading, i int, yes bool) event.Citation {
	cited := event.Citation{Signal: r.at}
	if r.tc != nil {
		consents := r.tc.Consents
		if c.publisher && r.tc.Publisher.Present {
			consents, cited.Publisher = r.tc.Publisher.Consents, true
		}
		cited.TCF, cited.Refused = c.policy.decisiveTCF(i, r.tc, consents)
	}
	for k := range r.details {
		if d := &r.details[k]; d.purposes.has(i) && d.yes == yes && (d.text != "" || d.tcf != 0) {
			cited.Part, cited.Tail = d.text, d.tail
			if d.tcf != 0 {
				cited.TCF, cited.Refused = d.tcf, !yes
			}
			break
		}
	}
	return cited
}
