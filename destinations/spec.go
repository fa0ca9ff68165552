package destinations

import (
	"headgate/document"
)

// Spec is one file of the catalogue: what can be sent to one vendor, and how. The file of a built-in destination and a
// user's own are read by the same code.
type Spec struct {
	At          document.Place            `yaml:"-"`
	Name        string                    `yaml:"name" help:"what use: names; lower snake case" example:"meta"`
	Title       string                    `yaml:"title" help:"the vendor's own name for it" example:"Meta Conversions API"`
	Kind        string                    `yaml:"kind" help:"ads, analytics, engagement, warehouse or generic" example:"ads"`
	About       string                    `yaml:"about" help:"one sentence: what arrives there"`
	Docs        string                    `yaml:"docs" help:"address of the vendor's documentation" example:"https://vendor.example/docs"`
	Extends     string                    `yaml:"extends" help:"a destination of the catalogue whose keys this one takes, but for those it writes itself; consent is never taken"`
	Needs       Needs                     `yaml:"needs" help:"consent purposes that must all be granted, or none with a reason" example:"[ads, sharing]"`
	AnyOf       []string                  `yaml:"any_of" help:"consent purposes of which one is enough, beside needs"`
	Reason      string                    `yaml:"reason" help:"why no consent is needed, for needs: none"`
	Refused     Refused                   `yaml:"refused" help:"what becomes of an event without that consent: drop, or redact: PROFILE" example:"drop"`
	Vendor      Vendor                    `yaml:"vendor" help:"who receives it"`
	Duplicates  string                    `yaml:"duplicates" help:"dropped (the vendor recognises an event that arrives twice) or possible" example:"dropped"`
	Plain       []string                  `yaml:"plain" help:"contact fields that the vendor takes unhashed" example:"[city]"`
	PlainReason string                    `yaml:"plain_reason" help:"why they go unhashed"`
	Driver      string                    `yaml:"driver" help:"the driver in Go that delivers, in place of send:"`
	Settings    document.Ordered[Setting] `yaml:"settings" help:"what a person fills in"`
	Events      document.Ordered[Names]   `yaml:"events" help:"our event name: theirs; a list sends several; off leaves one out; \"*\" takes the rest, as a name or = for our own"`
	Naming      string                    `yaml:"naming" help:"names of events are made as this vendor takes them: ga4 or hubspot" example:"ga4"`
	MaxAge      document.Duration         `yaml:"max_age" help:"older events are rejected here" example:"7d"`
	Ages        []Age                     `yaml:"ages" help:"events that may be older; the first match counts"`
	Rate        document.Rate             `yaml:"rate" help:"requests a second that the vendor takes" example:"1/s"`
	Requires    []Require                 `yaml:"requires" help:"what an event must have; one without is rejected here, with these words"`
	Send        Sends                     `yaml:"send" help:"the request; a list of them when an event makes several"`
	Flags       []Flag                    `yaml:"flags" help:"consent states that the vendor honours itself"`
	Answers     []Answer                  `yaml:"answers" help:"how an answer is understood; the first match counts, then the defaults"`
	Limits      []string                  `yaml:"limits" help:"the vendor's limits in words, for the page of this destination"`
	Notes       []string                  `yaml:"notes" help:"what a person should know, for the page of this destination"`

	node *document.Node // as written, for the places of its keys
}

// place is where a key is written, the file when it is not.
func (s *Spec) place(key string) document.Place {
	if s.node == nil {
		return s.At
	}
	return placeOf(s.node, key)
}

