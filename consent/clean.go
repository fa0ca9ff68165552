package consent

import "headgate/event"

// Clean takes out of an event what nobody may have of it, wherever the client or a rule has put it: the whole network address,
// unless the origin says that it is kept, and click ids where ads are refused. It comes after the rules. What it changes is
// copied, since events may share it.
func (p *Policy) Clean(e *event.Event, from *Origin) {
	t, c := &from.trail, &from.cleaner
	t.reset()
	*c = cleaner{trail: t}
	if granted, _ := e.Consent.Get(Ads).Bool(); !granted && !p.monitor {
		c.gone |= event.ClickKey
		t.learn(&from.Event, event.ClickKey)
		e.Campaign.ClickIDs = nil
		e.Cookies = withoutClicks(e.Cookies)
	}
	if from.Address == event.DropAddress {
		c.gone |= event.AddressKey
	}
	if from.Address != event.KeepAddress {
		t.truncate = from.Address == event.TruncateAddress
		for _, a := range from.hitAddresses() {
			t.addAddress(a)
		}
		t.addAddresses(from.Event.Device.IP)
		seen, known := from.look(e), len(t.addresses)
		if c.gone == 0 && !seen.any {
			return
		}
		t.learnAddresses(&from.Event)
		if !sameMap(e.Params, from.Event.Params) {
			t.learnAddresses(e)
		}
		if c.gone == 0 && !seen.known && len(t.addresses) == known {
			return
		}
	}
	if c.gone == 0 && t.empty() {
		return
	}
	w := rewriter{with: c, gone: c.gone}
	w.all(e)
	if t.clean(e.ID) != e.ID {
		e.ID = p.disguised(e.ID)
	}
}

// look takes a glance at the texts of an event, for the addresses that the trail knows.
func (o *Origin) look(e *event.Event) *glance {
	o.glance = glance{addresses: o.trail.addresses}
	w := rewriter{with: &o.glance}
	w.all(e)
	o.glance.change(e.ID)
	return &o.glance
}

// sameMap reports whether two maps are one: rules write to a copy.
func sameMap(a, b event.Map) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }
