// Package webhook takes deliveries that shops, payment services and other senders sign, and makes events of them. What a sender
// sends is one YAML file: how it signs, and by formulas what its deliveries become. The files that come with Headgate and a
// user's own are read by the same code.
//
// It promises that a delivery that its sender did not sign becomes no event, that a formula which fails costs its own key
// and nothing else, and that a delivery which says nothing about consent is given none. It does no I/O, reads no clock and
// remembers nothing: whether a delivery was taken before is for its caller to know, by the marks of sources.Once.
package webhook

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"headgate/document"
	"headgate/sources/signature"
)

// Spec is one file: what a sender sends, and what becomes of it.
type Spec struct {
	At       document.Place             `yaml:"-"`
	Name     string                     `yaml:"name" help:"what use: names; the file's own name" example:"shopify"`
	Title    string                     `yaml:"title" help:"the sender's own name for it" example:"Shopify webhooks"`
	About    string                     `yaml:"about" help:"one sentence: what arrives"`
	Docs     string                     `yaml:"docs" help:"address of the sender's documentation" example:"https://sender.example/docs"`
	Verify   signature.Schemes          `yaml:"verify" help:"how deliveries are signed; a list when there are several ways"`
	Ping     string                     `yaml:"ping" help:"the one field of an unsigned form by which the sender tries the address; it is answered, and nothing is made of it" example:"webhook_id"`
	Topic    *document.Node             `yaml:"topic" help:"formula: what a delivery is about" example:"=header(\"x-shopify-topic\")"`
	Delivery *document.Node             `yaml:"delivery" help:"formula: what tells a delivery from all others, where that stands in the signed body; else it is told by all that is signed" example:"=body.id"`
	Carries  Carries                    `yaml:"carries" help:"where the body states somebody's address or user agent, for redaction"`
	Settings document.Ordered[*Setting] `yaml:"settings" help:"what a person may fill in"`
	Ignore   []Ignored                  `yaml:"ignore" help:"deliveries of which nothing is made, and why"`
	Events   []Mapping                  `yaml:"events" help:"what a delivery becomes; each line that fits makes its events"`
	Requests []Asked                    `yaml:"requests" help:"deliveries that ask for something about a person"`
	Notes    []string                   `yaml:"notes" help:"what a person should know, for the page of this webhook"`

	node *document.Node // as written, for the places of its keys
}

// Carries says where a body states network addresses and user agents of people. Redaction looks for what stands there in all
// that a mapping makes of the body.
type Carries struct {
	Addresses []string `yaml:"addresses" help:"paths in the body at which an IP address stands" example:"[browser_ip]"`
	Agents    []string `yaml:"agents" help:"paths in the body at which a user agent stands" example:"[client_details.user_agent]"`
}

// Setting is one text that a person may fill in.
type Setting struct {
	At      document.Place `yaml:"-"`
	Default string         `yaml:"default" help:"taken when it is left out" example:"product_id"`
	Choices []string       `yaml:"choices" help:"what it can be; anything when left out" example:"[product_id, sku]"`
	Help    string         `yaml:"help" help:"one sentence: what it is"`
}

// Ignored is a kind of delivery of which nothing is made.
type Ignored struct {
	Topics []string       `yaml:"topics" help:"what the delivery is about; any topic when left out" example:"[shop/redact]"`
	Has    []string       `yaml:"has" help:"keys that the body of these topics must have" example:"[shop_domain]"`
	When   document.Words `yaml:"when" help:"formula: only these" example:"body.test == true"`
	Why    string         `yaml:"why,required" help:"the reason, for the answer" example:"a test order"`
}

// Mapping makes events of the deliveries that it fits.
type Mapping struct {
	At     document.Place `yaml:"-"`
	Topics []string       `yaml:"topics" help:"what the delivery is about; any topic when left out" example:"[orders/paid]"`
	Has    []string       `yaml:"has" help:"keys that the body of these topics must have: topics come in headers, which are not signed" example:"[id, line_items]"`
	Each   *document.Node `yaml:"each" help:"formula that yields a list: one event of each, which is item" example:"=body.refunds"`
	When   document.Words `yaml:"when" help:"formula: only these" example:"body.financial_status == \"paid\""`
	Event  *document.Node `yaml:"event,required" help:"the event, in the words of the event reference; a value that begins with = is a formula, lists may be written as {each:, where:, as:}, \"*\" takes all keys of an object"`
}

// readSpec reads one file; the spec is nil when it is not YAML.
func readSpec(file string, data []byte) (*Spec, document.Mistakes) {
	node, ms := document.Parse(file, data)
	if node == nil || len(ms) > 0 {
		if len(ms) == 0 {
			ms.Add(document.Place{File: file}, "the file is empty", "write name:, verify: and events:; docs/senders/webhook.md has an example")
		}
		return nil, ms
	}
	s := &Spec{At: document.Place{File: file}, node: node}
	ms = document.Decode(node, s)
	return s, append(ms, s.check(strings.TrimSuffix(path.Base(file), ".yaml"))...)
}

// check finds what is wrong with a file without compiling its formulas.
func (s *Spec) check(name string) (ms document.Mistakes) {
	if s.Name != name {
		fact := "no name"
		if s.Name != "" {
			fact = fmt.Sprintf("the name %q is not the file's", s.Name)
		}
		ms.Add(s.place("name"), fact, "write name: "+name)
		s.Name = name
	}
	if s.Title == "" {
		ms.Add(s.At, "no title", "write title: with the sender's own name for it")
	}
	if len(s.Events) == 0 {
		ms.Add(s.At, "no events", "write events: with what deliveries become")
	}
	for _, e := range s.Settings {
		if e.Value == nil {
			ms.Add(e.At, "setting "+e.Key+" says nothing", "write help: with one sentence that says what it is")
			continue
		}
		if e.Value.Help == "" {
			ms.Add(e.At, "setting "+e.Key+" has no help", "write help: with one sentence that says what it is")
		}
		if c := e.Value.Choices; len(c) > 0 && !slices.Contains(c, e.Value.Default) {
			ms.Add(e.At, fmt.Sprintf("the default of setting %s is none of its choices", e.Key), "write default: "+c[0])
		}
	}
	for _, i := range s.Ignore {
		if i.When.Value == "" && len(i.Topics) == 0 {
			ms.Add(s.place("ignore"), "everything is ignored", "write topics: or when: with what is")
		}
		s.checkTopics(i.Topics, s.place("ignore"), &ms)
	}
	for i := range s.Requests {
		r := &s.Requests[i]
		if len(r.Topics) == 0 && r.When.Value == "" {
			ms.Add(r.At, "every delivery asks for this", "write topics: or when: with those that do")
		}
		s.checkTopics(r.Topics, r.At, &ms)
	}
	for i := range s.Events {
		m := &s.Events[i]
		s.checkTopics(m.Topics, m.At, &ms)
		if m.Event != nil && m.Event.Kind == document.Map && m.Event.Get("name") == nil && m.Event.Get("*") == nil {
			ms.Add(m.Event.At, "an event without a name", "write name: purchase, or another of the event reference")
		}
	}
	return ms
}

func (s *Spec) checkTopics(topics []string, at document.Place, ms *document.Mistakes) {
	if len(topics) > 0 && s.Topic == nil {
		ms.Add(at, "topics without a topic: to compare them with", `write topic: =body.type at the top of the file`)
	}
}

// place is where a key is written, the file when it is not.
func (s *Spec) place(key string) document.Place {
	for i := range s.node.Fields {
		if s.node.Fields[i].Key == key {
			return s.node.Fields[i].At
		}
	}
	return s.At
}
