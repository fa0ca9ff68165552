package enrich

import (
	"slices"
	"strconv"

	"headgate/document"
	"headgate/document/shape"
	"headgate/enrich/place"
	"headgate/enrich/traffic"
)

// Config is the section `enrich:`.
type Config struct {
	Geo     place.Config   `yaml:"geo" help:"Where the visitor is: from headers of a trusted edge, then from a database"`
	Bots    BotPolicy      `yaml:"bots" help:"Crawlers, monitors and scripts: drop them, flag them (device.bot), or keep them unmarked" example:"drop"`
	Traffic traffic.Config `yaml:"traffic" help:"How crawlers, AI agents and data centres are told from people: see docs/traffic.md"`
	// Address is applied after consent and before anything is stored.
	Address       AddressPolicy `yaml:"address" help:"The visitor's address: by_consent (whole with ads consent, else truncated), truncate (IPv4 /24, IPv6 /48), drop or keep" example:"by_consent"`
	AddressHeader string        `yaml:"address_header" help:"A header in which a trusted proxy writes the visitor's address, preferred to X-Forwarded-For" example:"CF-Connecting-IP"`
}

// Defaults are the settings of a file that says nothing.
func Defaults() Config {
	return Config{Bots: dropBots, Address: addressByConsent, Traffic: traffic.Config{Signatures: true}}
}

// BotPolicy is what to do with bots.
type BotPolicy string

const (
	dropBots BotPolicy = "drop"
	flagBots BotPolicy = "flag"
	keepBots BotPolicy = "keep"
)

// AddressPolicy is what to keep of a visitor's address.
type AddressPolicy string

const (
	addressByConsent AddressPolicy = "by_consent"
	addressTruncate  AddressPolicy = "truncate"
	addressDrop      AddressPolicy = "drop"
	addressKeep      AddressPolicy = "keep"
)

var (
	botPolicies     = []string{string(dropBots), string(flagBots), string(keepBots)}
	addressPolicies = []string{string(addressByConsent), string(addressTruncate), string(addressDrop), string(addressKeep)}
)

// DecodeDocument reads one of the policies.
func (p *BotPolicy) DecodeDocument(n *document.Node) document.Mistakes {
	return decodeChoice(n, "bots", (*string)(p), botPolicies)
}

// DocumentShape is the shape of a policy.
func (*BotPolicy) DocumentShape() *shape.Shape { return shape.Choice(botPolicies...) }

// DecodeDocument reads one of the policies.
func (p *AddressPolicy) DecodeDocument(n *document.Node) document.Mistakes {
	return decodeChoice(n, "address", (*string)(p), addressPolicies)
}

// DocumentShape is the shape of a policy.
func (*AddressPolicy) DocumentShape() *shape.Shape { return shape.Choice(addressPolicies...) }

func decodeChoice(n *document.Node, key string, into *string, allowed []string) document.Mistakes {
	var word string
	mistakes := document.Decode(n, &word)
	if len(mistakes) > 0 || len(n.Missing) > 0 {
		return mistakes
	}
	if !slices.Contains(allowed, word) {
		mistakes.Add(n.At, key+" cannot be "+strconv.Quote(word), document.OneOf(word, allowed))
		return mistakes
	}
	*into = word
	return nil
}
