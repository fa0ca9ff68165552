package destinations

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"headgate/document"
	"headgate/rules"
)

// Deps are what destinations are opened with. Language is needed; the zero value of the others is the real thing.
type Deps struct {
	Language *rules.Language
	Drivers  map[string]NewDriver
	Allow    []netip.Prefix    // egress.allow: private and loopback ranges that may be reached
	Client   http.RoundTripper // in place of the network: for tests
	Now      func() time.Time  // nil: time.Now
	Random   io.Reader         // for OAuth 1.0a; nil: crypto/rand
	Secrets  *document.Secrets // hidden by value in all that is shown; nil: only settings of the type secret are
	Logger   *slog.Logger      // nil: nothing is logged

	Others         []string // names of all destinations, for suggestions in rules
	LiteralSecrets bool     // secrets may stand in the file: golden cases
}

// Destination is one entry of the configuration, ready to deliver. Its exported methods may be called by several
// goroutines at once.
type Destination struct {
	name     string
	spec     *Spec
	settings Settings
	consent  Consent
	delivery Delivery
	enabled  bool
	warnings document.Mistakes

	events   map[string][]string
	rest     []string      // of "*"
	naming   *rules.Naming // nil: any name will do
	ages     []age
	when     *rules.Formula
	whenSays string
	own      *rules.Rules
	requires []requirement
	sends    []*request
	answers  []answer
	driver   Driver

	language *rules.Language
	now      func() time.Time
	logger   *slog.Logger
	masked   func(string) string
	sender   *sender
	failures atomic.Int64 // formulas that yielded nothing since they failed
}

type requirement struct {
	that   *rules.Formula
	why    string
	filter bool // an event without it is not wanted in the first place
}

// Open makes a destination from its entry in the configuration. It opens no connection and no file. Everything that is
// wrong is reported; the destination is nil then.
func Open(name string, c Config, catalog *Catalog, deps Deps) (*Destination, document.Mistakes) {
	use := c.Use
	if use == "" {
		use = name
	}
	spec := catalog.Spec(use)
	if file := catalog.unread[use]; file != "" {
		return nil, document.Mistakes{{At: c.At, Fact: "the file of " + use + " cannot be read", Cure: "mend " + file + " first"}}
	}
	if spec == nil {
		return nil, document.Mistakes{{At: c.At, Fact: fmt.Sprintf("no destination %q in the catalogue", use), Cure: unknownDestination(use, name, catalog)}}
	}
	return open(name, c, spec, deps.filled())
}

func unknownDestination(use, name string, catalog *Catalog) string {
	if cure := document.DidYouMean(use, catalog.Names()); cure != "" {
		return cure
	}
	if use == name {
		return "write use: with a name out of headgate destinations"
	}
	return "headgate destinations lists them"
}

func (d Deps) filled() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

func open(name string, c Config, spec *Spec, deps Deps) (*Destination, document.Mistakes) {
	d := &Destination{name: name, spec: spec, enabled: c.Enabled, language: deps.Language, now: deps.Now, logger: deps.Logger.With("destination", name)}
	var ms, wrong document.Mistakes
	d.settings, wrong = spec.readSettings(c.Settings, c.At, deps)
	ms = append(ms, wrong...)
	d.consent, wrong = spec.resolveConsent(c.Consent, c.At, deps.Language)
	ms = append(ms, wrong...)
	d.delivery, wrong = spec.resolveDelivery(c.Delivery, c.At)
	ms = append(ms, wrong...)
	if len(ms) == 0 {
		d.warnings = spec.warnings(d.settings, deps.Now())
	}
	d.masked = d.settings.masker(deps.Secrets)

	compile := &compiler{language: deps.Language}
	d.mapEvents(compile, c.Events)
	scope := rules.DestinationScope(spec.Settings.Keys())
	d.when = compile.condition(c.When, scope.Request())
	d.whenSays = "when: " + c.When.Value
	d.naming = compile.naming(spec.place("naming"), spec.Naming)
	for _, a := range spec.Ages {
		d.ages = append(d.ages, age{compile.condition(a.When, scope), smaller(a.MaxAge.Std(), c.Delivery.MaxAge.Std())})
	}
	for _, r := range spec.Requires {
		d.requires = append(d.requires, compile.requirement(r, scope))
	}
	d.answers = compile.answers(spec.Answers, scope)
	for i := range spec.Send {
		d.sends = append(d.sends, compile.request(&spec.Send[i], spec.Flags, d.delivery.Request, scope))
	}
	ms = append(ms, compile.mistakes...)
	if len(c.Rules) > 0 {
		d.own, wrong = deps.Language.Rules(c.Rules, scope.Request(), deps.Others)
		ms = append(ms, wrong...)
	}
	if len(ms) > 0 {
		return nil, ms
	}
	if spec.Driver != "" {
		return d.openDriver(deps)
	}
	hosts, ms := d.addresses(c.At)
	if ms = append(ms, d.checkHeaders(c.At)...); len(ms) > 0 {
		return nil, ms
	}
	d.sender = newSender(d, hosts, deps)
	return d, nil
}

