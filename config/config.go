// Package config loads what people write: one YAML file or a folder of them, with values filled in from the environment
// and from files, decoded strictly into the sections that the other packages own, and built into the parts of a running
// Headgate.
//
// It promises that every mistake is found before anything of it is live, all of them at once and each with its place, and
// that what Load and Build accept serve can run. It opens no listener and no log and sends nothing.
package config

import (
	"strings"
	"time"

	"headgate/alerts"
	"headgate/consent"
	"headgate/destinations"
	"headgate/document"
	"headgate/enrich"
	"headgate/enrich/address"
	"headgate/enrich/identity"
	"headgate/insight/terms"
	"headgate/queue"
	"headgate/rules"
	"headgate/scripts"
	"headgate/sources"
)

// Config is a whole configuration. Each section's struct belongs to the package that works by it.
type Config struct {
	Listen         document.Words    `yaml:"listen" number:"\":%s\"" aka:"port,address" help:"Where browsers and servers send their hits: address and port" example:":8080"`
	Data           document.Words    `yaml:"data" help:"Folder of the log, the local archive and the keys" example:"./data"`
	Shutdown       document.Duration `yaml:"shutdown" help:"How long a stop may take to finish what is under way" example:"20s"`
	Log            Log               `yaml:"log" help:"What Headgate says about itself"`
	TLS            *TLS              `yaml:"tls" help:"Certificates; left out behind a CDN or a load balancer"`
	TrustedProxies address.Networks  `yaml:"trusted_proxies" help:"Whose X-Forwarded-For, X-Forwarded-Proto and geo headers are believed: ranges, addresses, loopback or private" example:"[10.0.0.0/8]"`
	Limits         Limits            `yaml:"limits" help:"What one request and one visitor may ask for"`
	Files          SecretFiles       `yaml:"files" help:"What ${file:} may read in addition to the configuration's folder, /run/secrets and /etc/headgate"`
	Egress         Egress            `yaml:"egress" help:"What destinations may reach in addition to the public internet"`

	Sites document.Ordered[Site] `yaml:"sites" help:"Properties, by name, each with the hosts it is measured through; any host is served when left out"`
	Admin Admin                  `yaml:"admin" help:"The admin API and page"`

	Sources  sources.Config  `yaml:"sources" help:"Protocols that are read, by name; {} takes a protocol's defaults"`
	Identity identity.Config `yaml:"identity" help:"The first-party cookie"`
	Scripts  scripts.Config  `yaml:"scripts" help:"Headgate's browser script and vendors' scripts, served from the site's own host, by name: see docs/browser-script.md and docs/scripts.md"`
	Enrich   enrich.Config   `yaml:"enrich" help:"What the server adds to an event"`
	Consent  consent.Config  `yaml:"consent" help:"Which signals are believed, and what holds where; the defaults are strict"`

	rules.Config `yaml:",inline"`

	Destinations document.Ordered[destinations.Config] `yaml:"destinations" help:"Who gets the events, by name"`
	Queue        queue.Config                          `yaml:"queue" help:"The log"`
	Insight      *terms.Config                         `yaml:"insight" help:"What visitors do, counted as they do it: see docs/insight.md; leaving it out turns it off, {} takes the defaults"`
	Alerts       alerts.Config                         `yaml:"alerts" help:"What people are notified of, on unless switched off: see docs/alerts.md"`
	Tests        []Test                                `yaml:"tests" help:"Cases that headgate test runs"`
}

// Log says how Headgate logs.
type Log struct {
	Level  string `yaml:"level" choices:"debug,info,warn,error" help:"The least that is logged"`
	Format string `yaml:"format" choices:"text,json" help:"text for people, json for containers"`
}

// TLS says where certificates come from.
type TLS struct {
	At   document.Place `yaml:"-"`
	ACME *ACME          `yaml:"acme" help:"Certificates from Let's Encrypt or another authority, renewed by themselves"`
	Cert string         `yaml:"cert" help:"File with the certificate and its chain" example:"/etc/headgate/tls.crt"`
	Key  string         `yaml:"key" help:"File with the private key" example:"/etc/headgate/tls.key"`
}

// ACME is an authority that issues certificates automatically (RFC 8555).
type ACME struct {
	At        document.Place   `yaml:"-"`
	Email     string           `yaml:"email" help:"Where the authority writes when a certificate is in danger" example:"ops@shop.example"`
	Hosts     []document.Words `yaml:"hosts" help:"Names the certificates are for" example:"[t.shop.example]"`
	Directory string           `yaml:"directory" help:"The authority's directory; Let's Encrypt when left out" example:"https://acme.example/directory"`
}

