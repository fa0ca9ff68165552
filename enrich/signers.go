package enrich

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"headgate/document"
	"headgate/enrich/address"
	"headgate/enrich/bots"
	"headgate/enrich/signature"
)

// TrafficConfig says what is known of those who are no person's browser. No data of this kind ships with Headgate but names.
type TrafficConfig struct {
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

// traffic tells classes of traffic.
type traffic struct {
	dataCentres address.Ranges
	operators   map[string]*address.Ranges
	directories *signature.Directories // nil: signatures are not verified
	nonces      *signature.Nonces
}

func newTraffic(c *TrafficConfig, transport http.RoundTripper) (traffic, document.Mistakes) {
	var mistakes document.Mistakes
	t := traffic{dataCentres: c.DataCentres, operators: map[string]*address.Ranges{}, nonces: new(signature.Nonces)}
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
	for _, address := range slices.Sorted(maps.Keys(knownSigners)) {
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
