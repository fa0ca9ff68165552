package sources

import (
	"fmt"
	"slices"

	"headgate/document"
	"headgate/event"
	"headgate/sources/catalog"
	"headgate/sources/signature"
)

// Webhook is an entry of the `sources:` section that takes deliveries which their sender signs: a shop, a payment service, or
// anything else. Its key is a name of the editor's choice, so that two shops can send to one Headgate.
type Webhook struct {
	At             document.Place    `yaml:"-"`
	Name           string            `yaml:"-"` // its key; events carry it as their source
	Use            document.Words    `yaml:"use" help:"What is sent: shopify, stripe, woocommerce or webhook (signed JSON of any sender), or a file of your own, ./crm.yaml; the key when left out" example:"shopify"`
	Path           string            `yaml:"path" help:"Where deliveries are sent; /hooks/ and the key when left out" example:"/hooks/shopify"`
	Secret         document.Secret   `yaml:"secret" help:"What the sender signs with" example:"${SHOPIFY_SECRET}"`
	Secrets        []document.Secret `yaml:"secrets" help:"Further secrets that are accepted: the old one while it is changed, or one of another subscription" example:"[\"${SHOPIFY_OLD_SECRET}\"]"`
	Verify         signature.Schemes `yaml:"verify" help:"How deliveries are signed, in place of what the file says of it; required for use: webhook"`
	Settings       *document.Node    `yaml:"settings" help:"What the file asks for; see its page" example:"{item_id: sku}"`
	WithoutConsent string            `yaml:"without_consent" choices:"deny,region" help:"What holds for a delivery that states no consent: deny, every purpose is denied; region, what the buyer's region presumes" example:"deny"`
}

// SetDefaults is document.Defaulter's.
func (w *Webhook) SetDefaults() { w.WithoutConsent = "deny" }

// Opener makes the protocol of a webhook. The title is for its Declaration's help.
type Opener func(w *Webhook, t Tools) (title string, p Protocol, ms document.Mistakes)

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

// openWebhooks adds the webhooks to the registry.
func (c *Config) openWebhooks(r *registry, t *toolbox, open Opener) {
	for i := range c.webhooks {
		w := &c.webhooks[i]
		if open == nil {
			r.mistakes.Add(w.At, "webhooks cannot be read here", "")
			continue
		}
		w.Path = r.path(w.Path, w.At, false)
		title, p, ms := open(w, Tools{t})
		r.mistakes = append(r.mistakes, ms...)
		if p == nil {
			continue
		}
		d := &Declaration{
			Name: w.Name, Help: title, Speakers: Servers, Signed: true, Headers: None, Addresses: None, Agents: None,
			Routes: func(path string) []Route { return []Route{{Methods: "POST", Path: path}} },
		}
		r.add(placed{d, p, d.Routes(w.Path)}, w.At)
	}
}

// Tools are what the sources of one configuration share, for protocols that live outside of this package.
type Tools struct{ t *toolbox }

// NewTools makes tools that belong to no configuration: for golden cases.
func NewTools(limits Limits) Tools {
	limits = limits.withDefaults()
	return Tools{&toolbox{limits: limits, bodies: bodies{limit: limits.Body}, vocabulary: newVocabulary()}}
}

// Body is a hit's body with its compression undone; the error wraps one of this package's.
func (t Tools) Body(h *event.Hit) ([]byte, error) { return t.t.bodies.open(h) }

// JSON reads a body, within the bounds of all bodies; the error wraps one of this package's.
func (t Tools) JSON(h *event.Hit, body []byte) (event.Value, error) {
	return t.t.json.read(h, trimJSON(body))
}

// Form reads a form as an object of texts; the error wraps one of this package's.
func (t Tools) Form(body []byte) (event.Value, error) {
	m, err := flatQuery(string(body))
	return event.ObjectOf(m), err
}

// MaxEvents is how many events one request may have.
func (t Tools) MaxEvents() int { return t.t.limits.Events }

// Event reads an event of our own JSON from a sender that proved to be the site's own. Its time is believed however long ago it
// is; why says what is wrong with it, "" when nothing is.
func (t Tools) Event(source string, h *event.Hit, m event.Map) (e event.Event, why string) {
	own := ownEvent{vocabulary: t.t.vocabulary, believed: true, e: event.Event{Source: source, Received: h.Received}}
	if why = own.read(m); why == "" {
		why = t.t.limits.fault(&own.e)
	}
	if why == "" {
		t.t.limits.forever().setTime(&own.e, own.stated, own.sent)
	}
	return own.e, why
}

// Problem is the answer to a request that could not be read: {"error":"..."} with the status of the error.
func Problem(err error, rejected []Rejected) Answer { return jsonError(err, rejected) }

// Reply is a JSON answer that nobody keeps.
func Reply(status int, body []byte) Answer {
	return Answer{Status: status, ContentType: typeJSON, Headers: noStore, Body: body}
}
