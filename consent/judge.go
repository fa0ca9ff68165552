package consent

import (
	"strings"

	"headgate/consent/signals"
	"headgate/event"
	"headgate/event/wording"
)

// Judge decides whether a destination with this need may have an event with this record. It reads nothing but its
// arguments. Under `mode: monitor` the action is to deliver; the reason says what would have been. Only those on the
// suppression list are still stopped. The outcome's flags share the memory of the need's.
func (p *Policy) Judge(r *event.Record, n *Need) event.Outcome {
	out := judge(r, n)
	if r.Monitor && out.Reason != event.Delivered && out.Reason != event.Suppressed && out.Reason != event.Withdrawn {
		if out.Action == event.Redact {
			out.Text, out.Profile = out.Profile, ""
		}
		out.Action = event.Deliver
	}
	return out
}

// judge is Judge without the mode.
func judge(r *event.Record, n *Need) event.Outcome {
	out := decide(r, n)
	if out.Action != event.Deny {
		out.Flags = flagged(n, r)
	}
	return out
}

func decide(r *event.Record, n *Need) event.Outcome {
	switch {
	case n.None:
		// What needs no consent is still not for those who must not be tracked at all.
		for i := range r.States {
			if s := &r.States[i]; s.State != granted && r.ReasonFor(s) == event.Suppressed {
				return event.Outcome{Action: event.Deny, Reason: event.Suppressed, Text: "stopped by " + wording.Source(r, s)}
			}
		}
		return event.Outcome{Action: event.Deliver, Reason: event.Delivered, Text: n.Reason}
	case len(n.Purposes) == 0 && len(n.AnyOf) == 0:
		return refuse(n, event.Outcome{Reason: event.NoChoice, Text: "the destination does not say what consent it needs"})
	}
	a := answer{record: r, need: n}
	anyGranted := a.ask()
	if a.refused[0] != 0 || !anyGranted || a.missing != nil {
		return refuse(n, a.refusal())
	}
	return a.vendor()
}

// answer is what a record says to a need.
type answer struct {
	record           *event.Record
	need             *Need
	allowed, refused event.Cites
	missing          []string // purposes that the record says nothing about
}

// ask looks the need's purposes up. It reports whether one is granted of those of which any is enough.
func (a *answer) ask() (anyGranted bool) {
	for _, purpose := range a.need.Purposes {
		a.note(purpose, &a.refused)
	}
	if len(a.need.AnyOf) == 0 {
		return true
	}
	var others event.Cites
	missing := a.missing
	for _, purpose := range a.need.AnyOf {
		if a.note(purpose, &others) {
			a.missing = missing
			return true
		}
	}
	for _, at := range others {
		if at > 0 {
			a.refused.Add(int(at) - 1)
		}
	}
	return false
}

// note cites the state of a purpose among those allowed, or in refused; it reports whether it is granted.
func (a *answer) note(purpose string, refused *event.Cites) bool {
	at := stateOf(a.record, a.need, purpose)
	switch {
	case at < 0:
		a.missing = append(a.missing, purpose)
		return false
	case a.record.States[at].State != granted:
		refused.Add(at)
		return false
	}
	a.allowed.Add(at)
	return true
}

// refusal returns the outcome for purposes that are not granted. The first of them gives the reason, but for someone who is
// suppressed or has withdrawn.
func (a *answer) refusal() event.Outcome {
	out := event.Outcome{Reason: event.NoChoice, Cites: a.refused}
	for i, at := range a.refused {
		if at == 0 {
			break
		}
		why := a.record.ReasonFor(&a.record.States[at-1])
		if i == 0 || why == event.Suppressed || why == event.Withdrawn {
			out.Reason = why
		}
	}
	if a.missing != nil {
		out.Cites, out.Text = event.Cites{}, wording.Because(a.record, a.refused, a.missing)
		if a.refused[0] == 0 {
			s := event.Unrecorded(a.missing[0])
			out.Reason = a.record.ReasonFor(&s)
		}
	}
	return out
}

// vendor returns the outcome for purposes that are granted: delivered, unless a TC string does not allow the vendor.
func (a *answer) vendor() event.Outcome {
	out := event.Outcome{Action: event.Deliver, Reason: event.Delivered, Cites: a.allowed}
	r, v := a.record, &a.need.Vendor
	if !isNamed(v) || v.Publisher {
		return out
	}
	var room [96]byte
	key := appendVendorKey(v, room[:0])
	for i := range r.States {
		switch s := &r.States[i]; {
		case s.Purpose != string(key):
		case s.State == granted:
			out.Cites.Add(i)
			return out
		default:
			return refuse(a.need, event.Outcome{Reason: event.VendorDenied, Cites: event.Cites{uint8(i + 1)}})
		}
	}
	for i := range r.Signals {
		if s := &r.Signals[i]; s.Source == signals.FamilyTCF && s.Aside.Kind == event.NotAside {
			return refuse(a.need, event.Outcome{Reason: event.VendorDenied,
				Text: s.Name + " was not asked about " + vendorTitle(v) + " when the event came"})
		}
	}
	return out
}

// refuse completes the outcome for an event that consent refuses.
func refuse(n *Need, o event.Outcome) event.Outcome {
	if n.Refused.Redact != "" && o.Reason != event.Suppressed && o.Reason != event.Withdrawn {
		o.Action, o.Reason, o.Profile = event.Redact, event.Redacted, n.Refused.Redact
		return o
	}
	o.Action = event.Deny
	return o
}

// stateOf returns where a record says something of a purpose for this destination, -1 when it does not.
func stateOf(r *event.Record, n *Need, purpose string) int {
	if n.Vendor.Publisher {
		for i := range r.States {
			if own, ok := strings.CutPrefix(r.States[i].Purpose, publisherPrefix); ok && own == purpose {
				return i
			}
		}
	}
	for i := range r.States {
		if r.States[i].Purpose == purpose {
			return i
		}
	}
	return -1
}

// flagged returns the flags whose purposes are not granted: those that the vendor is sent.
func flagged(n *Need, r *event.Record) []Flag {
	var sent []Flag
	for i := range n.Flags {
		f := n.Flags[i : i+1 : i+1]
		at := stateOf(r, n, f[0].Purpose)
		switch {
		case at >= 0 && r.States[at].State == granted:
			continue
		case at >= 0 && r.States[at].Purpose != f[0].Purpose: // of the publisher's part
			f = []Flag{{Purpose: r.States[at].Purpose, Sets: f[0].Sets}}
		}
		if sent == nil {
			sent = f
		} else {
			sent = append(sent, f...)
		}
	}
	return sent
}
