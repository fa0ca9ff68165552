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
		seen := &from.glance
		*seen = glance{addresses: t.addresses}
		if seen.event(e); c.gone == 0 && !seen.any {
			return
		}
		known, ruled := len(t.addresses), !sameMap(e.Params, from.Event.Params)
		if seen.named || ruled {
			t.learnAddresses(&from.Event)
		}
		if seen.named && ruled {
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
	w.event(e)
	e.User.Traits, _ = w.object(e.User.Traits)
	if t.clean(e.ID) != e.ID {
		e.ID = p.disguised(e.ID)
	}
}

// sameMap reports whether two maps are one: rules write to a copy.
func sameMap(a, b event.Map) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }
