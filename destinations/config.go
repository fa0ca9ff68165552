package destinations

import (
	"fmt"
	"math"
	"slices"
	"time"

	"headgate/document"
	"headgate/rules"
)

// Config is one entry of destinations: in the configuration.
type Config struct {
	At       document.Place          `yaml:"-"`
	Use      string                  `yaml:"use" help:"name in the catalogue; the key itself when left out" example:"meta"`
	Enabled  bool                    `yaml:"enabled" help:"false: checked, but nothing is sent" example:"true"`
	Settings *document.Node          `yaml:"settings" help:"what the destination asks for: headgate destinations NAME" example:"{pixel_id: \"1234567890\", access_token: \"${META_TOKEN}\"}"`
	When     document.Words          `yaml:"when" help:"formula: which events" example:"params.value > 0"`
	Events   document.Ordered[Names] `yaml:"events" help:"our event name: theirs; added to the catalogue's map, or instead of it; off leaves one out" example:"{sign_up: CompleteRegistration}"`
	Rules    []rules.Rule            `yaml:"rules" help:"rules for this destination's copy only"`
	Consent  Consent                 `yaml:"consent" help:"tighter than the catalogue's; looser only with a reason"`
	Delivery DeliveryConfig          `yaml:"delivery" help:"batches, limits, patience"`
}

// SetDefaults is called before an entry is read.
func (c *Config) SetDefaults() { c.Enabled = true }

// Consent is what a destination needs of consent.
type Consent struct {
	Needs   Needs    `yaml:"needs" help:"purposes that must all be granted" example:"[ads]"`
	AnyOf   []string `yaml:"any_of" help:"purposes of which one is enough, beside needs" example:"[ads, analytics]"`
	Refused Refused  `yaml:"refused" help:"drop, or redact: PROFILE" example:"drop"`
	Vendor  *Vendor  `yaml:"vendor" help:"id in the Global Vendor List, or a map as in the catalogue, checked where a TCF string is present; -1 checks none" example:"793"`
	Reason  string   `yaml:"reason" help:"why it is looser than the catalogue's"`
}

// DeliveryConfig is how events are handed over; what is left out is the catalogue's choice.
type DeliveryConfig struct {
	Batch    int               `yaml:"batch" help:"so many events together" example:"500"`
	Bytes    document.Size     `yaml:"bytes" help:"so long a request at most" example:"1MiB"`
	Wait     document.Duration `yaml:"wait" help:"how long the first event of a batch waits for others" example:"1s"`
	Timeout  document.Duration `yaml:"timeout" help:"how long an answer may take" example:"10s"`
	AtOnce   int               `yaml:"at_once" help:"requests in flight" example:"4"`
	Rate     document.Rate     `yaml:"rate" help:"requests a second; never more than the vendor takes" example:"50/s"`
	RetryFor document.Duration `yaml:"retry_for" help:"how long an event is tried before it is a dead letter" example:"72h"`
	MaxAge   document.Duration `yaml:"max_age" help:"older events are rejected; never more than the vendor takes" example:"7d"`
	Dedup    Dedup             `yaml:"dedup" help:"an event that arrives twice is sent once"`
}

// Dedup bounds the memory in which event ids are kept.
type Dedup struct {
	Window *document.Duration `yaml:"window" help:"how long an id is remembered after it was sent; 0 remembers none" example:"1h"`
	Max    int                `yaml:"max" help:"how many ids are remembered, the oldest forgotten first; the destinations share them, and the largest max counts" example:"2000000"`
}

// Delivery is how events are handed to a destination, everything decided.
type Delivery struct {
	Events   int           // so many are handed over together
	Request  int           // so many share a request; the same unless requests are by event or by key
	Bytes    int           // of a request, 0: no limit
	Wait     time.Duration // how long the first waits for others
	Timeout  time.Duration // of one try
	AtOnce   int           // requests in flight
	Rate     float64       // requests a second, 0: no limit
	RetryFor time.Duration
	MaxAge   time.Duration // 0: any age
	Dedup    struct {
		Window time.Duration // 0: ids are not remembered
		Max    int
	}
}

const (
	defaultTimeout  = 10 * time.Second
	defaultRetryFor = 72 * time.Hour
	defaultDedupMax = 2_000_000
	handedOver      = 250              // events handed over together where a request takes one event or one key
	slowly          = 10 * time.Second // with a rate, no more of them than go out in so long
)

