package sources

import (
	"fmt"
	"strings"

	"headgate/document"
)

// Config is the `sources:` section: one key per protocol. When no protocol is named, all of them are read.
type Config struct {
	Events  *EventsOptions  `yaml:"events" help:"Our own JSON: one event, a list, an envelope or JSON lines"`
	GA4     *GA4Options     `yaml:"ga4" help:"Browser hits of gtag.js and Google Tag Manager"`
	MP      *MPOptions      `yaml:"mp" help:"GA4 Measurement Protocol, from servers"`
	Pixel   *PixelOptions   `yaml:"pixel" help:"An image for mails and pages without scripts"`
	Segment *SegmentOptions `yaml:"segment" help:"Segment's HTTP API, for analytics.js and Segment's server libraries"`
}

// DecodeDocument reads the section. A protocol that is named with nothing after it takes its defaults, as with {}.
func (c *Config) DecodeDocument(n *document.Node) document.Mistakes {
	type plain Config
	named := *n
	named.Fields = make([]document.Field, len(n.Fields))
	for i, f := range n.Fields {
		if f.Value.Kind == document.Null {
			f.Value = &document.Node{At: f.Value.At, Kind: document.Map}
		}
		named.Fields[i] = f
	}
	return document.Decode(&named, (*plain)(c))
}

// withDefaults is the section that stands for no section: every protocol, on its usual path, with every write key.
func (c Config) withDefaults() Config {
	if c != (Config{}) {
		return c
	}
	c = Config{new(EventsOptions), new(GA4Options), new(MPOptions), new(PixelOptions), new(SegmentOptions)}
	for _, o := range []document.Defaulter{c.Events, c.GA4, c.MP, c.Pixel, c.Segment} {
		o.SetDefaults()
	}
	return c
}

// toolbox is what the sources of one configuration share.
type toolbox struct {
	limits     Limits
	bodies     bodies
	json       jsonReader
	vocabulary *vocabulary
}

// mounts are the exact paths that a source takes: its own, as configured, and spare ones, which it leaves to a source that
// is configured to have them.
type mounts struct{ own, spare []string }

type mounted interface {
	Source
	mounts() mounts
	yield(path string) // a spare path that another source has
}

// Open builds the sources that a configuration names. The mistakes are all that is wrong with it.
func Open(c Config, limits Limits) ([]Source, document.Mistakes) {
	c = c.withDefaults()
	limits = limits.withDefaults()
	t := &toolbox{limits: limits, bodies: bodies{limit: limits.Body}, vocabulary: newVocabulary()}
	var r registry
	if o := c.Events; o != nil {
		o.Path = r.path(o.Path, o.At)
		r.add(newEvents(*o, t), o.At)
	}
	if o := c.GA4; o != nil {
		o.Path = r.path(o.Path, o.At)
		r.add(newGA4(*o, t), o.At)
	}
	if o := c.MP; o != nil {
		o.Path = r.path(o.Path, o.At)
		r.add(newMP(*o, t), o.At)
	}
	if o := c.Pixel; o != nil {
		o.Path = r.path(o.Path, o.At)
		r.add(newPixel(*o, t), o.At)
	}
	if o := c.Segment; o != nil {
		o.Path = r.path(o.Path, o.At)
		r.add(newSegment(*o, t), o.At)
	}
	return r.settle(), r.mistakes
}

// registry collects the sources and finds out who has which path.
type registry struct {
	sources  []mounted
	owners   map[string]string
	mistakes document.Mistakes
}

// path checks a configured path and returns it as requests have it.
func (r *registry) path(path string, at document.Place) string {
	switch {
	case !strings.HasPrefix(path, "/"):
		r.mistakes.Add(at, fmt.Sprintf("the path %q does not begin with a slash", path), fmt.Sprintf("write /%s", path))
	case strings.ContainsAny(path, "?# "):
		r.mistakes.Add(at, fmt.Sprintf("the path %q holds more than a path", path), "leave out what follows the path")
	case strings.Trim(path, "/") == "":
		r.mistakes.Add(at, "the path / would take every request", "write a path such as /e")
	}
	return strings.TrimRight(path, "/")
}

func (r *registry) add(s mounted, at document.Place) {
	if r.owners == nil {
		r.owners = map[string]string{}
	}
	for _, path := range s.mounts().own {
		if owner, taken := r.owners[path]; taken {
			r.mistakes.Add(at, fmt.Sprintf("%s and %s are both on %s", owner, s.Name(), path), "give one of them another path")
			break
		}
		r.owners[path] = s.Name()
	}
	r.sources = append(r.sources, s)
}

func (r *registry) settle() []Source {
	all := make([]Source, len(r.sources))
	for i, s := range r.sources {
		for _, path := range s.mounts().spare {
			if _, taken := r.owners[path]; taken {
				s.yield(path)
				continue
			}
			r.owners[path] = s.Name()
		}
		all[i] = s
	}
	return all
}
