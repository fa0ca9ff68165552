// Package enrich adds to an event what the server knows and the browser does not say, or should not be believed to say:
// the visitor's address behind trusted proxies, the place, what the user agent means, whether it is a bot, how the visitor
// came, the marketing cookies that destinations ask for, and a first-party id.
//
// It promises that a peer that is not trusted can choose neither its address nor its place; that the place is looked up
// before the address is shortened; and that no id is minted, kept or used without consent. It never overwrites what an
// event says about the visitor's doings, and a hit never waits for the network:
// the public keys of agents that sign their requests are fetched meanwhile.
//
// A walk goes: Client once a hit, Visit once its events are read, Describe and, after consent, Identify and Truncate for
// each event, Cookies for the answer.
package enrich

import (
	"io"
	"net/http"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"headgate/document"
	"headgate/enrich/address"
	"headgate/enrich/agent"
	"headgate/enrich/bots"
	"headgate/enrich/identity"
	"headgate/enrich/place"
	"headgate/enrich/traffic"
	"headgate/event"
)

// Enricher holds what is the same for all hits. It is safe for use by many goroutines.
type Enricher struct {
	// Blocks are the params in which sources keep what is their protocol's own: some hold the browser's hints.
	Blocks []event.Block

	trusted       address.Networks
	addressHeader string
	address       AddressPolicy
	botPolicy     BotPolicy
	geo           place.Headers
	database      *place.Database // nil without one
	agents        *agent.Reader
	traffic       traffic.Senders
	identity      recognition
	domains       *lru.Cache[string, string] // cookieDomain by host
}

// rememberedHosts bounds how many hosts' domains are kept: anyone may send any Host.
const rememberedHosts = 256

// New builds an Enricher and opens the geo database if one is named. Random is the source of minted ids: crypto/rand's.
// Keys of agents are fetched through keys, which must reach nothing but Config.Traffic.SignerHosts; nil fetches none.
// Close is due even after the Enricher has been replaced.
func New(c Config, id identity.Config, trusted address.Networks, random io.Reader, keys http.RoundTripper) (*Enricher, document.Mistakes) {
	mistakes := id.Check()
	en := &Enricher{
		trusted:       trusted,
		addressHeader: strings.ToLower(c.AddressHeader),
		address:       c.Address,
		botPolicy:     c.Bots,
		geo:           c.Geo.Headers.Lower(),
		identity:      newRecognition(&id, random),
	}
	if c.Geo.Database.Value != "" {
		var err error
		if en.database, err = place.Open(c.Geo.Database.Value); err != nil {
			mistakes.Add(c.Geo.Database.At, "the geo database cannot be opened: "+err.Error(),
				"name a MaxMind City or Country file that Headgate may read, or leave the key out")
		}
	}
	var wrong document.Mistakes
	en.traffic, wrong = traffic.New(&c.Traffic, keys)
	mistakes = append(mistakes, wrong...)
	if len(mistakes) > 0 {
		_ = en.Close() // nothing was written
		return nil, mistakes
	}
	var err error
	if en.domains, err = lru.New[string, string](rememberedHosts); err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	en.agents = agent.NewReader(bots.Known())
	return en, nil
}

// Close releases the geo database and ends the fetching of keys. No event may be described afterwards.
func (en *Enricher) Close() error {
	en.traffic.Close()
	if en.database == nil {
		return nil
	}
	return en.database.Close()
}

// Drops reports whether the bot filter leaves a described event out, for every destination that does not say itself which traffic it
// takes. What an agent buys for a person was bought.
func (en *Enricher) Drops(e *event.Event) bool {
	return en.botPolicy == dropBots && e.Device.Bot && !(e.Traffic.Class == event.AIAgent && e.Order())
}
