package consent

import (
	"fmt"
	"slices"
	"time"

	"headgate/consent/cmp"
	"headgate/consent/google"
	"headgate/consent/iab"
	"headgate/consent/personal"
	"headgate/consent/region"
	"headgate/consent/signals"
	"headgate/document"
	"headgate/event/wire"
)

// Config is the `consent:` section of the configuration.
type Config struct {
	At            document.Place               `yaml:"-"`
	Mode          document.Words               `yaml:"mode" choices:"enforce,monitor" help:"enforce; or monitor: decide and record, but deliver anyway" example:"enforce"`
	Combine       document.Words               `yaml:"combine" choices:"strictest,first" help:"strictest: any denial denies; or first: the first listed source that knows" example:"strictest"`
	Sources       document.WordList            `yaml:"sources" help:"the kinds of signals that are believed, in order; auto takes all" example:"[event, tcf, cmp, google, gpp, usp, gpc]"`
	CMP           document.Ordered[CMP]        `yaml:"cmp" help:"what the categories of a consent tool mean at this site" example:"{onetrust: {map: {C0002: analytics}}}"`
	Regions       region.Config                `yaml:"regions" help:"which rule holds where"`
	Redact        document.Ordered[Profile]    `yaml:"redact" help:"the site's own redaction profiles, by name" example:"{partner: {id: rotate, contact: drop}}"`
	Record        Keep                         `yaml:"record" help:"how long decisions are kept as proof"`
	Purposes      document.Ordered[OwnPurpose] `yaml:"purposes" help:"the site's own purposes, in addition to the six" example:"{surveys: {opt_out: true}}"`
	MaxAge        document.Duration            `yaml:"max_age" help:"an answer older than this no longer counts" example:"395d"`
	P1NotRequired []document.Words             `yaml:"p1_not_required" help:"publisher countries where TCF purpose 1 needs no consent" example:"[DE]"`
	Scrub         document.WordList            `yaml:"scrub" help:"where personal data is looked for and taken out before storage: urls, texts" example:"[urls, texts]"`
}

// CMP says what a consent tool's own categories, services or vendors mean.
type CMP struct {
	Cookie document.Words                      `yaml:"cookie" help:"the cookie's name, where the site chose its own" example:"klaro"`
	Map    document.Ordered[document.WordList] `yaml:"map" help:"category, service or vendor: purpose or list of purposes" example:"{C0004: [ads, personalized_ads]}"`
}

// OwnPurpose is a purpose of the site's own, with what the standards call it.
type OwnPurpose struct {
	At     document.Place    `yaml:"-"`
	Help   string            `yaml:"help" help:"what it is for, for people" example:"customer surveys"`
	TCF    []int             `yaml:"tcf" help:"TCF purposes that must all be consented to" example:"[1, 9]"`
	Google document.WordList `yaml:"google" help:"Google's consent types that must all be granted" example:"[analytics_storage]"`
	OptOut bool              `yaml:"opt_out" help:"whether a US opt-out denies it" example:"true"`
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
		Sources: document.ListOfWords(signals.Families...),
		Regions: region.Defaults(),
		Record:  Keep{document.Duration(5 * 365 * 24 * time.Hour)},
		MaxAge:  document.Duration(395 * 24 * time.Hour),
		Scrub:   document.ListOfWords("urls", "texts"),
	}
}

// SetDefaults makes the zero Config the default one, for document.Decode.
func (c *Config) SetDefaults() { *c = Defaults() }

func (c *Config) check(ms *document.Mistakes) {
	c.Mode.CheckOneOf(ms, "mode", "enforce", "monitor")
	c.Combine.CheckOneOf(ms, "combine", "strictest", "first")
	for _, country := range c.P1NotRequired {
		if wire.Country(country.Value) == "" {
			ms.Add(country.At, fmt.Sprintf("%q is no country", country.Value), "write the two capital letters of ISO 3166: DE")
		}
	}
}

func (c *Config) compilePurposes(ms *document.Mistakes) []signals.Purpose {
	out := slices.Clone(signals.BuiltInPurposes)
	for _, e := range c.Purposes {
		own := signals.Purpose{Name: e.Key, OptOut: e.Value.OptOut, Targeted: e.Value.OptOut}
		switch {
		case slices.ContainsFunc(out, func(p signals.Purpose) bool { return p.Name == e.Key }):
			ms.Add(e.At, fmt.Sprintf("the purpose %q is there already", e.Key), "choose another name, or use it as it is")
		case !isPurposeName(e.Key):
			ms.Add(e.At, fmt.Sprintf("%q is no name for a purpose", e.Key), "use small letters, digits and _")
		case len(out) == signals.MaxPurposes:
			ms.Add(e.At, fmt.Sprintf("more than %d purposes", signals.MaxPurposes), "")
			return out
		}
		for _, n := range e.Value.TCF {
			if n < 1 || n > 24 {
				ms.Add(e.Value.At, fmt.Sprintf("TCF has no purpose %d", n), "they count from 1 to 24")
				continue
			}
			own.TCF |= iab.Purposes(n)
		}
		for _, w := range e.Value.Google {
			t := google.Named(w.Value)
			if t == 0 {
				ms.Add(w.At, fmt.Sprintf("Google has no consent type %q", w.Value), document.Suggestion(w.Value, google.Names))
			}
			own.Google |= t
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
			for i, f := range signals.Families {
				ranks[f] = i
			}
		case !slices.Contains(signals.Families, w.Value):
			ms.Add(w.At, fmt.Sprintf("no source of consent is called %q", w.Value), document.DidYouMean(w.Value, signals.Families))
		case twice:
			ms.Add(w.At, fmt.Sprintf("the source %q is listed twice", w.Value), "")
		default:
			ranks[w.Value] = len(ranks)
		}
	}
	return ranks
}

// compileCMPs reads the site's own maps and cookie names.
func (c *Config) compileCMPs(v *signals.Vocabulary, suggest func(purpose string) string, ms *document.Mistakes) {
	known := v.Compile(func(tool string) string {
		own, _ := c.CMP.Get(tool)
		return own.Cookie.Value
	})
	for _, e := range c.CMP {
		if !slices.Contains(known, e.Key) && !cmp.Forwarded(e.Key) {
			ms.Add(e.At, fmt.Sprintf("no consent tool is called %q", e.Key), document.Suggestion(e.Key, known))
			continue
		}
		own := signals.CategoryMap{}
		for _, m := range e.Value.Map {
			for _, w := range m.Value {
				if i := v.Index(w.Value); i >= 0 {
					own[m.Key] |= 1 << i
				} else {
					ms.Add(w.At, fmt.Sprintf("no purpose is called %q", w.Value), suggest(w.Value))
				}
			}
		}
		v.Maps[e.Key] = own
	}
}

func (c *Config) compileScrub(ms *document.Mistakes) (s personal.Scrubbing) {
	for _, w := range c.Scrub {
		switch w.Value {
		case "urls":
			s.URLs = true
		case "texts":
			s.Texts = true
		case "none":
		default:
			ms.Add(w.At, fmt.Sprintf("personal data is not looked for in %q", w.Value), document.DidYouMean(w.Value, []string{"urls", "texts", "none"}))
		}
	}
	return s
}

func (c *Config) compileProfiles(ms *document.Mistakes) map[string]*personal.Profile {
	profiles := personal.BuiltIn()
	builtIn := personal.BuiltIn()
	for i := range c.Redact {
		e := &c.Redact[i]
		if builtIn[e.Key] != nil {
			ms.Add(e.At, fmt.Sprintf("the redaction profile %q is built in", e.Key), "choose another name")
			continue
		}
		e.Value.check(ms)
		profiles[e.Key] = e.Value.compile()
	}
	return profiles
}
