package personal

import (
	"headgate/event"
	"headgate/event/keys"
)

// Clean takes out of an event what no destination may have, wherever the client or a rule has put it: the network address and the
// click ids, as far as the origin says. It runs after the rules. What it changes is copied, since events may share it.
func (w Redactor) Clean(e *event.Event, from *Origin) {
	t, c := &from.trail, &from.cleaner
	t.reset()
	*c = cleaner{trail: t}
	if !from.Clicks {
		c.gone |= keys.Click
		t.learn(&from.Event, keys.Click)
		t.learnClicks(from.Hit)
		e.Campaign.ClickIDs = nil
		e.Cookies = withoutClicks(e.Cookies)
	}
	if from.Address == event.DropAddress {
		c.gone |= keys.Address
	}
	if from.Address != event.KeepAddress {
		seen := *from.look()
		if seen.event(e, &from.Event); c.gone == 0 && !seen.any {
			return
		}
		t.truncate = from.Address == event.TruncateAddress
		for _, a := range seen.addresses {
			t.addAddress(a)
		}
		t.addAddresses(from.Event.Device.IP)
		known := len(t.addresses)
		if seen.named {
			t.learnAddresses(&from.Event)
			t.learnAddresses(e)
		}
		if c.gone == 0 && !seen.known && len(t.addresses) == known {
			return
		}
	}
	if c.gone == 0 && t.empty() {
		return
	}
	rewrite := rewriter{with: c, gone: c.gone}
	rewrite.event(e)
	e.User.Traits, _ = rewrite.object(e.User.Traits)
	if t.clean(e.ID) != e.ID {
		e.ID = w.disguised(e.ID)
	}
}

// sameMap reports whether two maps are one: rules write to a copy.
func sameMap(a, b event.Map) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

func sameItems(a, b []event.Item) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }
