package consent

import (
	"hash/maphash"
	"slices"
	"strings"

	"headgate/event"
)

// judgement is an outcome with all that it followed from.
type judgement struct {
	need    Need
	rule    string
	model   string
	monitor bool
	states  []event.State  // of the purposes and the vendor that the need names
	signals []event.Signal // shared with the record: what a refusal says depends on them, never whether there is one
	outcome event.Outcome
}

// Judge decides whether a destination with this need may have an event with this record. It reads nothing but its
// arguments. Under `mode: monitor` the action is to deliver; reason and sentence say what would have been. Only who is on the
// suppression list is stopped all the same.
func (p *Policy) Judge(r *event.Record, n *Need) event.Outcome {
	sum := judgementSum(p.judged.seed(), r, n)
	if j := p.judged.get(sum); j != nil && j.of(r, n) {
		return j.outcome
	}
	out := judge(r, n)
	j := &judgement{need: *n, rule: r.Rule, model: r.Model, monitor: r.Monitor}
	j.states = make([]event.State, 0, len(n.Purposes)+len(n.AnyOf)+1)
	for i := range r.States {
		if n.asks(r.States[i].Purpose) {
			j.states = append(j.states, r.States[i])
		}
	}
	if out.Reason != event.Delivered || n.Vendor.named() {
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

// asks reports whether an outcome depends on a state: one of the need's purposes, or one of a vendor or publisher.
func (n *Need) asks(purpose string) bool {
	for i := range n.Purposes {
		if n.Purposes[i] == purpose {
			return true
		}
	}
	for i := range n.AnyOf {
		if n.AnyOf[i] == purpose {
			return true
		}
	}
	return n.None || n.Vendor.named() && strings.IndexByte(purpose, ':') >= 0
}

// judgementSum tells judgements apart well enough for the cache; of compares exactly.
func judgementSum(seed maphash.Seed, r *event.Record, n *Need) uint64 {
	sum := uint64(n.Vendor.TCF)<<32 ^ uint64(n.Vendor.AC)<<16 ^ uint64(len(n.Vendor.Consent)+8*len(n.Refused.Redact)+64*len(n.Reason))
	for _, purposes := range [2][]string{n.Purposes, n.AnyOf} {
		sum = sum*31 + uint64(len(purposes))
		for i := range purposes {
			sum = sum*31 + uint64(len(purposes[i]))
		}
	}
	for i := range r.States {
		if s := &r.States[i]; n.asks(s.Purpose) {
			sum = sum*31 + maphash.String(seed, s.Source)
		}
	}
	return sum
}

func (j *judgement) of(r *event.Record, n *Need) bool {
	if j.rule != r.Rule || j.model != r.Model || j.monitor != r.Monitor || !j.need.same(n) {
		return false
	}
	k := 0
	for i := range r.States {
		if !n.asks(r.States[i].Purpose) {
			continue
		}
		if k == len(j.states) || r.States[i] != j.states[k] {
			return false
		}
		k++
	}
	return k == len(j.states) && (j.signals == nil || slices.Equal(j.signals, r.Signals))
}

func (n *Need) same(o *Need) bool {
	return n.None == o.None && n.Reason == o.Reason && n.Refused.Redact == o.Refused.Redact &&
		slices.Equal(n.Purposes, o.Purposes) && slices.Equal(n.AnyOf, o.AnyOf) && n.Vendor.same(&o.Vendor)
}

func (v *Vendor) same(o *Vendor) bool {
	return v.TCF == o.TCF && v.AC == o.AC && v.Publisher == o.Publisher && slices.Equal(v.Consent, o.Consent) &&
		slices.Equal(v.LI, o.LI)
}

// judge is Judge without memory and mode.
func judge(r *event.Record, n *Need) event.Outcome {
	if n.None {
		// What needs no consent is still not for those who must not be tracked at all.
		for i := range r.States {
			if s := &r.States[i]; s.State != granted && reasonOf(r, s) == event.Suppressed {
				return n.refuse(event.Suppressed, "stopped by "+s.Source)
			}
		}
		return event.Outcome{Action: event.Deliver, Reason: event.Delivered, Because: "needs no consent: " + n.Reason}
	}
	if len(n.Purposes) == 0 && len(n.AnyOf) == 0 {
		return n.refuse(event.NoChoice, "the destination does not say what consent it needs")
	}
	var refused, allowed []event.State
	for _, purpose := range n.Purposes {
		if s := stateOf(r, n, purpose); s.State == granted {
			allowed = append(allowed, s)
		} else {
			refused = append(refused, s)
		}
	}
	var others []event.State
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
		return n.refuse(reason, because)
	}
	if because := vendorRefusal(r, n); because != "" {
		return n.refuse(event.VendorDenied, because)
	}
	return event.Outcome{Action: event.Deliver, Reason: event.Delivered, Because: sentence(allowed)}
}

// refuse is the outcome for an event that consent refuses.
func (n *Need) refuse(reason event.Reason, because string) event.Outcome {
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

// vendorRefusal says why a TC string does not allow the destination's vendor, "" when it does or there is none.
func vendorRefusal(r *event.Record, n *Need) string {
	if !n.Vendor.named() || n.Vendor.Publisher {
		return ""
	}
	key := n.Vendor.key()
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
			return s.Name + " was not asked about this vendor when the event came"
		}
	}
	return ""
}