// resolveDelivery puts what was written over what the catalogue says.
func (s *Spec) resolveDelivery(c DeliveryConfig, at document.Place) (d Delivery, ms document.Mistakes) {
	batch, grouped := Batch{Events: 1000, Wait: document.Duration(time.Second)}, false
	if len(s.Send) > 0 {
		batch = s.Send[0].Batch
		grouped = batch.By != nil || batch.Events <= 1
	}
	d.Request = max(batch.Events, 1)
	d.Events, d.AtOnce = d.Request, 4
	if grouped {
		d.Events, d.AtOnce = handedOver, 16
	}
	if c.Batch < 0 || c.AtOnce < 0 {
		ms.Add(at, "delivery: batch and at_once are 1 or more", "")
	}
	if c.Batch > 0 {
		most := max(batch.Max, d.Request)
		if s.Driver != "" {
			most = c.Batch
		}
		if c.Batch > most && !grouped {
			ms.Add(at, fmt.Sprintf("%s takes at most %d events in a request, not %d", s.Name, most, c.Batch), fmt.Sprintf("write batch: %d or less", most))
		}
		d.Events = c.Batch
		d.Request = min(c.Batch, most)
	}
	d.Bytes = smaller(batch.Bytes.Int(), c.Bytes.Int())
	d.Wait = first(c.Wait.Std(), batch.Wait.Std())
	d.Timeout = first(c.Timeout.Std(), defaultTimeout)
	d.AtOnce = first(c.AtOnce, d.AtOnce)
	if d.Rate = smaller(float64(s.Rate), float64(c.Rate)); d.Rate > 0 && grouped && c.Batch == 0 {
		d.Events = min(d.Events, int(math.Ceil(d.Rate*slowly.Seconds())))
	}
	d.RetryFor = first(c.RetryFor.Std(), defaultRetryFor)
	d.MaxAge = smaller(s.MaxAge.Std(), c.MaxAge.Std())
	d.Dedup.Max = first(c.Dedup.Max, defaultDedupMax)
	switch {
	case c.Dedup.Window != nil:
		d.Dedup.Window = c.Dedup.Window.Std()
	case s.Duplicates != "dropped":
		d.Dedup.Window = time.Hour
	}
	return d, ms
}

// first is the first that is not zero.
func first[T int | time.Duration](a, b T) T {
	if a != 0 {
		return a
	}
	return b
}

// smaller is the smaller of two limits, where 0 is none.
func smaller[T int | float64 | time.Duration](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// resolveConsent puts what was written over what the catalogue says, and refuses what is looser without a reason.
func (s *Spec) resolveConsent(c Consent, at document.Place, l *rules.Language) (out Consent, ms document.Mistakes) {
	out = Consent{Needs: s.Needs, AnyOf: s.AnyOf, Refused: s.Refused, Vendor: &s.Vendor, Reason: c.Reason}
	if c.Needs.Written {
		at = c.Needs.At
		for _, purpose := range s.Needs.Purposes {
			if !slices.Contains(c.Needs.Purposes, purpose) && c.Reason == "" && !s.flagged(purpose, l) {
				ms.Add(at, fmt.Sprintf("%s needs %s, and this leaves it out", s.Name, purpose), "add it, or write reason: why it may go without")
			}
		}
		out.Needs = c.Needs
	}
	if len(c.AnyOf) > 0 {
		if len(s.AnyOf) > 0 && c.Reason == "" && slices.ContainsFunc(c.AnyOf, func(p string) bool { return !slices.Contains(s.AnyOf, p) }) {
			ms.Add(at, fmt.Sprintf("%s needs one of %v, and this takes others", s.Name, s.AnyOf), "write reason: why they are enough")
		}
		out.AnyOf = c.AnyOf
	}
	if c.Refused.Written {
		if c.Refused.Profile != "" && s.Refused.Profile == "" && c.Reason == "" {
			ms.Add(at, fmt.Sprintf("%s is sent nothing without consent, and this sends it redacted events", s.Name), "write reason: why that is lawful")
		}
		out.Refused = c.Refused
	}
	switch {
	case c.Vendor == nil:
	case c.Vendor.TCF < 0:
		if c.Reason == "" {
			ms.Add(at, "the vendor is not checked without a reason", "write reason: why")
		}
		out.Vendor = &Vendor{}
	case !c.Vendor.only(s.Vendor.TCF):
		out.Vendor = c.Vendor
	}
	return out, ms
}

// ConsentOf is what an entry of the configuration needs of consent, though other things are wrong with it. The spec is nil
// when the catalogue does not have it, or does not say what consent it needs: both are reported elsewhere.
func (c *Catalog) ConsentOf(name string, entry Config, l *rules.Language) (Consent, *Spec) {
	spec := c.specs[orElse(entry.Use, name)]
	if spec == nil || !spec.Needs.Written && !entry.Consent.Needs.Written {
		return Consent{}, nil
	}
	consent, _ := spec.resolveConsent(entry.Consent, entry.At, l)
	return consent, spec
}

// flagged reports whether the vendor is always informed when a purpose is refused: an event may then go without it.
func (s *Spec) flagged(purpose string, l *rules.Language) bool {
	return slices.ContainsFunc(s.Flags, func(f Flag) bool { return s.FlagWithout(f, purpose, l) })
}

// FlagWithout reports whether a flag is set on every event without consent to a purpose.
func (s *Spec) FlagWithout(f Flag, purpose string, l *rules.Language) bool {
	when, ms := l.Formula(f.When, rules.DestinationScope(s.Settings.Keys()), rules.Truth)
	return len(ms) == 0 && when.HoldsWithout(purpose)
}
