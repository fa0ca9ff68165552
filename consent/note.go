package consent

import (
	"cmp"

	"headgate/consent/google"
	"headgate/consent/signals"
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
		case r.Denied.Has(i) && r.IsAside():
			return event.DenialAside, c.cite(r, i, false)
		case r.Denied.Has(i) && r.OptOut:
			return event.DenialScoped, c.cite(r, i, false)
		case r.Denied.Has(i) && c.policy.first:
			return event.DenialLater, c.cite(r, i, false)
		case r.Family == signals.FamilyDNT && r.Value == "1":
			return event.NotTracking, event.Citation{Signal: r.At}
		}
	}
	if basis == byChoice {
		return event.NoNote, event.Citation{}
	}
	for k := range c.readings {
		if r := &c.readings[k]; r.IsFaulty() {
			return event.Faulty, event.Citation{Signal: r.At}
		}
	}
	return event.NoNote, event.Citation{}
}

// insufficient cites an answer that would have granted but is set aside, or that grants a part only. Those that cannot be
// read or are too old have reasons of their own.
func (c *conclusion) insufficient(i int) (event.NoteKind, event.Citation) {
	purpose := &c.policy.signals.Purposes[i]
	for k := range c.readings {
		r := &c.readings[k]
		why := cmp.Or(r.Aside.Kind, r.Fault.Kind)
		switch part := r.Types.Granted & purpose.Google; {
		case why == event.AsideUnreadable, why == event.AsideExpired:
		case why != event.NotAside && r.Granted.Has(i):
			return event.GrantAside, c.cite(r, i, true)
		case why == event.NotAside && part != 0 && purpose.Missing(part) != 0:
			return event.PartOnly, event.Citation{Signal: r.At, Part: string(google.AppendNames(nil, part)),
				Tail: string(google.AppendNames(nil, purpose.Missing(part)))}
		}
	}
	return event.NoNote, event.Citation{}
}

// conflict finds the first purpose that two used signals disagree about.
func (c *conclusion) conflict() event.Conflict {
	for i := range c.policy.signals.Purposes {
		if i == signals.AtNecessary {
			continue
		}
		var yes, no uint8
		for k := range c.readings {
			r := &c.readings[k]
			if r.Grants().Has(i) && yes == 0 {
				yes = r.At
			}
			if r.Denies().Has(i) && no == 0 {
				no = r.At
			}
		}
		if yes != 0 && no != 0 {
			return event.Conflict{Purpose: uint8(i + 1), Granted: yes, Denied: no}
		}
	}
	return event.Conflict{}
}

// cite cites the signal and the part of it that a conclusion about a purpose rests on.
func (c *conclusion) cite(r *signals.Reading, i int, yes bool) event.Citation {
	cited := event.Citation{Signal: r.At}
	if r.TC != nil {
		consents := r.TC.Consents
		if c.publisher && r.TC.Publisher.Present {
			consents, cited.Publisher = r.TC.Publisher.Consents, true
		}
		cited.TCF, cited.Refused = c.policy.signals.DecisiveTCF(i, r.TC, consents)
	}
	for k := range r.Details {
		if d := &r.Details[k]; d.Purposes.Has(i) && d.Yes == yes && (d.Text != "" || d.TCF != 0) {
			cited.Part, cited.Tail = d.Text, d.Tail
			if d.TCF != 0 {
				cited.TCF, cited.Refused = d.TCF, !yes
			}
			break
		}
	}
	return cited
}
