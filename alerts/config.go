package alerts

import (
	"slices"
	"time"

	"headgate/document"
)

// everyKind stands for all kinds.
const everyKind = "all"

// Config is the section `alerts:`. Everything is on where it is left out.
type Config struct {
	At    document.Place    `yaml:"-"`
	To    []document.Words  `yaml:"to" help:"Destinations that alerts are sent to; never one for ads. Without any they are at /alerts, /api/alerts and in the metrics only" example:"[slack, hook]"`
	Quiet document.Duration `yaml:"quiet" help:"How long after a message about an alert no other is sent when it comes back" example:"1h"`
	Off   []document.Words  `yaml:"off" help:"Kinds that are not looked for, or all: volume, destination_halted, destination, destination_lag, dead_letters, consent, signals, rules, fields, funnel, duplicates, clock, disk, log_damage, certificate, token, api_version" example:"[duplicates]"`

	Drop        document.Percent  `yaml:"drop" help:"volume: how much less than usual has to come" example:"50%"`
	Usual       int               `yaml:"usual" help:"volume: how many have to be usual in a span of time to compare it" example:"20"`
	Success     document.Percent  `yaml:"success" help:"destination: the share of deliveries that has to succeed, over ten minutes" example:"95%"`
	Lag         document.Duration `yaml:"lag" help:"destination_lag: how old a pending event may be, beside what its batch waits" example:"15m"`
	DeadLetters int               `yaml:"dead_letters" help:"dead_letters: how many new ones in half an hour are too many" example:"10"`
	Consent     document.Percent  `yaml:"consent" help:"consent: how much of itself the share that grants a purpose may move" example:"25%"`
	Signals     document.Percent  `yaml:"signals" help:"signals: which share of a signal may be unreadable" example:"5%"`
	Rules       document.Percent  `yaml:"rules" help:"rules: how many more of the events a filter may leave out than usual" example:"25%"`
	Fields      document.Percent  `yaml:"fields" help:"fields: how much of itself the share of events with a field may fall" example:"25%"`
	Funnels     document.Percent  `yaml:"funnels" help:"funnel: how much of itself the share of visitors that goes on to a step of a funnel may fall" example:"25%"`
	Duplicates  document.Percent  `yaml:"duplicates" help:"duplicates: which share of the events may come twice" example:"5%"`
	Clock       document.Percent  `yaml:"clock" help:"clock: which share of a source's events may have a time that is a minute or more wrong" example:"50%"`
	Disk        document.Percent  `yaml:"disk" help:"disk: how much of the volume with the data folder has to be free" example:"5%"`
	Expiry      document.Duration `yaml:"expiry" help:"certificate, token, api_version: how long before the end" example:"14d"`
}

// Defaults is the section of a configuration that has none.
func Defaults() Config {
	return Config{
		Quiet: document.Duration(time.Hour), Drop: 0.5, Usual: 20, Success: 0.95, Lag: document.Duration(15 * time.Minute), DeadLetters: 10,
		Consent: 0.25, Signals: 0.05, Rules: 0.25, Fields: 0.25, Funnels: 0.25, Duplicates: 0.05, Clock: 0.5, Disk: 0.05, Expiry: document.Duration(14 * 24 * time.Hour),
	}
}

// SetDefaults makes a section that is written in part take the rest from Defaults.
func (c *Config) SetDefaults() { *c = Defaults() }

// Check returns what is wrong with c, all of it. What is said of destinations is checked by those who know them.
func (c *Config) Check() (ms document.Mistakes) {
	for _, kind := range c.Off {
		if kind.Value != everyKind && !slices.Contains(Kinds(), kind.Value) {
			ms.Add(kind.At, "alerts.off: no kind of alerts is called "+kind.Value, document.OneOf(kind.Value, append(Kinds(), everyKind)))
		}
	}
	if c.Usual < 1 {
		ms.Add(c.At, "alerts.usual has to be 1 or more", "write usual: 20, or off: [volume]")
	}
	if c.DeadLetters < 1 {
		ms.Add(c.At, "alerts.dead_letters has to be 1 or more", "write dead_letters: 10, or off: [dead_letters]")
	}
	for _, one := range []struct {
		name  string
		share document.Percent
		kind  string
	}{
		{"drop", c.Drop, Volume}, {"success", c.Success, Failing}, {"consent", c.Consent, Consent}, {"signals", c.Signals, Signals}, {"rules", c.Rules, Rules},
		{"fields", c.Fields, Fields}, {"funnels", c.Funnels, Funnel}, {"duplicates", c.Duplicates, Duplicates}, {"clock", c.Clock, Clock}, {"disk", c.Disk, Disk},
	} {
		if one.share <= 0 || one.share > 1 {
			ms.Add(c.At, "alerts."+one.name+" has to be more than 0%", "write a share such as 25%, or off: ["+one.kind+"]")
		}
	}
	return ms
}

// IsOff reports whether a kind is not looked for.
func (c *Config) IsOff(kind string) bool {
	return slices.ContainsFunc(c.Off, func(w document.Words) bool { return w.Value == kind || w.Value == everyKind })
}