// Vendor says who receives the events, and what of a TC string must allow it: asked wherever one comes with an event.
type Vendor struct {
	At        document.Place `yaml:"-"`
	TCF       int            `yaml:"tcf" help:"id in IAB Europe's Global Vendor List, 0 when there is none" example:"793"`
	AC        int            `yaml:"ac" help:"id in Google's list of ad technology providers, for a vendor without a TCF id" example:"89"`
	Consent   []int          `yaml:"consent" help:"TCF purposes it needs consent for here; with neither list, consent to the vendor itself is enough" example:"[1]"`
	LI        []int          `yaml:"li" help:"TCF purposes that rest on its legitimate interest" example:"[7]"`
	Flexible  []int          `yaml:"flexible" help:"of these, the ones that rest on the other basis where the publisher asks for it" example:"[7]"`
	Publisher bool           `yaml:"publisher" help:"it is the site's own: the publisher's part of a TC string decides, where there is one; many consent tools leave it empty, which refuses all" example:"true"`
	Hosts     []string       `yaml:"hosts" help:"host names of the vendor; *.host for those below it" example:"[api.vendor.example]"`
}

// written is a Vendor as the map of its keys.
type written Vendor

// DecodeDocument reads an id of the Global Vendor List alone, or a map.
func (v *Vendor) DecodeDocument(node *document.Node) document.Mistakes {
	*v = Vendor{At: node.At}
	if node.Kind == document.Number {
		return document.Decode(node, &v.TCF)
	}
	return document.Decode(node, (*written)(v))
}

// only reports whether nothing but the id was written.
func (v *Vendor) only(id int) bool {
	return v.TCF == id && v.AC == 0 && len(v.Consent)+len(v.LI)+len(v.Flexible) == 0 && !v.Publisher
}

// DocumentShape is a number, or the map of a vendor's keys.
func (Vendor) DocumentShape() *document.Shape {
	return document.AnyOf(&document.Shape{Type: "integer"}, document.Schema(written{}))
}

// Age is the greatest age of some events, in place of max_age. It is a limit of the vendor's only: where delivery: has a
// max_age of its own, that one holds for them too.
type Age struct {
	When   document.Words    `yaml:"when" help:"formula: which events" example:"action_source(event) == \"physical_store\""`
	MaxAge document.Duration `yaml:"max_age" help:"older ones are rejected here" example:"62d"`
}

// Require is a condition that every event must meet to be worth sending.
type Require struct {
	That document.Words `yaml:"that" help:"formula that must be true" example:"user.client_id != \"\""`
	Why  string         `yaml:"why" help:"what is missing, in words" example:"the vendor needs a client id"`
	Else document.Words `yaml:"else" help:"what becomes of an event without it: reject (the default), or filter where lacking it is nobody's mistake: it is left out like one that events: does not list" example:"filter"`
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
	Auth    Auth                             `yaml:"auth" help:"how it proves who we are; shown as ***"`
	Headers document.Ordered[*document.Node] `yaml:"headers" help:"header: text or formula"`
	Spread  *document.Node                   `yaml:"spread_headers" help:"a formula that yields an object of further headers" example:"=settings.headers"`
	Query   document.Ordered[*document.Node] `yaml:"query" help:"query parameter: text or formula; empty ones are left out"`
	Format  string                           `yaml:"format" help:"json, form, json_lines, lines or text" example:"json"`
	Type    string                           `yaml:"content_type" help:"Content-Type, when it is not the format's own"`
	Gzip    bool                             `yaml:"gzip" help:"compress the body"`
	Batch   Batch                            `yaml:"batch" help:"how many events share a request; one when left out"`
	Body    *document.Node                   `yaml:"body" help:"the body: texts, formulas, lists, objects, each/as, copy, when/then/else"`
}

// Batch says how many events share one request.
type Batch struct {
	Events int               `yaml:"events" help:"so many events, unless delivery: says fewer" example:"1000"`
	Max    int               `yaml:"max" help:"the most that delivery: may ask for; events when left out"`
	Bytes  document.Size     `yaml:"bytes" help:"at most so long a body, before compression" example:"1MiB"`
	Wait   document.Duration `yaml:"wait" help:"how long the first event waits for others" example:"1s"`
	By     *document.Node    `yaml:"by" help:"formula; only events with the same result share a request" example:"=user.client_id"`
}

