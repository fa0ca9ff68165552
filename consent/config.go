package consent

import (
	"fmt"
	"slices"
	"time"

	"headgate/consent/google"
	"headgate/consent/iab"
	"headgate/document"
	"headgate/event/wire"
)

// Config is the `consent:` section of the configuration.
type Config struct {
	At            document.Place               `yaml:"-"`
	Mode          document.Words               `yaml:"mode" choices:"enforce,monitor" help:"enforce; or monitor: decide and record, but deliver anyway" example:"enforce"`
	Combine       document.Words               `yaml:"combine" choices:"strictest,first" help:"strictest: any denial denies; or first: the first listed source that knows" example:"strictest"`
	Sources       Names                        `yaml:"sources" help:"the kinds of signals that are believed, in order; auto takes all" example:"[event, tcf, cmp, google, gpp, usp, gpc]"`
	CMP           document.Ordered[CMP]        `yaml:"cmp" help:"what the categories of a consent tool mean at this site" example:"{onetrust: {map: {C0002: analytics}}}"`
	Regions       Regions                      `yaml:"regions" help:"which rule holds where"`
	Redact        document.Ordered[Profile]    `yaml:"redact" help:"the site's own redaction profiles, by name" example:"{partner: {id: rotate, contact: drop}}"`
	Record        Keep                         `yaml:"record" help:"how long decisions are kept as proof"`
	Purposes      document.Ordered[OwnPurpose] `yaml:"purposes" help:"the site's own purposes, in addition to the six" example:"{surveys: {opt_out: true}}"`
	MaxAge        document.Duration            `yaml:"max_age" help:"an answer older than this no longer counts" example:"395d"`
	P1NotRequired []document.Words             `yaml:"p1_not_required" help:"publisher countries where TCF purpose 1 needs no consent" example:"[DE]"`
	Scrub         Names                        `yaml:"scrub" help:"where personal data is looked for and taken out before storage: urls, texts" example:"[urls, texts]"`
}

// CMP says what a consent tool's own categories, services or vendors mean.
type CMP struct {
	Cookie document.Words          `yaml:"cookie" help:"the cookie's name, where the site chose its own" example:"klaro"`
	Map    document.Ordered[Names] `yaml:"map" help:"category, service or vendor: purpose or list of purposes" example:"{C0004: [ads, personalized_ads]}"`
}

// OwnPurpose is a purpose of the site's own, with what the standards call it.
type OwnPurpose struct {
	At     document.Place `yaml:"-"`
	Help   string         `yaml:"help" help:"what it is for, for people" example:"customer surveys"`
	TCF    []int          `yaml:"tcf" help:"TCF purposes that must all be consented to" example:"[1, 9]"`
	Google Names          `yaml:"google" help:"Google's consent types that must all be granted" example:"[analytics_storage]"`
	OptOut bool           `yaml:"opt_out" help:"whether a US opt-out denies it" example:"true"`
}

// Keep says how long decisions are kept.
type Keep struct {
	Keep document.Duration `yaml:"keep" help:"consent, and the time after it in which it may have to be proved" example:"5y"`
}

// Defaults are what holds without a `consent:` section.
func Defaults() Config {
	return Config{
		Mode:    document.Words{Value: "enforce"},
		Combine: document.Words{Value: "strictest"},
		Sources: words(families...),
		Regions: defaultRegions(),
		Record:  Keep{document.Duration(5 * 365 * 24 * time.Hour)},
		MaxAge:  document.Duration(395 * 24 * time.Hour),
		Scrub:   words("urls", "texts"),
	}
}

// SetDefaults makes the zero Config the default one, for document.Decode.
func (c *Config) SetDefaults() { *c = Defaults() }

func (c *Config) check(ms *document.Mistakes) {
	oneOf(ms, "mode", c.Mode, "enforce", "monitor")
	oneOf(ms, "combine", c.Combine, "strictest", "first")
	for _, country := range c.P1NotRequired {
		if wire.Country(country.Value) == "" {
			ms.Add(country.At, fmt.Sprintf("%q is no country", country.Value), "write the two capital letters of ISO 3166: DE")
		}
	}
}

func (c *Config) compilePurposes(ms *document.Mistakes) []purpose {
	out := slices.Clone(builtInPurposes)
	for _, e := range c.Purposes {
		own := purpose{name: e.Key, optOut: e.Value.OptOut, targeted: e.Value.OptOut}
		switch {
		case slices.ContainsFunc(out, func(p purpose) bool { return p.name == e.Key }):
			ms.Add(e.At, fmt.Sprintf("the purpose %q is there already", e.Key), "choose another name, or use it as it is")
		case !isPurposeName(e.Key):
			ms.Add(e.At, fmt.Sprintf("%q is no name for a purpose", e.Key), "use small letters, digits and _")
		case len(out) == maxPurposes:
			ms.Add(e.At, fmt.Sprintf("more than %d purposes", maxPurposes), "")
			return out
		}
		for _, n := range e.Value.TCF {
			if n < 1 || n > 24 {
				ms.Add(e.Value.At, fmt.Sprintf("TCF has no purpose %d", n), "they count from 1 to 24")
				continue
			}
			own.tcf |= iab.Purposes(n)
		}
		for _, w := range e.Value.Google {
			t := google.Named(w.Value)
			if t == 0 {
				ms.Add(w.At, fmt.Sprintf("Google has no consent type %q", w.Value), document.Suggestion(w.Value, google.Names))
			}
			own.google |= t
		}
		out = append(out, own)
	}
	return out
}

func isPurposeName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

func (c *Config) compileSources(ms *document.Mistakes) map[string]int {
	ranks := map[string]int{}
	for _, w := range c.Sources {
		switch _, twice := ranks[w.Value]; {
		case w.Value == "auto" && len(c.Sources) == 1:
			for i, f := range families {
				ranks[f] = i
			}
		case !slices.Contains(families, w.Value):
			ms.Add(w.At, fmt.Sprintf("no source of consent is called %q", w.Value), document.DidYouMean(w.Value, families))
		case twice:
			ms.Add(w.At, fmt.Sprintf("the source %q is listed twice", w.Value), "")
		default:
			ranks[w.Value] = len(ranks)
		}
	}
	return ranks
}
