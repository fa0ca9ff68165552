package vendors_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/samples"
	"headgate/proxy/delivery"
	"headgate/proxy/status"
)

func vendors() []*vendor {
	return []*vendor{meta(), ga4(), ga4Validation(), googleAds(), tiktok(), linkedin(), pinterest(), snapchat(), reddit(), openai(), x(), microsoft(),
		amplitude(), mixpanel(), posthog(), braze(), klaviyo(),
		kinesis(), firehose(), sqs(), pubsub(), eventHubs()}
}

// drive is one program with every vendor as a destination, and what it must have accounted for so far.
type drive struct {
	*process
	fakes []*fake
	want  map[string]status.Destination
}

func TestEveryVendorGetsWhatItsDocumentationAsksForAndIsUnderstood(t *testing.T) {
	t.Parallel()
	d := &drive{want: map[string]status.Destination{}}
	var destinations strings.Builder
	for _, v := range vendors() {
		f := newFake(t, v)
		d.fakes = append(d.fakes, f)
		use := v.use
		if use == "" {
			use = v.name
		}
		fmt.Fprintf(&destinations, "  %s: {use: %s, delivery: {wait: 20ms}, settings: %s}\n", v.name, use, strings.ReplaceAll(v.settings, "%URL%", f.URL))
	}
	d.process = start(t, destinations.String())
	// One after the other: each begins with vendors that are well and nothing pending.
	t.Run("every sample is taken as it is or left out", d.everySample)
	t.Run("an access token that expired is renewed", d.tokenRenewed)
	t.Run("refused events are dead letters, the others of their batch are taken", d.refusals)
	t.Run("429 with Retry-After is waited for", func(t *testing.T) { d.outage(t, throttled) })
	t.Run("500 is tried again", func(t *testing.T) { d.outage(t, broken) })
	t.Run("expired credentials halt and lose nothing", d.halts)
}

func (d *drive) everySample(t *testing.T) {
	names := samples.Names()
	events := make([]*event.Event, len(names))
	for i, name := range names {
		events[i] = sample(t, name, "taken-"+strings.ReplaceAll(name, "_", "-"))
	}
	d.post(events)
	taken := map[*fake][]string{}
	for _, f := range d.fakes {
		want := d.want[f.vendor.name]
		for i, e := range events {
			switch {
			case !f.vendor.allowed(e):
				want.Denied++
			case !f.vendor.wants(e.Name, names[i]):
				want.Filtered++
			default:
				want.Delivered++
				taken[f] = append(taken[f], e.ID)
			}
		}
		d.want[f.vendor.name] = want
	}
	d.settled(t)
	for _, f := range d.fakes {
		d.took(t, f, taken[f])
	}
}

// allowed reports whether the visitor has granted all that the vendor needs.
func (v *vendor) allowed(e *event.Event) bool {
	for _, purpose := range strings.Fields(v.needs) {
		if granted, _ := e.Consent.Get(purpose).Bool(); !granted {
			return false
		}
	}
	return true
}

// wants reports whether the vendor knows an event of that name, and whose it is.
func (v *vendor) wants(name, sample string) bool {
	return (v.takes == "*" || slices.Contains(strings.Fields(v.takes), name)) && !slices.Contains(strings.Fields(v.lacks), sample)
}

// tokenRenewed: a token may be withdrawn before its time; nobody notices.
func (d *drive) tokenRenewed(t *testing.T) {
	for _, f := range d.fakes {
		if f.vendor.oauth != nil {
			f.expire()
		}
	}
	ids := d.purchases(t, "renewed-1")
	d.settled(t)
	for _, f := range d.fakes {
		d.took(t, f, ids)
		if n := f.granted(); f.vendor.oauth != nil && n != 2 {
			t.Errorf("%s gave out %d access tokens, not 2", f.vendor.name, n)
		}
	}
}

func (d *drive) refusals(t *testing.T) {
	good := []string{"beside-1", "beside-2", "beside-3"}
	bad := []string{"refused-1", "refused-2"}
	d.purchases(t, good[0], bad[0], good[1], bad[1], good[2])
	for _, f := range d.fakes {
		if f.vendor.refuse != nil { // the others take whatever comes
			d.expect(f, func(s *status.Destination) { s.Delivered -= 2; s.Rejected += 2 })
		}
	}
	d.settled(t)
	for _, f := range d.fakes {
		d.took(t, f, good)
		dead := d.dead(f.vendor.name)
		if f.vendor.refuse == nil {
			d.took(t, f, bad)
			continue
		}
		for _, id := range bad {
			if !strings.Contains(dead[id], f.vendor.why) {
				t.Errorf("%s: the dead letter of %s says %q, not %q", f.vendor.name, id, dead[id], f.vendor.why)
			}
			if n := f.times(id); n > 0 {
				t.Errorf("%s took %s, which it refused", f.vendor.name, id)
			}
		}
		if len(dead) != len(bad) {
			t.Errorf("%s has %d dead letters: %v", f.vendor.name, len(dead), dead)
		}
	}
}

