package enrich

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"headgate/document"
	"headgate/enrich/bots"
	"headgate/enrich/signature"
	"headgate/event"
)

// TrafficConfig says what is known of those who are no person's browser. No data of this kind ships with Headgate but names.
type TrafficConfig struct {
	DataCentres Ranges                   `yaml:"data_centres" help:"Networks of hosting companies: networks, or files with a network a line" example:"[203.0.113.0/24, networks.txt]"`
	Operators   document.Ordered[Ranges] `yaml:"operators" help:"By the operator of a crawler or agent, the networks it publishes: its name in the user agent counts as confirmed from there only" example:"{OpenAI: gptbot.json}"`
	Signatures  bool                     `yaml:"signatures" help:"Web Bot Auth signatures of the known agents are verified; their keys are fetched when one signs, never while a hit waits" example:"true"`
	Agents      []document.Words         `yaml:"agents" help:"Further agents whose signatures are verified: the origin of their key directory, or the address of their key set" example:"[https://agent.example]"`
}

// knownSigners are who signs, by the address of their keys: chatgpt.com as ChatGPT's agent documents it; the other is unconfirmed.
var knownSigners = map[string]string{
	"https://chatgpt.com":    "OpenAI",
	"https://agent.bot.goog": "Google",
}

// traffic tells classes of traffic.
type traffic struct {
	dataCentres Ranges
	operators   map[string]*Ranges
	directories *signature.Directories // nil: signatures are not verified
	nonces      *signature.Nonces
}

func newTraffic(c *TrafficConfig, transport http.RoundTripper) (traffic, document.Mistakes) {
	var mistakes document.Mistakes
	t := traffic{dataCentres: c.DataCentres, operators: map[string]*Ranges{}, nonces: new(signature.Nonces)}
	for i := range c.Operators {
		o := &c.Operators[i]
		name := ""
		for _, known := range bots.Operators() {
			if strings.EqualFold(known, o.Key) {
				name = known
			}
		}
		if name == "" {
			mistakes.Add(o.At, "no operator is called "+o.Key, document.DidYouMean(o.Key, bots.Operators()))
			continue
		}
		t.operators[name] = &o.Value
	}
	addresses := sortedKeys(knownSigners)
	for _, a := range c.Agents {
		if wrong := signature.CheckAgent(a.Value); wrong != "" {
			mistakes.Add(a.At, "no keys can be fetched from "+a.Value+": "+wrong, "write an origin such as https://agent.example")
		}
		addresses = append(addresses, a.Value)
	}
	if c.Signatures && transport != nil {
		t.directories = signature.NewDirectories(addresses, transport)
	}
	return t, mistakes
}

func (t *traffic) close() {
	if t.directories != nil {
		t.directories.Close()
	}
}

// SignerHosts are the hosts that keys of agents are fetched from.
func (c *TrafficConfig) SignerHosts() []string {
	var hosts []string
	add := func(address string) {
		host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
		hosts = append(hosts, host)
	}
	for _, address := range sortedKeys(knownSigners) {
		add(address)
	}
	for _, a := range c.Agents {
		add(a.Value)
	}
	return hosts
}

// Files are the files that the lists of networks were read from.
func (c *TrafficConfig) Files() []string {
	files := c.DataCentres.Files
	for i := range c.Operators {
		files = append(files, c.Operators[i].Value.Files...)
	}
	return files
}

// doubt is a thing that a person's browser does not do. One alone means nothing: proxies and privacy tools do such things too.
type doubt uint8

const (
	bareHeaders  doubt = 1 << iota // a browser that says neither its language nor how the request came about
	hintless                       // a Chromium without client hints, over https
	inDataCentre                   // its address is one of a hosting company
)

// String names what speaks against a person.
func (d doubt) String() string {
	var names []string
	for bit, name := range map[doubt]string{bareHeaders: "it says neither its language nor how the request came about", hintless: "it claims to be Chrome and sends no client hints",
		inDataCentre: "it comes from a data centre"} {
		if d&bit != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", and ")
}

// suspicious reports whether there are two of them.
func (d doubt) suspicious() bool { return d&(d-1) != 0 }