// Flag adds keys to what is sent of an event while a condition holds.
type Flag struct {
	When document.Words                   `yaml:"when" help:"formula, mostly about consent" example:"not consent.sharing"`
	Set  document.Ordered[*document.Node] `yaml:"set" help:"path in what as: builds: value"`
	At   string                           `yaml:"at" help:"event (the default) sets it in what as: builds, request in the body itself"`
}

// Names are the vendor's names of one event of ours; none means that it is not sent, "=" that it keeps its own.
type Names []string

// DecodeDocument reads a name, a list of names, or off.
func (n *Names) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*n = Names{}
	switch node.Kind {
	case document.Text:
		if node.Text != "off" {
			*n = Names{node.Text}
		}
	case document.Bool:
		if node.Text == "true" || node.Text == "on" || node.Text == "yes" {
			ms.Add(node.At, "a name is meant", `write the vendor's name of the event, "=" for our own, or off`)
		}
	case document.Number:
		ms.Add(node.At, "a name is meant, not a number", `write it in quotes: "`+node.Text+`"`)
	case document.List:
		for _, item := range node.Items {
			if item.Kind != document.Text || item.Text == "" {
				ms.Add(item.At, "a name is meant", "write the vendor's name of the event as text")
				continue
			}
			*n = append(*n, item.Text)
		}
	default:
		ms.Add(node.At, "a name is meant", `write the vendor's name of the event, a list of names, "=" for our own, or off`)
	}
	return ms
}

// DocumentShape is a text, a list of texts, or false for off.
func (Names) DocumentShape() *document.Shape {
	return document.AnyOf(document.TextShape(), document.ListOf(document.TextShape()), &document.Shape{Type: "boolean"})
}

// Needs are consent purposes. Written tells a file that says something from one that forgot it, None that it says none.
type Needs struct {
	At       document.Place
	Written  bool
	None     bool
	Purposes []string
}

// DecodeDocument reads a list of purposes or the word none.
func (n *Needs) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*n = Needs{At: node.At, Written: true}
	switch {
	case node.Kind == document.Text && node.Text == "none":
		n.None = true
	case node.Kind == document.List && len(node.Items) > 0:
		for _, item := range node.Items {
			if item.Kind != document.Text {
				ms.Add(item.At, "a consent purpose is meant", "write one of necessary, functional, analytics, ads, personalized_ads, sharing")
				continue
			}
			n.Purposes = append(n.Purposes, item.Text)
		}
	default:
		ms.Add(node.At, "a list of consent purposes is meant", "write needs: [analytics], or needs: none with a reason:")
	}
	return ms
}

// DocumentShape is none, or a list of purposes.
func (Needs) DocumentShape() *document.Shape {
	return document.AnyOf(document.Choice("none"), document.ListOf(document.TextShape()))
}

// Refused says what becomes of an event whose consent is refused: Profile is the redaction profile, "" drops it.
type Refused struct {
	Written bool
	Profile string
}

// DecodeDocument reads the word drop, or redact: and a profile.
func (r *Refused) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*r = Refused{Written: true}
	switch {
	case node.Kind == document.Text && node.Text == "drop":
	case node.Kind == document.Map && len(node.Fields) == 1 && node.Fields[0].Key == "redact" && node.Fields[0].Value.Kind == document.Text:
		r.Profile = node.Fields[0].Value.Text
	default:
		ms.Add(node.At, "drop or a redaction is meant", "write refused: drop, or refused: {redact: cookieless}")
	}
	return ms
}

// DocumentShape is drop, or a redaction.
func (Refused) DocumentShape() *document.Shape {
	redact := document.Property{Key: "redact", Required: true, Shape: document.TextShape()}
	return document.AnyOf(document.Choice("drop"), &document.Shape{Type: "object", Properties: []document.Property{redact}})
}

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

// address returns the method and the address of a request; node is nil when there is none or more than one.
func (s *Send) address() (method string, node *document.Node) {
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
