package sources

import (
	"cmp"
	"fmt"
	"slices"

	"headgate/document"
	"headgate/document/shape"
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
	options Options
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
func (c *Config) DocumentShape() *shape.Shape {
	webhook := Webhook{}
	webhook.SetDefaults()
	s := &shape.Shape{Type: "object", Values: document.Schema(&webhook)}
	s.Values.Description = "A webhook, under a name of your own"
	for _, d := range Declared() {
		s.Properties = append(s.Properties, shape.Property{Key: d.Name, Shape: d.shape()})
	}
	return s
}

// shape is that of the source's configuration. Sources that have the same keys differ in what they say of their paths, so that none has
// the shape of another.
func (d *Declaration) shape() *shape.Shape {
	keys := document.Schema(d.defaults()).Properties
	for _, one := range keys {
		if one.Key == "path" {
			one.Shape.Description, one.Shape.Examples = d.Path.Help, []any{cmp.Or(d.Path.Example, d.Path.Usual)}
		}
	}
	return &shape.Shape{Type: "object", Description: d.Help, Properties: keys}
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

// ServerKeys are the keys of all sources that only the site's own servers know.
func (c *Config) ServerKeys() (keys []document.Secret) {
	for _, s := range c.named {
		keys = append(keys, serverKeys(s.options)...)
	}
	return keys
}

// serverKeys are the keys of one source, nil when it has none that prove a server.
func serverKeys(o Options) []document.Secret {
	if o, ok := o.(interface{ Trusted() []document.Secret }); ok {
		return o.Trusted()
	}
	return nil
}

// Own is where the source of our own JSON takes events, and the keys that only servers know; ok is false when it is off.
func (c *Config) Own() (path string, keys []document.Secret, ok bool) {
	for _, s := range c.sections() {
		if s.of.Own {
			_, at := s.options.Mount()
			return *at, serverKeys(s.options), true
		}
	}
	return "", nil, false
}

// OwnPath is where our own JSON is read; ok is false where it is not.
func (c Config) OwnPath() (path string, ok bool) {
	path, _, ok = c.Own()
	return path, ok
}

// Webhooks are the entries of the section that take signed deliveries.
func (c *Config) Webhooks() []Webhook { return c.webhooks }

// isWebhook reports whether a key of the section is a webhook's: it says what it uses, or is called like a file of the catalogue.
func isWebhook(f document.Field) bool {
	return f.Value.Get("use") != nil || slices.Contains(catalog.Names(), f.Key)
}

// decodeWebhook reads one webhook.
func (c *Config) decodeWebhook(f document.Field) document.Mistakes {
	w := Webhook{At: f.At, Name: f.Key, Use: document.Words{At: f.At, Value: f.Key}, Path: "/hooks/" + f.Key}
	w.SetDefaults()
	ms := document.Decode(f.Value, &w)
	w.At = f.At
	if f.Value.Kind != document.Map && f.Value.Kind != document.Null {
		return ms
	}
	if slices.ContainsFunc(Declared(), func(d *Declaration) bool { return d.Name == f.Key }) {
		ms.Add(f.At, fmt.Sprintf("%s is a protocol, and takes no use", f.Key), "give the webhook another name, or leave use out")
	}
	c.webhooks = append(c.webhooks, w)
	return ms
}
