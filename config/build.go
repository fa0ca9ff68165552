package config

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"headgate/consent"
	"headgate/destinations"
	"headgate/destinations/catalog"
	engine "headgate/destinations/http"
	"headgate/document"
	"headgate/enrich"
	"headgate/event"
	"headgate/event/needs"
	"headgate/insight/terms"
	"headgate/rules"
	"headgate/scripts"
	"headgate/sources"
	"headgate/sources/webhook"
)

// Deps are what the parts of a running Headgate are built with. The zero value of each is the real thing, but for Drivers.
type Deps struct {
	Drivers map[string]destinations.NewDriver
	Client  http.RoundTripper // in place of the network: for tests
	Now     func() time.Time
	Random  io.Reader
	Logger  *slog.Logger
}

// Parts are a configuration, built: everything that can fail has not. They have opened nothing but the files that the
// configuration names to be read, and must be closed.
type Parts struct {
	Config       *Config
	Catalog      *catalog.Catalog
	Hash         string
	Inputs       []string          // files that values were taken from
	Secrets      *document.Secrets // to be hidden in all that is shown
	Certificate  *tls.Certificate  // of the files that tls names, nil without
	Language     *rules.Language
	Policy       *consent.Policy
	Sources      []sources.Source
	Scripts      *scripts.Set
	Enricher     *enrich.Enricher
	Rules        *rules.Rules
	Destinations []Destination // those that are enabled, in the order written
	Insight      *terms.Terms  // nil: it is off
	Warnings     document.Mistakes

	dated []dated // secrets that say when they end
}

// Destination is a destination and what it needs of consent.
type Destination struct {
	*destinations.Destination
	Need needs.Need
}

// Open loads and builds the configuration at a path, and reports everything that is wrong with it at once. The Parts are
// nil when there is any mistake.
func Open(path string, env Env, deps Deps) (*Parts, document.Mistakes) {
	l, ms := Load(path, env)
	if l == nil {
		return nil, ms
	}
	return l.Open(deps)
}

// Open builds what was loaded, and reports everything that is wrong with it at once, what Load reported included. The Parts
// are nil when there is any mistake.
func (l *Loaded) Open(deps Deps) (*Parts, document.Mistakes) {
	p, wrong := l.Build(deps)
	wrong, ms := l.discreet(wrong), slices.Clone(l.mistakes)
	ms = append(ms, slices.DeleteFunc(l.withoutEchoes(wrong), func(m document.Mistake) bool {
		// What stands at the place of a mistake that loading found is its echo.
		return slices.ContainsFunc(ms, func(known document.Mistake) bool { return known.At == m.At })
	})...)
	if len(ms) > 0 {
		if p != nil {
			return nil, append(ms, asMistakes(p.Close(context.Background()))...)
		}
		return nil, ms
	}
	return p, nil
}

// openSources opens the sources with the webhooks that were read.
func (l *Loaded) openSources(language *rules.Language) ([]sources.Source, document.Mistakes) {
	files, ms := l.Webhooks, document.Mistakes(nil)
	if files == nil {
		files, ms = webhook.BuiltIn()
	}
	all, wrong := sources.Open(l.Config.Sources, l.Config.Limits.sourceLimits(), webhook.Open(files, language))
	return all, append(ms, wrong...)
}

func asMistakes(err error) (ms document.Mistakes) {
	if err != nil {
		ms.Add(document.Place{}, "close what was built: "+err.Error(), "")
	}
	return ms
}

// Build makes the parts of a running Headgate. The Parts are nil when there is any mistake.
func (l *Loaded) Build(deps Deps) (*Parts, document.Mistakes) {
	if deps.Random == nil {
		deps.Random = rand.Reader
	}
	now := deps.Now
	if now == nil {
		now = time.Now
	}
	c := &l.Config
	p := &Parts{Config: c, Catalog: l.Catalog, Hash: l.Hash, Inputs: l.Inputs, Secrets: l.secrets, dated: l.dated}
	policy, ms := consent.New(c.Consent)
	if !slices.Contains(policy.Purposes(), c.Identity.Purpose) && c.Identity.Purpose != "" {
		ms.Add(c.Identity.Cookie.At, fmt.Sprintf("identity.purpose: no purpose is called %q", c.Identity.Purpose),
			document.DidYouMean(c.Identity.Purpose, policy.Purposes()))
	}
	var wrong document.Mistakes
	p.Language, wrong = rules.NewLanguage(rules.Options{Tables: c.Tables, Purposes: policy.Purposes(), Now: deps.Now, Random: deps.Random})
	ms = append(ms, wrong...)
	p.Sources, wrong = l.openSources(p.Language)
	ms = append(ms, wrong...)
	ms = append(ms, p.openScripts(policy.Purposes(), deps)...)
	ms = append(ms, c.checkEndpoint(p.Sources)...)
	p.Rules, wrong = p.Language.Rules(c.Rules, rules.RuleScope(), c.Destinations.Keys())
	ms = append(ms, wrong...)
	ms = append(ms, p.openDestinations(deps, policy)...)
	if c.Insight != nil {
		p.Insight, wrong = terms.New(c.Insight, p.Language, os.ReadFile)
		ms = append(append(ms, wrong...), p.checkInsight()...)
	}
	ms = append(ms, p.checkAlerts()...)

	var all []needs.Need
	for _, d := range p.Destinations {
		all = append(all, d.Need)
	}
	p.Policy = policy
	p.Policy.Expect(all...)
	p.Policy.PassOn = p.Language.Reads("signals")
	p.Policy.Personal.Blocks = sources.Blocks()
	p.Certificate, wrong = c.TLS.certificate()
	ms = append(ms, wrong...)
	p.Enricher, wrong = enrich.New(c.Enrich, c.Identity, c.TrustedProxies, deps.Random, c.outgoing(c.Enrich.Traffic.SignerHosts(), deps))
	ms = append(ms, wrong...)
	if len(ms) > 0 {
		return nil, append(ms, asMistakes(p.Close(context.Background()))...)
	}
	p.Enricher.Blocks = sources.Blocks()
	p.Warnings = append(p.Warnings, p.misspelt()...)
	p.Warnings = append(append(p.Warnings, c.warnings()...), c.TLS.warnings(p.Certificate, now())...)
	p.Warnings = l.discreet(append(p.Warnings, l.expiring(now())...))
	return p, nil
}

