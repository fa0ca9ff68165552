package destinations

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"headgate/destinations/catalog"
	"headgate/destinations/egress"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/rules"
)

// Deps are what destinations are opened with. Language and Engine are needed; the zero value of the others is the real thing.
type Deps struct {
	Language *rules.Language
	Engine   NewEngine // delivers what files describe under send:
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

func (d Deps) filled() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// Open makes a destination from its entry in the configuration. It opens no connection and no file. Everything that is
// wrong is reported; the destination is nil then.
func Open(name string, c Config, files *catalog.Catalog, deps Deps) (*Destination, document.Mistakes) {
	use := cmp.Or(c.Use.Value, name)
	if file := files.Unread(use); file != "" {
		return nil, document.Mistakes{{At: c.At, Fact: "the file of " + use + " cannot be read", Cure: "fix " + file + " first"}}
	}
	spec := files.Spec(use)
	if spec == nil {
		at := c.At
		if c.Use.Value != "" {
			at = c.Use.At
		}
		return nil, document.Mistakes{{At: at, Fact: fmt.Sprintf("no destination %q in the catalogue", use), Cure: unknownDestination(use, name, files)}}
	}
	return open(name, c, spec, deps.filled())
}

func unknownDestination(use, name string, files *catalog.Catalog) string {
	if ours := files.Called(use); ours != "" {
		return "write use: " + ours
	}
	if cure := document.DidYouMean(use, files.Names()); cure != "" {
		return cure
	}
	if use == name {
		return "write use: with a name out of headgate destinations"
	}
	return "headgate destinations lists them"
}

func open(name string, c Config, spec *catalog.Spec, deps Deps) (*Destination, document.Mistakes) {
	d := &Destination{name: name, spec: spec, enabled: c.Enabled, traffic: c.Traffic, language: deps.Language, logger: deps.Logger.With("destination", name)}
	var ms, wrong document.Mistakes
	d.settings, wrong = settings.Read(spec, c.Settings, c.At, settings.Options{Language: deps.Language, Secrets: deps.Secrets, LiteralSecrets: deps.LiteralSecrets})
	ms = append(ms, wrong...)
	d.need, wrong = c.Consent.resolve(spec, c.At, deps.Language)
	ms = append(ms, wrong...)
	d.delivery, wrong = c.Delivery.resolve(spec, c.At)
	ms = append(ms, wrong...)
	if len(ms) == 0 {
		d.warnings = d.settings.Warnings(spec, deps.Now())
	}
	d.hide = d.settings.Masker(deps.Secrets)

	formulas := &Formulas{Language: deps.Language}
	scope := rules.DestinationScope(spec.Settings.Keys())
	d.events = formulas.eventNames(spec, c.Events, d.settings)
	d.when = formulas.Condition(c.When, scope.Request())
	d.whenSays = "when: " + c.When.Value
	for _, r := range spec.Requires {
		d.requires = append(d.requires, formulas.requirement(r, scope))
	}
	if _, has := spec.Settings.Get("columns"); has && spec.Driver != "" {
		d.columns = readColumns(c.Settings.Get("columns"), scope, formulas)
	}
	ms = append(ms, formulas.Mistakes...)
	if len(c.Rules) > 0 {
		d.own, wrong = deps.Language.Rules(c.Rules, scope.Request(), deps.Others)
		ms = append(ms, wrong...)
	}
	if ms = append(ms, d.openDriver(c, deps, len(ms) > 0)...); len(ms) > 0 {
		return nil, d.placed(ms, c.At)
	}
	return d, nil
}

// placed returns mistakes at places that a person can edit: what settings make of a built-in file is wrong where they are written.
func (d *Destination) placed(ms document.Mistakes, at document.Place) document.Mistakes {
	for i := range ms {
		if m := &ms[i]; m.At.File == "" || d.spec.BuiltIn && m.At.File == d.spec.At.File {
			m.At = at
			m.Fact = d.spec.Name + " cannot work with these settings: " + m.Fact
		}
	}
	return ms
}

// openDriver opens what delivers: the driver that the file names, or else the engine of HTTP. The engine always judges the
// file, whose formulas nobody else compiles.
func (d *Destination) openDriver(c Config, deps Deps, broken bool) (ms document.Mistakes) {
	options := DriverOptions{Name: d.name, Settings: d.settings, Delivery: d.delivery, Written: c.Delivery, Now: deps.Now, Logger: d.logger,
		Language: deps.Language, Failed: d.formulaFailed}
	engine, wrong := deps.Engine(EngineOptions{DriverOptions: options, At: c.At, Spec: d.spec, Events: d.events, Requires: d.requires,
		Allow: deps.Allow, Client: deps.Client, Random: deps.Random, Hide: d.hide,
		CheckOnly: broken || d.spec.Driver != ""})
	if d.spec.Driver == "" || broken || len(wrong) > 0 {
		d.driver = engine
		return wrong
	}
	open := deps.Drivers[d.spec.Driver]
	if open == nil {
		return document.Mistakes{{At: d.spec.At, Fact: fmt.Sprintf("no driver %q in this program", d.spec.Driver)}}
	}
	var hosts []string
	for _, s := range d.spec.Settings {
		if u, err := url.Parse(d.settings.Text(s.Key)); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	options.Dial = egress.NewDialer(hosts, deps.Allow).Dial
	options.Found = egress.NewDialer(nil, deps.Allow).Found
	options.Reach = func(more ...string) Dial {
		return egress.NewDialer(append(slices.Clone(hosts), more...), deps.Allow).Dial
	}
	options.Text = func(setting string, fixed map[string]string, escape func(string) string) (func(*Sending) string, document.Mistakes) {
		return d.compileText(c.Settings.Get(setting), setting, fixed, escape)
	}
	options.Columns, options.Widened = d.columns, d.widened
	if d.driver, ms = open(options); len(ms) == 0 {
		d.pace(c)
	}
	return ms
}