// classify says what sent an event that came straight from its visitor; stated is whether the event calls itself a bot's.
func (v *Visit) classify(e *event.Event, a *agent, stated bool) {
	if stated && a.bot == "" {
		e.Traffic = event.Traffic{Class: event.Crawler, How: event.ByStatement}
		return
	}
	if v.signed && v.classifySigned(e, a) {
		return
	}
	address := v.hit.Address
	switch {
	case a.bot != "" && !(a.library && v.hit.Sender != event.Browser):
		e.Traffic = v.en.traffic.named(a, v)
	case v.prefetch:
		e.Traffic = event.Traffic{Class: event.Prefetch, How: event.ByHeader}
	case v.browser == "" && e.Device.UserAgent == "" && v.hit.Sender == event.Browser:
		e.Traffic = event.Traffic{Class: event.Crawler, How: event.ByHint}
	case v.hit.Anonymous:
		e.Traffic = event.Traffic{Class: event.Human}
	default:
		doubts := v.doubts()
		hosted := !v.en.traffic.dataCentres.Empty() && v.en.traffic.dataCentres.Contains(address)
		if hosted {
			doubts |= inDataCentre
		}
		v.doubted = doubts
		switch {
		case doubts.suspicious():
			e.Traffic = event.Traffic{Class: event.AIAgent, How: event.ByHint}
		case hosted:
			e.Traffic = event.Traffic{Class: event.DataCentre, How: event.ByAddress}
		default:
			e.Traffic = event.Traffic{Class: event.Human}
		}
	}
}

// named is what a crawler or agent is that its user agent names.
func (t *traffic) named(a *agent, v *Visit) event.Traffic {
	out := event.Traffic{Class: a.class, How: event.ByToken, Operator: a.operator}
	if known := t.operators[a.operator]; known != nil && known.Contains(v.hit.Address) {
		out.How = event.ByAddress
	}
	return out
}

// classifySigned takes a Web Bot Auth signature into account; it returns false when there is nothing to take into account.
func (v *Visit) classifySigned(e *event.Event, a *agent) bool {
	if v.en.traffic.directories == nil {
		return false
	}
	if !v.checked {
		v.checked = true
		v.result = signature.Check(v.hit, v.en.traffic.directories, v.en.traffic.nonces)
	}
	r := &v.result
	if r.Agent == "" && r.Outcome != signature.Verified {
		return false
	}
	out := event.Traffic{Class: event.AIAgent, How: event.ByToken}
	if a.bot != "" && !a.library {
		out.Class, out.Operator = a.class, a.operator
	}
	if v.en.traffic.directories.Listed(r.Agent) {
		out.Operator = r.Agent
		if name := knownSigners[r.Agent]; name != "" {
			out.Operator = name
		}
	}
	if r.Outcome == signature.Verified && !r.Replay {
		out.How = event.BySignature
	}
	e.Traffic = out
	return true
}

// doubts are what speaks against a person's browser in the headers of a hit: of Chromium only, whose headers are known.
func (v *Visit) doubts() (d doubt) {
	if v.agent == nil || !v.agent.chromium {
		return 0
	}
	if v.language == "" && !v.fetched {
		d |= bareHeaders
	}
	if v.hit.Scheme == "https" && v.hints.brands.text == "" {
		d |= hintless
	}
	return d
}

// loadsAhead reports whether a header says that a page is loaded ahead, which the visitor may never see. The token stands before
// parameters, such as prerender or anonymous-client-ip. https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Purpose
func loadsAhead(purpose string) bool {
	token, _, _ := strings.Cut(purpose, ";")
	switch strings.ToLower(strings.Trim(token, ` \t"`)) {
	case "prefetch", "prerender", "preview", "1":
		return true
	}
	return false
}

// describeRelayedTraffic says what sent an event that a server passed on: what the server says, else what the user agent names.
func (v *Visit) describeRelayedTraffic(e *event.Event, a *agent) {
	if v.hit.Sender == event.Server {
		for _, class := range event.TrafficClasses {
			if e.Traffic.Class == class {
				if class != event.Human {
					e.Traffic.How = event.ByStatement
				} else {
					e.Traffic = event.Traffic{Class: class}
				}
				return
			}
		}
	}
	e.Traffic = event.Traffic{}
	switch {
	case a == nil: // nothing is known of what the visitor used
	case a.bot == "" || a.library:
		e.Traffic.Class = event.Human
	default:
		e.Traffic = event.Traffic{Class: a.class, How: event.ByToken, Operator: a.operator}
	}
}

// WhyTraffic says in a sentence what sent an event that was described, for those who look.
func (v *Visit) WhyTraffic(e *event.Event) string {
	t := &e.Traffic
	why := map[string]string{
		event.BySignature: "its signature was verified with a key of " + v.result.Agent,
		event.ByAddress:   "its address is in a listed network",
		event.ByToken:     "its user agent or Signature-Agent says so, which anybody can write",
		event.ByHeader:    "the request says that it loads ahead",
		event.ByHint:      "it is suspected: " + cmp.Or(v.doubted.String(), "there is no user agent"),
		event.ByStatement: "the sender says so",
	}[t.How]
	text := t.Class
	if t.Operator != "" {
		text += " of " + t.Operator
	}
	if why != "" {
		text += ": " + why
	}
	if v.checked && v.result.Outcome != signature.Verified {
		text += "; its signature is " + v.result.Outcome.String() + " (" + v.result.Reason + ")"
	}
	if v.result.Replay {
		text += "; its signature was used before"
	}
	return text
}
