package consent

import (
	"hash/maphash"
	"slices"
	"strings"

	"headgate/event"
)

// judgement is an outcome with all that it followed from.
type judgement struct {
	need    *Need
	rule    string
	model   string
	monitor bool
	states  []event.State  // of the purposes and the vendor that the need names
	signals []event.Signal // shared with the record: what a refusal says depends on them, never whether there is one
	outcome event.Outcome

	room [4]event.State // of states, where they are few
}

// Judge decides whether a destination with this need may have an event with this record. It reads nothing but its
// arguments, and the need must not change afterwards. Under `mode: monitor` the action is to deliver; reason and sentence
// say what would have been. Only who is on the suppression list is stopped all the same.
func (p *Policy) Judge(r *event.Record, n *Need) event.Outcome {
	var room [16]int
	asked := statesAsked(n, r, room[:0])
	sum := judgementSum(p.judged.seed(), r, n, asked)
	if j := p.judged.get(sum); j != nil && j.of(r, n, asked) {
		return j.outcome
	}
	out := judge(r, n)
	j := &judgement{need: n, rule: r.Rule, model: r.Model, monitor: r.Monitor}
	j.states = j.room[:0]
	for _, at := range asked {
		j.states = append(j.states, r.States[at])
	}
	if out.Reason != event.Delivered || isNamed(&n.Vendor) {
		j.signals = r.Signals
	}
	if r.Monitor && out.Reason != event.Delivered && out.Reason != event.Suppressed && out.Reason != event.Withdrawn {
		out.Action, out.Profile = event.Deliver, ""
		out.Because += " (monitored only: delivered all the same)"
	}
	j.outcome = out
	p.judged.put(sum, j)
	return out
}

// statesAsked appends where in a record the states stand that an outcome depends on: those of the need's purposes, and of vendors
// or the publisher where it names one.
func statesAsked(n *Need, r *event.Record, at []int) []int {
	for i := range n.Purposes {
		at = appendState(at, r, n.Purposes[i])
	}
	for i := range n.AnyOf {
		at = appendState(at, r, n.AnyOf[i])
	}
	for i := range n.Flags {
		at = appendState(at, r, n.Flags[i].Purpose)
	}
	if !n.None && !isNamed(&n.Vendor) {
		return at
	}
	for i := range r.States {
		if n.None || strings.IndexByte(r.States[i].Purpose, ':') >= 0 {
			at = append(at, i)
		}
	}
	return at
}

func appendState(at []int, r *event.Record, purpose string) []int {
	for i := range r.States {
		if r.States[i].Purpose == purpose {
			return append(at, i)
		}
	}
	return at
}

// judgementSum tells judgements apart well enough for the cache; of compares exactly.
func judgementSum(seed maphash.Seed, r *event.Record, n *Need, asked []int) uint64 {
	sum := uint64(n.Vendor.TCF)<<32 ^ uint64(n.Vendor.AC)<<16 ^ uint64(len(n.Vendor.Consent)+8*len(n.Refused.Redact)+64*len(n.Reason))
	for i := range n.Purposes {
		sum = sum*31 + uint64(len(n.Purposes[i]))
	}
	for i := range n.AnyOf {
		sum = sum*37 + uint64(len(n.AnyOf[i]))
	}
	for i, at := range asked {
		s := &r.States[at]
		sum = sum*31 + uint64(len(s.Source)+len(s.State)<<8)
		if i == 0 {
			sum ^= maphash.String(seed, s.Source)
		}
	}
	return sum
}

func (j *judgement) of(r *event.Record, n *Need, asked []int) bool {
	if len(asked) != len(j.states) || j.rule != r.Rule || j.model != r.Model || j.monitor != r.Monitor || !sameNeed(j.need, n) {
		return false
	}
	for i, at := range asked {
		if s, t := &r.States[at], &j.states[i]; s.State != t.State || s.Source != t.Source || s.Basis != t.Basis {
			return false
		}
	}
	return j.signals == nil || sameSignals(j.signals, r.Signals)
}

// sameSignals is quick for those of one record, which is what is mostly compared.
func sameSignals(a, b []event.Signal) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

func sameNeed(n, o *Need) bool {
	return n == o || n.None == o.None && n.Reason == o.Reason && n.Refused.Redact == o.Refused.Redact &&
		slices.Equal(n.Purposes, o.Purposes) && slices.Equal(n.AnyOf, o.AnyOf) && slices.Equal(n.Flags, o.Flags) && sameVendor(&n.Vendor, &o.Vendor)
}

func sameVendor(v, o *Vendor) bool {
	return v.TCF == o.TCF && v.AC == o.AC && v.Publisher == o.Publisher && slices.Equal(v.Consent, o.Consent) &&
		slices.Equal(v.LI, o.LI) && slices.Equal(v.Flexible, o.Flexible)
}

