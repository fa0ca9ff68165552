package catalog

import "headgate/document"

// Sends are the requests of a destination: one written as a map, several as a list.
type Sends []Send

// DecodeDocument reads one or several.
func (s *Sends) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	nodes := []*document.Node{node}
	if node.Kind == document.List {
		nodes = node.Items
	}
	*s = make(Sends, len(nodes))
	for i, n := range nodes {
		(*s)[i].At = n.At
		ms = append(ms, document.Decode(n, &(*s)[i])...)
	}
	return ms
}

// Send is one kind of request. Exactly one of the five methods is given, with the address.
type Send struct {
	At      document.Place                   `yaml:"-"`
	Name    string                           `yaml:"name" help:"tells several requests apart"`
	When    document.Words                   `yaml:"when" help:"which events go this way; all when left out"`
	Get     *document.Node                   `yaml:"get" help:"address of a GET"`
	Post    *document.Node                   `yaml:"post" help:"address of a POST" example:"{settings.endpoint}/events"`
	Put     *document.Node                   `yaml:"put" help:"address of a PUT"`
	Patch   *document.Node                   `yaml:"patch" help:"address of a PATCH"`
	Delete  *document.Node                   `yaml:"delete" help:"address of a DELETE"`
	Auth    Auth                             `yaml:"auth" help:"how it authenticates; shown as ***"`
	Headers document.Ordered[*document.Node] `yaml:"headers" help:"header: text or formula"`
	Spread  *document.Node                   `yaml:"spread_headers" help:"a formula that yields an object of further headers" example:"=settings.headers"`
	Query   document.Ordered[*document.Node] `yaml:"query" help:"query parameter: text or formula; empty ones are left out"`
	Format  string                           `yaml:"format" help:"json, form, json_lines, lines or text" example:"json"`
	Type    string                           `yaml:"content_type" help:"Content-Type, when it is not the format's own"`
	Gzip    bool                             `yaml:"gzip" help:"compress the body"`
	Batch   Batch                            `yaml:"batch" help:"how many events share a request; one when left out"`
	Body    *document.Node                   `yaml:"body" help:"the body: texts, formulas, lists, objects, each/as, copy, when/then/else"`
}

// Address returns the method and the address of a request; node is nil when there is none or more than one.
func (s *Send) Address() (method string, node *document.Node) {
	for _, one := range []struct {
		method string
		node   *document.Node
	}{{"GET", s.Get}, {"POST", s.Post}, {"PUT", s.Put}, {"PATCH", s.Patch}, {"DELETE", s.Delete}} {
		if one.node == nil {
			continue
		}
		if node != nil {
			return "", nil
		}
		method, node = one.method, one.node
	}
	return method, node
}

// Batch says how many events share one request.
type Batch struct {
	Events int               `yaml:"events" help:"how many events, unless delivery: says fewer" example:"1000"`
	Max    int               `yaml:"max" help:"the most that delivery: may ask for; events when left out"`
	Bytes  document.Size     `yaml:"bytes" help:"how long a body may be, before compression" example:"1MiB"`
	Wait   document.Duration `yaml:"wait" help:"how long the first event waits for others" example:"1s"`
	By     *document.Node    `yaml:"by" help:"formula; only events with the same result share a request" example:"=user.client_id"`
}

// Flag adds keys to what is sent of an event while a condition holds.
type Flag struct {
	When document.Words                   `yaml:"when" help:"formula, mostly about consent" example:"not consent.sharing"`
	Set  document.Ordered[*document.Node] `yaml:"set" help:"path in what as: builds: value"`
	At   string                           `yaml:"at" help:"event (the default) sets it in what as: builds, request in the body itself"`
}