func (d *Destination) openDriver(deps Deps) (*Destination, document.Mistakes) {
	open := deps.Drivers[d.spec.Driver]
	if open == nil {
		return nil, document.Mistakes{{At: d.spec.At, Fact: fmt.Sprintf("no driver %q in this program", d.spec.Driver)}}
	}
	var hosts []string
	for _, s := range d.spec.Settings {
		if u, err := url.Parse(d.settings.Text(s.Key)); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	driver, ms := open(DriverOptions{Name: d.name, Settings: d.settings, Delivery: d.delivery, Dial: newEgress(hosts, deps.Allow).dial, Now: d.now, Logger: d.logger})
	if len(ms) > 0 {
		return nil, ms
	}
	d.driver = driver
	return d, nil
}

func (c *compiler) requirement(r Require, s rules.Scope) requirement {
	if r.Else.Value != "" && r.Else.Value != "reject" && r.Else.Value != "filter" {
		c.mistakes.Add(r.Else.At, fmt.Sprintf("an event cannot be %q", r.Else.Value), "write else: reject, or else: filter")
	}
	return requirement{c.condition(r.That, s), r.Why, r.Else.Value == "filter"}
}

// age is the greatest age of the events for which when holds.
type age struct {
	when  *rules.Formula
	limit time.Duration
}

// naming is how a vendor names things, nil when it takes any name.
func (c *compiler) naming(at document.Place, vendor string) *rules.Naming {
	naming := rules.NamingOf(vendor)
	if vendor != "" && naming == nil {
		c.mistakes.Add(at, fmt.Sprintf("no naming %q", vendor), "there is "+strings.Join(rules.Namings(), ", "))
	}
	return naming
}

// mapEvents puts the configuration's names of events over the catalogue's, and fills settings in.
func (d *Destination) mapEvents(c *compiler, own document.Ordered[Names]) {
	d.events = map[string][]string{}
	for _, e := range overlay(d.spec.Events, own) {
		names := make([]string, 0, len(e.Value))
		for _, name := range e.Value {
			if strings.Contains(name, "{") || len(name) > 1 && name[0] == '=' {
				node := &document.Node{At: e.At, Kind: document.Text, Text: name}
				name = c.fixed(c.template(node, rules.DestinationScope(d.spec.Settings.Keys())), d.settings)
			}
			if name != "" {
				names = append(names, name)
			}
		}
		if e.Key == "*" {
			d.rest = names
			continue
		}
		d.events[e.Key] = names
	}
}

// addresses works out which hosts the destination names, and where each request goes.
func (d *Destination) addresses(at document.Place) (hosts []string, ms document.Mistakes) {
	note := func(address, what string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
			ms.Add(at, fmt.Sprintf("the %s of %s, %q, is no address", what, d.name, d.masked(address)), "see the settings that it is made of")
			return
		}
		if !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	c := &compiler{language: d.language}
	for _, s := range d.sends {
		s.address = c.fixed(s.url, d.settings)
		s.shown = c.fixed(s.url, Settings{values: d.settings.masked})
		note(s.address, "address")
		for _, t := range s.auth.addresses(c, d.settings) {
			note(t, "token address")
		}
	}
	return hosts, append(ms, c.mistakes...)
}

// Name is the key in the configuration.
func (d *Destination) Name() string { return d.name }

// Spec is the file of the catalogue. It must not be changed.
func (d *Destination) Spec() *Spec { return d.spec }

// Enabled is false for one that is only checked.
func (d *Destination) Enabled() bool { return d.enabled }

// Settings are the settings, defaults filled in.
func (d *Destination) Settings() Settings { return d.settings }

// Consent is what it needs of consent.
func (d *Destination) Consent() Consent { return d.consent }

// Delivery is how events are handed to it.
func (d *Destination) Delivery() Delivery { return d.delivery }

// Rules are the rules for its copy only, nil when it has none.
func (d *Destination) Rules() *rules.Rules { return d.own }

// Warnings are what a person should look at though nothing is wrong yet: a version past its end.
func (d *Destination) Warnings() document.Mistakes { return d.warnings }

// FailedFormulas counts the formulas that left their key out because they failed.
func (d *Destination) FailedFormulas() int64 { return d.failures.Load() }

// Close gives up what is open. Deliver is not called afterwards.
func (d *Destination) Close(ctx context.Context) error {
	if d.driver != nil {
		return d.driver.Close(ctx)
	}
	d.sender.close()
	return nil
}
