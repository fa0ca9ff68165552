package sources

import (
	"fmt"
	"slices"
	"strings"

	"headgate/document"
	"headgate/sources/catalog"
)

// Config is the `sources:` section: one key per protocol, and per webhook. When nothing is named, all protocols are read.
type Config struct {
	named    []section
	webhooks []Webhook
}

// section is one key of the configuration.
type section struct {
	of      *Declaration
	options options
}

// DecodeDocument reads the section. A protocol that is named with nothing after it takes its defaults, as with {}.
func (c *Config) DecodeDocument(n *document.Node) (mistakes document.Mistakes) {
	c.named, c.webhooks = nil, nil
	if n.Kind != document.Map && n.Kind != document.Null {
		return document.Decode(n, new(struct{})) // says what is wrong with it
	}
	all := Declared()
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name
		for _, f := range n.Fields {
			if f.Key != d.Name || isWebhook(f) {
				continue
			}
			if f.Value.Kind == document.Null {
				f.Value = &document.Node{At: f.Value.At, Kind: document.Map}
			}
			o, wrong := d.decode(f)
			mistakes = append(mistakes, wrong...)
			c.named = append(c.named, section{d, o})
		}
	}
	known := append(names, catalog.Names()...)
	for _, f := range n.Fields {
		switch {
		case isWebhook(f):
			mistakes = append(mistakes, c.decodeWebhook(f)...)
		case !slices.Contains(names, f.Key):
			mistakes.Add(f.At, fmt.Sprintf("unknown key %q", f.Key), document.DidYouMean(f.Key, known))
		}
	}
	return mistakes
}

// DocumentShape describes the section for editors and for the reference.
func (c *Config) DocumentShape() *document.Shape {
	webhook := Webhook{}
	webhook.SetDefaults()
	s := &document.Shape{Type: "object", Values: document.Schema(&webhook)}
	s.Values.Description = "A webhook, under a name of your own"
	for _, d := range Declared() {
		p := document.Schema(d.defaults())
		p.Description = d.Help
		s.Properties = append(s.Properties, document.Property{Key: d.Name, Shape: p})
	}
	return s
}

// sections are the protocols that are on: those that are named, or all, on their usual paths and with every write key.
func (c Config) sections() []section {
	if len(c.named)+len(c.webhooks) > 0 {
		return c.named
	}
	var all []section
	for _, d := range Declared() {
		all = append(all, section{d, d.defaults()})
	}
	return all
}

// toolbox is what the sources of one configuration share.
type toolbox struct {
	limits     Limits
	bodies     bodies
	json       jsonReader
	vocabulary *vocabulary
}

// Open builds the sources that a configuration names; webhook opens its webhooks. The mistakes are all that is wrong with it.
func Open(c Config, limits Limits, webhook Opener) ([]Source, document.Mistakes) {
	limits = limits.withDefaults()
	t := &toolbox{limits: limits, bodies: bodies{limit: limits.Body}, vocabulary: newVocabulary()}
	var r registry
	for _, s := range c.sections() {
		at, path := s.options.mount()
		*path = r.path(*path, at, s.of.Prefix)
		r.add(placed{s.of, s.of.open(s.options, t), s.of.Routes(*path)}, at)
	}
	c.openWebhooks(&r, t, webhook)
	return r.settle(), r.mistakes
}

// registry collects the sources and finds out who has which path.
type registry struct {
	placed   []placed
	owners   map[string]string // by method and path
	mistakes document.Mistakes
}

// placed is a source and the paths that it would like to have.
type placed struct {
	of       *Declaration
	protocol Protocol
	routes   []Route
}

// path checks a configured path and returns it as requests have it.
func (r *registry) path(path string, at document.Place, prefix bool) string {
	switch {
	case prefix && path == "":
	case !strings.HasPrefix(path, "/"):
		r.mistakes.Add(at, fmt.Sprintf("the path %q does not begin with a slash", path), fmt.Sprintf("write /%s", path))
	case strings.ContainsAny(path, "?#{ "):
		r.mistakes.Add(at, fmt.Sprintf("the path %q holds more than a path", path), "leave out what follows the path")
	case strings.Trim(path, "/") == "" && !prefix:
		r.mistakes.Add(at, "the path / would take every request", "write a path such as /e")
	}
	return strings.TrimRight(path, "/")
}

// add notes a source and the paths that are its own.
func (r *registry) add(s placed, at document.Place) {
	if r.owners == nil {
		r.owners = map[string]string{}
	}
	r.placed = append(r.placed, s)
	for i := range s.routes {
		route := &s.routes[i]
		if route.Spare || route.Last {
			continue
		}
		if owner := r.owner(route); owner != "" && owner != s.of.Name {
			r.mistakes.Add(at, fmt.Sprintf("%s and %s are both on %s", owner, s.of.Name, route.Path), "give one of them another path")
			return
		}
		r.own(route, s.of.Name)
	}
}

// owner is who has the path of a route for one of its methods, "" when nobody has.
func (r *registry) owner(route *Route) string {
	for method := range strings.FieldsSeq(route.Methods) {
		if owner := r.owners[method+" "+route.Path]; owner != "" {
			return owner
		}
	}
	return ""
}

func (r *registry) own(route *Route, name string) {
	for method := range strings.FieldsSeq(route.Methods) {
		r.owners[method+" "+route.Path] = name
	}
}

// settle makes the sources, and leaves their spare paths to those that are configured to have them.
func (r *registry) settle() []Source {
	kept := make([][]Route, len(r.placed))
	for _, last := range [...]bool{false, true} {
		for i, s := range r.placed {
			for k := range s.routes {
				route := &s.routes[k]
				if owner := r.owner(route); route.Last == last && (owner == "" || owner == s.of.Name) {
					r.own(route, s.of.Name)
					kept[i] = append(kept[i], *route)
				}
			}
		}
	}
	all := make([]Source, len(r.placed))
	for i, s := range r.placed {
		all[i] = s.of.on(kept[i], s.protocol)
	}
	return all
}