// openScripts makes the scripts. None may lie where a source listens, which would have the requests.
func (p *Parts) openScripts(purposes []string, deps Deps) (ms document.Mistakes) {
	c := p.Config
	p.Scripts, ms = scripts.Open(c.Scripts, purposes, scripts.Options{Folder: filepath.Join(c.Data.Value, "scripts"),
		Transport: func(hosts []string) http.RoundTripper { return c.outgoing(hosts, deps) }})
	for _, one := range p.Scripts.List() {
		for _, source := range p.Sources {
			if source.Claims("GET", one.Example()) || source.Claims("POST", one.Example()) {
				entry, _ := c.Scripts.Get(one.Name)
				ms.Add(entry.At, "the script "+one.Name+" lies where the source "+source.Name()+" listens: "+one.Example(), "give it another path")
			}
		}
	}
	return ms
}

// openDestinations opens all destinations; those that are switched off are only checked.
func (p *Parts) openDestinations(deps Deps, policy *consent.Policy) (ms document.Mistakes) {
	opening := destinations.Deps{Language: p.Language, Engine: engine.Driver, Drivers: deps.Drivers, Allow: p.Config.Egress.Allow, Client: deps.Client,
		Now: deps.Now, Random: deps.Random, Logger: deps.Logger, Secrets: p.Secrets, Others: p.Config.Destinations.Keys()}
	for _, e := range p.Config.Destinations {
		e.Value.At = e.At
		d, wrong := destinations.Open(e.Key, e.Value, p.Catalog, opening)
		if !e.Value.Enabled && hasMissing(e.Value.Settings) {
			// What is missing is excused, and so is what follows from it for the whole entry, such as an address.
			wrong = slices.DeleteFunc(wrong, func(m document.Mistake) bool { return m.At == e.Value.At })
		}
		need, spec := destinations.NeedOf(e.Key, e.Value, p.Catalog, p.Language)
		if spec != nil {
			need.Flags = p.flags(spec, policy.Purposes())
			unfit := policy.Check(need, e.At)
			wrong = slices.DeleteFunc(wrong, func(m document.Mistake) bool { // a purpose that is misspelt is also left out
				return slices.ContainsFunc(unfit, func(known document.Mistake) bool {
					return known.At == m.At && strings.HasPrefix(known.Fact, "no purpose")
				})
			})
			ms = append(ms, unfit...)
		}
		ms = append(ms, wrong...)
		if d == nil {
			continue
		}
		if !e.Value.Enabled {
			ms = append(ms, asMistakes(d.Close(context.Background()))...)
			continue
		}
		p.Warnings = append(p.Warnings, d.Warnings()...)
		p.Warnings = append(p.Warnings, policy.Warn(need, d.Spec().Kind == "ads", e.At)...)
		p.Destinations = append(p.Destinations, Destination{d, need})
	}
	return ms
}

// flags lists what a destination sends with every event that lacks a purpose.
func (p *Parts) flags(spec *catalog.Spec, purposes []string) (flags []event.Flag) {
	for i := range spec.Flags {
		for _, purpose := range purposes {
			if destinations.FlagWithout(spec, spec.Flags[i], purpose, p.Language) {
				flags = append(flags, event.Flag{Purpose: purpose, Sets: flagText(&spec.Flags[i])})
			}
		}
	}
	return flags
}

// flagText names a flag by what it sets first: data_processing_options=LDU.
func flagText(f *catalog.Flag) string {
	if len(f.Set) == 0 {
		return ""
	}
	key, value := f.Set[0].Key, f.Set[0].Value
	if value.Kind == document.List && len(value.Items) == 1 {
		value = value.Items[0]
	}
	if value.Text == "" || strings.HasPrefix(value.Text, "=") {
		return key
	}
	return key + "=" + value.Text
}

// Close gives up what was opened.
func (p *Parts) Close(ctx context.Context) error {
	var errs []error
	for _, d := range p.Destinations {
		if err := d.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close destination %s: %w", d.Name(), err))
		}
	}
	if p.Enricher != nil {
		if err := p.Enricher.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close the geo database: %w", err))
		}
	}
	return errors.Join(errs...)
}
