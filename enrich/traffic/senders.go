// Package traffic knows who sends hits without being a person's browser: the networks that are listed, the agents whose signatures are
// verified, and what speaks against a person. What that makes of an event is up to enrich.
package traffic

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"headgate/document"
	"headgate/enrich/address"
	"headgate/enrich/agent"
	"headgate/enrich/bots"
	"headgate/enrich/signature"
	"headgate/event"
)

// Config says what is known of those who are no person's browser. No data of this kind ships with Headgate but names.
type Config struct {
	DataCentres address.Ranges                   `yaml:"data_centres" help:"Networks of hosting companies: networks, or files with a network a line" example:"[203.0.113.0/24, networks.txt]"`
	Operators   document.Ordered[address.Ranges] `yaml:"operators" help:"By the operator of a crawler or agent, the networks it publishes: its name in the user agent counts as confirmed from there only" example:"{OpenAI: gptbot.json}"`
	Signatures  bool                             `yaml:"signatures" help:"Web Bot Auth signatures of the known agents are verified; their keys are fetched when one signs, never while a hit waits" example:"true"`
	Agents      []document.Words                 `yaml:"agents" help:"Further agents whose signatures are verified: the origin of their key directory, or the address of their key set" example:"[https://agent.example]"`
}

// knownSigners are who signs, by the address of their keys: chatgpt.com as ChatGPT's agent documents it; the other is unconfirmed.
var knownSigners = map[string]string{
	"https://chatgpt.com":    "OpenAI",
	"https://agent.bot.goog": "Google",
}

// Senders are those known by a configuration. They are safe for use by many goroutines.
type Senders struct {
	dataCentres address.Ranges
	operators   map[string]*address.Ranges
	directories *signature.Directories // nil: signatures are not verified
	nonces      *signature.Nonces
}

// New returns the senders that a configuration knows. Keys of agents are fetched through transport; nil fetches none. Close ends that.
func New(c *Config, transport http.RoundTripper) (Senders, document.Mistakes) {
	var mistakes document.Mistakes
	t := Senders{dataCentres: c.DataCentres, operators: map[string]*address.Ranges{}, nonces: new(signature.Nonces)}
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
	addresses := slices.Sorted(maps.Keys(knownSigners))
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

// Close ends the fetching of keys.
func (t *Senders) Close() {
	if t.directories != nil {
		t.directories.Close()
	}
}

// Named is what a crawler or agent is that its user agent names, by the address that it comes from.
func (t *Senders) Named(a *agent.Agent, from netip.Addr) event.Traffic {
	out := event.Traffic{Class: a.Class, How: event.ByToken, Operator: a.Operator}
	if known := t.operators[a.Operator]; known != nil && known.Contains(from) {
		out.How = event.ByAddress
	}
	return out
}

// Hosts reports whether an address is one of a listed hosting company.
func (t *Senders) Hosts(a netip.Addr) bool {
	return !t.dataCentres.Empty() && t.dataCentres.Contains(a)
}

// Verify reports whether signatures are verified.
func (t *Senders) Verify() bool { return t.directories != nil }

// Check verifies the signature of a hit, where Verify says that they are.
func (t *Senders) Check(h *event.Hit) signature.Result {
	return signature.Check(h, t.directories, t.nonces)
}

// Signer returns the name of an agent whose signatures are verified, or else the address of its keys; "" for others.
func (t *Senders) Signer(keys string) string {
	if !t.directories.Listed(keys) {
		return ""
	}
	return cmp.Or(knownSigners[keys], keys)
}

// SignerHosts are the hosts that keys of agents are fetched from.
func (c *Config) SignerHosts() []string {
	var hosts []string
	add := func(address string) {
		host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
		hosts = append(hosts, host)
	}
	for _, address := range slices.Sorted(maps.Keys(knownSigners)) {
		add(address)
	}
	for _, a := range c.Agents {
		add(a.Value)
	}
	return hosts
}

// Files are the files that the lists of networks were read from.
func (c *Config) Files() []string {
	files := c.DataCentres.Files
	for i := range c.Operators {
		files = append(files, c.Operators[i].Value.Files...)
	}
	return files
}
