package sources

import (
	"headgate/document"
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
	PublicKeys     []document.Words  `yaml:"public_keys" help:"Public keys of a sender that signs with a key of its own, for algorithm: ed25519 or rsa-sha256: PEM, or for ed25519 whpk_ and base64" example:"[\"${file:/etc/headgate/sender.pem}\"]"`
	Verify         signature.Schemes `yaml:"verify" help:"How deliveries are signed, in place of what the file says of it; required for use: webhook"`
	Settings       *document.Node    `yaml:"settings" help:"What the file asks for; see its page" example:"{item_id: sku}"`
	WithoutConsent string            `yaml:"without_consent" choices:"deny,region" help:"What holds for a delivery that states no consent: deny, every purpose is denied; region, what the buyer's region presumes" example:"deny"`
}

// SetDefaults implements document.Defaulter.
func (w *Webhook) SetDefaults() { w.WithoutConsent = "deny" }

// Opener makes the protocol of a webhook. The title is for its Declaration's help.
type Opener func(w *Webhook, l Limits) (title string, p Protocol, ms document.Mistakes)