// outage: all of a vendor's answers are bad for a while; its words show, and nothing is lost or doubled.
func (d *drive) outage(t *testing.T, m mode) {
	for _, f := range d.fakes {
		f.feel(m)
	}
	ids := d.purchases(t, fmt.Sprintf("outage-%d-1", m), fmt.Sprintf("outage-%d-2", m), fmt.Sprintf("outage-%d-3", m))
	for _, f := range d.fakes {
		d.Until(f.vendor.name+" has turned all away", func() bool { return f.turnedAway(ids) })
		words := map[mode]string{throttled: f.vendor.throttled.words, broken: f.vendor.broken.words}[m]
		d.Until(f.vendor.name+" shows "+words, func() bool { return strings.Contains(d.Status().Destinations[f.vendor.name].LastError, words) })
		if s := d.Status().Destinations[f.vendor.name]; s.Pending != int64(len(ids)) || s.State != delivery.Running {
			t.Errorf("%s is %s with %d pending", f.vendor.name, s.State, s.Pending)
		}
		f.feel(well)
	}
	d.settled(t)
	for _, f := range d.fakes {
		d.took(t, f, ids)
	}
}

func (d *drive) halts(t *testing.T) {
	for _, f := range d.fakes {
		f.feel(expired)
	}
	ids := d.purchases(t, "halted-1", "halted-2", "halted-3")
	for _, f := range d.fakes {
		name := f.vendor.name
		if f.vendor.expired.status == 0 {
			continue
		}
		d.Until(name+" is halted", func() bool { return d.Status().Destinations[name].State == delivery.Halted })
		d.Until(name+" keeps all of them", func() bool { return d.Status().Destinations[name].Pending == int64(len(ids)) })
		if s := d.Status().Destinations[name]; !strings.Contains(s.LastError, f.vendor.expired.words) {
			t.Errorf("%s: the last error is %q, not %q", name, s.LastError, f.vendor.expired.words)
		}
		f.feel(well)
		d.Ask("POST", "/api/destinations/"+name+"/resume", nil)
	}
	d.settled(t)
	for _, f := range d.fakes {
		d.took(t, f, ids)
	}
}

// purchases posts purchases with these ids, which every vendor is expected to take.
func (d *drive) purchases(t *testing.T, ids ...string) []string {
	t.Helper()
	var events []*event.Event
	for _, id := range ids {
		events = append(events, sample(t, "purchase", id))
	}
	d.post(events)
	for _, f := range d.fakes {
		d.expect(f, func(s *status.Destination) { s.Delivered += int64(len(ids)) })
	}
	return ids
}

func (d *drive) expect(f *fake, change func(*status.Destination)) {
	want := d.want[f.vendor.name]
	change(&want)
	d.want[f.vendor.name] = want
}

// settled waits until nothing is pending and compares the account of every destination with what is expected.
func (d *drive) settled(t *testing.T) {
	t.Helper()
	var s status.Status
	d.Until("has nothing pending", func() bool {
		s = d.Status()
		for _, f := range d.fakes {
			if faults := f.found(); len(faults) > 0 {
				t.Errorf("%s could not have taken:\n%s", f.vendor.name, strings.Join(faults, "\n"))
			}
			if s.Destinations[f.vendor.name].Pending > 0 {
				return false
			}
		}
		return true
	})
	for _, f := range d.fakes {
		got, want := s.Destinations[f.vendor.name], d.want[f.vendor.name]
		if got.Delivered != want.Delivered || got.Filtered != want.Filtered || got.Denied != want.Denied || got.Rejected != want.Rejected {
			t.Errorf("%s: delivered %d, filtered %d, denied %d, rejected %d, want %d, %d, %d, %d; dead: %v", f.vendor.name,
				got.Delivered, got.Filtered, got.Denied, got.Rejected, want.Delivered, want.Filtered, want.Denied, want.Rejected, d.dead(f.vendor.name))
		}
		if got.State != delivery.Running {
			t.Errorf("%s is %s: %s", f.vendor.name, got.State, got.LastError)
		}
	}
}

// took checks that a vendor has taken each of these events once.
func (d *drive) took(t *testing.T, f *fake, ids []string) {
	t.Helper()
	for _, id := range ids {
		if n := f.times(id); n != 1 {
			t.Errorf("%s took %s %d times", f.vendor.name, id, n)
		}
	}
}