// Limits bound what is accepted.
type Limits struct {
	At                    document.Place       `yaml:"-"`
	Body                  document.Size        `yaml:"body" help:"Bytes of a body, before and after its compression is undone" example:"1MiB"`
	URL                   document.Size        `yaml:"url" help:"Bytes of a request's address" example:"16KiB"`
	Headers               document.Size        `yaml:"headers" help:"Bytes of all headers and the address; large cookie jars need 16KiB" example:"32KiB"`
	EventsPerRequest      int                  `yaml:"events_per_request" help:"Events of one request" example:"500"`
	ItemsPerEvent         int                  `yaml:"items_per_event" help:"Items of one event" example:"200"`
	Age                   document.Duration    `yaml:"age" help:"How far back a client's clock may put an event; webhooks, and servers that send our own JSON with a server key, are believed" example:"7d"`
	PerAddress            document.Rate        `yaml:"per_address" help:"Requests of one visitor's address; 0 is no limit" example:"200/s"`
	VolumePerAddress      *document.Throughput `yaml:"volume_per_address" help:"Bytes that one visitor's address may send or have written to the log; 0 is no limit; 5KiB for each request of per_address when left out" example:"1MiB/s"`
	PerKey                document.Rate        `yaml:"per_key" help:"Requests under one of the keys that a source lists, or signed with one of a webhook's secrets, whatever addresses they come from; 0 is no limit" example:"1000/s"`
	Connections           int                  `yaml:"connections" help:"Open connections; what the system's limit of descriptors leaves, at most 16384, when left out" example:"4096"`
	ConnectionsPerAddress int                  `yaml:"connections_per_address" help:"Open connections of one address that is no trusted proxy; 0 is no limit" example:"256"`
	Memory                document.Size        `yaml:"memory" help:"Memory the process should stay below; the container's limit when left out" example:"512MiB"`
}

// Egress says what destinations may reach.
type Egress struct {
	Allow address.Networks `yaml:"allow" help:"Private and loopback ranges that destinations may reach; none by default" example:"[10.1.0.0/16]"`
}

// SecretFiles says where secrets are. Its own values are taken as they are written, without references.
type SecretFiles struct {
	Allow []document.Words `yaml:"allow" help:"Further folders that ${file:} may read" example:"[/var/lib/secrets]"`
}

// Site is one property.
type Site struct {
	At           document.Place   `yaml:"-"`
	Hosts        []document.Words `yaml:"hosts,required" help:"Hosts its hits are sent to" example:"[t.shop.example]"`
	Origins      []document.Words `yaml:"origins" help:"Pages that may send hits; those of the same registrable domain when left out" example:"[https://www.shop.example]"`
	CookieDomain document.Words   `yaml:"cookie_domain" help:"Domain of the first-party cookie; the registrable domain of the host when left out" example:"shop.example"`
}

// Test is one case that headgate test runs.
type Test struct {
	At     document.Place                   `yaml:"-"`
	Name   string                           `yaml:"name,required" help:"A sentence that says what is proved" example:"staff never reach Meta"`
	Event  document.Ordered[*document.Node] `yaml:"event,required" help:"sample: a sample's name, and fields that differ" example:"{sample: purchase, device.ip: 198.51.100.7}"`
	Expect document.Ordered[*document.Node] `yaml:"expect,required" help:"Fields of the event after the rules; dropped_by: a rule; sent: by destination, values of the request, or nothing" example:"{dropped_by: leave staff out}"`
}

// Defaults are what holds where nothing is written.
func Defaults() Config {
	return Config{
		Listen:   document.Words{Value: ":8080"},
		Data:     document.Words{Value: "./data"},
		Shutdown: document.Duration(20 * time.Second),
		Log:      Log{Level: "info", Format: "text"},
		Limits: Limits{Body: 1 << 20, URL: 16 << 10, Headers: 32 << 10, EventsPerRequest: 500, ItemsPerEvent: 200,
			Age: document.Duration(7 * 24 * time.Hour), PerAddress: 200,
			ConnectionsPerAddress: 256},
		Admin:    Admin{Listen: document.Words{Value: "127.0.0.1:8081"}, AuditKeep: document.Duration(2 * 365 * 24 * time.Hour)},
		Sources:  sources.Config{},
		Identity: identity.Defaults(),
		Enrich:   enrich.Defaults(),
		Consent:  consent.Defaults(),
		Queue:    queue.Default(),
		Alerts:   alerts.Defaults(),
	}
}

// volumeOfRequest is what a request that per_address allows may take on average: 1 MiB a second at 200 requests.
const volumeOfRequest = 1 << 20 / 200.0

// Volume is how many bytes a second one visitor's address may send or have written to the log, 0 for any number. A higher
// limit of requests raises it too.
func (l *Limits) Volume() float64 {
	if l.VolumePerAddress != nil {
		return float64(*l.VolumePerAddress)
	}
	return float64(l.PerAddress) * volumeOfRequest
}

// SourceLimits are the limits as the sources take them.
func (c *Config) SourceLimits() sources.Limits {
	l := &c.Limits
	return sources.Limits{Body: l.Body.Int(), Events: l.EventsPerRequest, Items: l.ItemsPerEvent, Age: l.Age.Std()}
}

// FirstHost is the first host of the first site, "" when none is named: any is one then.
func (c *Config) FirstHost() string {
	for _, site := range c.Sites {
		for _, host := range site.Value.Hosts {
			return host.Value
		}
	}
	return ""
}

// HasHost reports whether hits are taken for a host, without its port.
func (c *Config) HasHost(name string) bool {
	for _, site := range c.Sites {
		for _, host := range site.Value.Hosts {
			if strings.EqualFold(host.Value, name) {
				return true
			}
		}
	}
	return c.FirstHost() == ""
}
