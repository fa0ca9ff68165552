package destinations

import (
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event/needs"
	"headgate/rules"
)

// Config is one entry of destinations: in the configuration.
type Config struct {
	At       document.Place                  `yaml:"-"`
	Use      document.Words                  `yaml:"use" aka:"type,kind,driver,provider" help:"name in the catalogue; the key itself when left out" example:"meta"`
	Enabled  bool                            `yaml:"enabled" aka:"active,enable not disabled,disable,off" help:"false: checked, but nothing is sent" example:"true"`
	Settings *document.Node                  `yaml:"settings" aka:"config,options,params" others:"a destination's own settings" help:"what the destination asks for: headgate destinations NAME" example:"{pixel_id: \"1234567890\", access_token: \"${META_TOKEN}\"}"`
	When     document.Words                  `yaml:"when" aka:"if,condition,trigger,filter,where" help:"formula: which events" example:"params.value > 0"`
	Traffic  *Traffic                        `yaml:"traffic" help:"which classes of traffic: human, crawler, ai_crawler, agent, prefetch, data_centre; enrich.bots decides when left out. What an agent buys is never left out" example:"[human, agent]"`
	Events   document.Ordered[catalog.Names] `yaml:"events" help:"our event name: theirs; added to the catalogue's map, or instead of it; off leaves one out" example:"{sign_up: CompleteRegistration}"`
	Rules    []rules.Rule                    `yaml:"rules" help:"rules for this destination's copy only"`
	Consent  Consent                         `yaml:"consent" help:"tighter than the catalogue's; looser only with a reason"`
	Delivery DeliveryConfig                  `yaml:"delivery" help:"batches, limits, retries"`
}

// SetDefaults is called before an entry is read.
func (c *Config) SetDefaults() { c.Enabled = true }

// DeliveryConfig is how events are handed over; what is left out is as the catalogue says.
type DeliveryConfig struct {
	Batch    int               `yaml:"batch" help:"how many events are handed over together" example:"500"`
	Bytes    document.Size     `yaml:"bytes" help:"how long a request may be" example:"1MiB"`
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

// Consent is what a destination needs of consent.
type Consent struct {
	Needs   catalog.Needs `yaml:"needs" help:"purposes that must all be granted" example:"[ads]"`
	AnyOf   []string      `yaml:"any_of" help:"purposes of which one is enough, in addition to needs" example:"[ads, analytics]"`
	Refused needs.Refusal `yaml:"refused" help:"drop, or redact: PROFILE" example:"drop"`
	Vendor  *needs.Vendor `yaml:"vendor" help:"id in the Global Vendor List, or a map as in the catalogue, checked where a TCF string is present; -1 checks none" example:"793"`
	Reason  string        `yaml:"reason" help:"why it is looser than the catalogue's"`
}