// judge is Judge without memory and mode.
func judge(r *event.Record, n *Need) event.Outcome {
	out := decide(r, n)
	if out.Action != event.Deny {
		out.Because += flagged(r, n)
	}
	return out
}

func decide(r *event.Record, n *Need) event.Outcome {
	if n.None {
		// What needs no consent is still not for those who must not be tracked at all.
		for i := range r.States {
			if s := &r.States[i]; s.State != granted && reasonOf(r, s) == event.Suppressed {
				return refuse(n, event.Suppressed, "stopped by "+s.Source)
			}
		}
		return event.Outcome{Action: event.Deliver, Reason: event.Delivered, Because: "needs no consent: " + n.Reason}
	}
	if len(n.Purposes) == 0 && len(n.AnyOf) == 0 {
		return refuse(n, event.NoChoice, "the destination does not say what consent it needs")
	}
	var refusedRoom, allowedRoom, otherRoom [4]event.State
	refused, allowed, others := refusedRoom[:0], allowedRoom[:0], otherRoom[:0]
	for _, purpose := range n.Purposes {
		if s := stateOf(r, n, purpose); s.State == granted {
			allowed = append(allowed, s)
		} else {
			refused = append(refused, s)
		}
	}
	anyGranted := len(n.AnyOf) == 0
	for _, purpose := range n.AnyOf {
		if s := stateOf(r, n, purpose); s.State == granted {
			allowed, anyGranted = append(allowed, s), true
			break
		} else {
			others = append(others, s)
		}
	}
	if !anyGranted {
		refused = append(refused, others...)
	}
	if len(refused) > 0 {
		reason, because := refusal(r, refused)
		return refuse(n, reason, because)
	}
	if because := vendorRefusal(r, n); because != "" {
		return refuse(n, event.VendorDenied, because)
	}
	return event.Outcome{Action: event.Deliver, Reason: event.Delivered, Because: sentence(allowed) + vendorAllowed(r, n)}
}

// refuse is the outcome for an event that consent refuses.
func refuse(n *Need, reason event.Reason, because string) event.Outcome {
	if n.Refused.Redact != "" && reason != event.Suppressed && reason != event.Withdrawn {
		return event.Outcome{Action: event.Redact, Reason: event.Redacted, Profile: n.Refused.Redact,
			Because: because + "; sent " + n.Refused.Redact}
	}
	return event.Outcome{Action: event.Deny, Reason: reason, Because: because}
}

// stateOf returns what a record says of a purpose for this destination. What it does not say is refused.
func stateOf(r *event.Record, n *Need, purpose string) event.State {
	if n.Vendor.Publisher {
		for i := range r.States {
			if s := r.States[i]; strings.HasPrefix(s.Purpose, publisherPrefix) && s.Purpose[len(publisherPrefix):] == purpose {
				s.Purpose = purpose
				return s
			}
		}
	}
	for i := range r.States {
		if r.States[i].Purpose == purpose {
			return r.States[i]
		}
	}
	return event.State{Purpose: purpose, State: denied, Basis: byPolicy, Source: "nothing was recorded about it"}
}

// flagged says what the vendor is told, and why: "; sent with data_processing_options=LDU, since sharing: opted out by ...".
func flagged(r *event.Record, n *Need) (why string) {
	for i := range n.Flags {
		if s := stateOf(r, n, n.Flags[i].Purpose); s.State != granted {
			why += "; sent with " + n.Flags[i].Sets + ", since " + sentenceOf(r, []event.State{s})
		}
	}
	return why
}

// vendorAllowed says that a TC string was asked about the destination's vendor and allows it, "" when there is none.
func vendorAllowed(r *event.Record, n *Need) string {
	if !isNamed(&n.Vendor) || n.Vendor.Publisher {
		return ""
	}
	key := vendorKey(&n.Vendor)
	for i := range r.States {
		if s := &r.States[i]; s.Purpose == key && s.State == granted {
			return "; " + s.Source + " allows " + vendorTitle(&n.Vendor)
		}
	}
	return ""
}

// vendorRefusal says why a TC string does not allow the destination's vendor, "" when it does or there is none.
func vendorRefusal(r *event.Record, n *Need) string {
	if !isNamed(&n.Vendor) || n.Vendor.Publisher {
		return ""
	}
	key := vendorKey(&n.Vendor)
	for i := range r.States {
		if s := &r.States[i]; s.Purpose == key {
			if s.State == granted {
				return ""
			}
			return s.Source
		}
	}
	for i := range r.Signals {
		if s := &r.Signals[i]; s.Source == familyTCF && s.Aside == "" {
			return s.Name + " was not asked about " + vendorTitle(&n.Vendor) + " when the event came"
		}
	}
	return ""
}
