package personal

import (
	"net/netip"
	"slices"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
)

// Origin is a request and one of its events as they arrived: before an id was withdrawn, an address was truncated, or a rule
// copied anything. Its values are looked for when data is taken out of the event. An Origin is reused: Reset keeps the memory
// that Clean works with.
type Origin struct {
	Hit     *event.Hit
	Event   event.Event
	Address event.AddressRule // how much of the network address may be kept
	Clicks  bool              // click ids may be kept

	read    *event.Hit // whose headers were read
	ofHit   []netip.Addr
	looked  bool // glance is of Event
	glance  glance
	trail   trail // of Clean: memory that is used again
	cleaner cleaner
	found   patterns.Findings // of Scrubbing.Event: memory that is used again
}

// Reset drops the request and the event and keeps the memory for the next.
func (o *Origin) Reset() {
	o.Hit, o.Event, o.Address, o.Clicks, o.read, o.looked, o.cleaner = nil, event.Event{}, event.KeepAddress, false, nil, false, cleaner{}
	o.ofHit = o.ofHit[:0]
	o.trail.reset()
}

// noEvent is what came before the first look.
var noEvent event.Event

// Take notes another event of the request, as it arrived.
func (o *Origin) Take(e *event.Event) { o.Event, o.looked = *e, false }

// look returns what a glance at the event as it arrived saw.
func (o *Origin) look() *glance {
	if !o.looked {
		o.looked = true
		o.glance = glance{addresses: append(o.glance.addresses[:0], o.hitAddresses()...)}
		patterns.EachAddress(o.Event.Device.IP, func(_, _ int, a netip.Addr) bool {
			if !slices.Contains(o.glance.addresses, a) {
				o.glance.addresses = append(o.glance.addresses, a)
			}
			return true
		})
		o.glance.event(&o.Event, &noEvent)
	}
	return &o.glance
}

// hitAddresses returns the addresses that a request came from, or claims to come from.
func (o *Origin) hitAddresses() []netip.Addr {
	if o.Hit == o.read {
		return o.ofHit
	}
	o.read, o.ofHit = o.Hit, o.ofHit[:0]
	if o.Hit.Address.IsValid() {
		o.ofHit = append(o.ofHit, o.Hit.Address)
	}
	for _, s := range o.Hit.Stated {
		if s.Meaning&keys.Address != 0 {
			o.addStated(s.Value)
		}
	}
	for i := range o.Hit.Headers {
		if h := &o.Hit.Headers[i]; keys.MeaningOf(h.Name)&keys.Address != 0 {
			o.addStated(h.Value)
		}
	}
	return o.ofHit
}

func (o *Origin) addStated(text string) {
	patterns.EachAddress(text, func(_, _ int, a netip.Addr) bool {
		o.ofHit = append(o.ofHit, a)
		return true
	})
}
