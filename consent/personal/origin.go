package personal

import (
	"net/netip"

	"headgate/event"
)

// Origin is a request and one of its events as they came: before an id was taken back, an address was truncated, or a rule
// copied anything. What is taken out of the event is looked for by these values.
type Origin struct {
	Hit     *event.Hit
	Event   event.Event
	Address event.AddressRule // how much of its address anybody may have

	read    *event.Hit // whose headers were read
	ofHit   []netip.Addr
	trail   trail // of Clean: memory that is used again
	cleaner cleaner
	glance  glance
}

// Reset makes an Origin forget its request and event, and keep the memory that it works with.
func (o *Origin) Reset() {
	o.Hit, o.Event, o.Address, o.read, o.cleaner, o.glance = nil, event.Event{}, event.KeepAddress, nil, cleaner{}, glance{}
	o.ofHit = o.ofHit[:0]
	o.trail.reset()
}

// hitAddresses are the addresses that a request came from or says that it came from.
func (o *Origin) hitAddresses() []netip.Addr {
	if o.Hit == o.read {
		return o.ofHit
	}
	o.read, o.ofHit = o.Hit, o.ofHit[:0]
	if o.Hit.Address.IsValid() {
		o.ofHit = append(o.ofHit, o.Hit.Address)
	}
	for _, s := range o.Hit.Stated {
		if s.Meaning&event.AddressKey != 0 {
			o.addStated(s.Value)
		}
	}
	for i := range o.Hit.Headers {
		if h := &o.Hit.Headers[i]; event.MeaningOf(h.Name)&event.AddressKey != 0 {
			o.addStated(h.Value)
		}
	}
	return o.ofHit
}

func (o *Origin) addStated(text string) {
	eachAddress(text, func(_, _ int, a netip.Addr) bool {
		o.ofHit = append(o.ofHit, a)
		return true
	})
}
