package sources

import "headgate/document"

// Open builds the sources that a configuration names; webhook opens its webhooks. The mistakes are all that is wrong with it.
func Open(c Config, limits Limits, webhook Opener) ([]Source, document.Mistakes) {
	limits = limits.WithDefaults()
	var r registry
	for _, s := range c.sections() {
		at, path := s.options.Mount()
		if c, ok := s.options.(Checker); ok {
			r.mistakes = append(r.mistakes, c.Check()...)
		}
		*path = r.path(*path, at, s.of.Prefix)
		r.add(placed{s.of, s.of.open(s.options, limits), s.of.Routes(*path)}, at)
	}
	c.openWebhooks(&r, limits, webhook)
	return r.settle(), r.mistakes
}

// openWebhooks adds the webhooks to the registry.
func (c *Config) openWebhooks(r *registry, limits Limits, open Opener) {
	for i := range c.webhooks {
		w := &c.webhooks[i]
		if open == nil {
			r.mistakes.Add(w.At, "webhooks cannot be read here", "")
			continue
		}
		w.Path = r.path(w.Path, w.At, false)
		title, p, ms := open(w, limits)
		r.mistakes = append(r.mistakes, ms...)
		if p == nil {
			continue
		}
		d := &Declaration{
			Name: w.Name, Help: title, Speakers: Servers, Signed: true, Headers: None, Addresses: None, Agents: None,
			Routes: PostOnly,
		}
		r.add(placed{d, p, d.Routes(w.Path)}, w.At)
	}
}
