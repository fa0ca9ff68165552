package config

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"headgate/consent"
	"headgate/document"
	"headgate/enrich"
	"headgate/insight/terms"
	"headgate/rules"
	"headgate/scripts"
	"headgate/sources"
	"headgate/sources/webhook"
)

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
	ms := append(slices.Clone(l.mistakes), l.withoutEchoes(l.discreet(wrong), l.mistakes)...)
	if len(ms) > 0 {
		if p != nil {
			return nil, append(ms, asMistakes(p.Close(context.Background()))...)
		}
		return nil, ms
	}
	return p, nil
}

// Build makes the parts of a running Headgate. The Parts are nil when there is any mistake.
func (l *Loaded) Build(deps Deps) (*Parts, document.Mistakes) {
	deps = deps.withDefaults()
	p := &Parts{Config: &l.Config, Catalog: l.Catalog, Hash: l.Hash, Inputs: l.Inputs, Secrets: l.secrets, dated: l.dated}
	ms := p.openPolicy()
	ms = append(ms, p.openLanguage(deps)...) // formulas name purposes
	ms = append(ms, p.openSources(l.Webhooks)...)
	ms = append(ms, p.openScripts(deps)...)
	ms = append(ms, p.checkPaths()...)
	ms = append(ms, p.openRules()...)
	ms = append(ms, p.openDestinations(deps)...)
	ms = append(ms, p.openInsight()...)
	ms = append(ms, p.checkAlerts()...)
	p.completePolicy()
	ms = append(ms, p.openCertificate()...)
	ms = append(ms, p.openEnricher(deps)...)
	if len(ms) > 0 {
		return nil, append(ms, asMistakes(p.Close(context.Background()))...)
	}
	p.Warnings = l.discreet(append(p.Warnings, p.warnings(deps.Now())...))
	return p, nil
}

// openPolicy compiles the consent section. What it needs of the other parts, completePolicy adds.
func (p *Parts) openPolicy() (ms document.Mistakes) {
	p.Policy, ms = consent.New(p.Config.Consent)
	identity, purposes := &p.Config.Identity, p.Policy.Purposes()
	if !slices.Contains(purposes, identity.Purpose) && identity.Purpose != "" {
		ms.Add(identity.Cookie.At, fmt.Sprintf("identity.purpose: no purpose is called %q", identity.Purpose), document.DidYouMean(identity.Purpose, purposes))
	}
	return ms
}

// completePolicy tells the policy what depends on formulas and on destinations.
func (p *Parts) completePolicy() {
	for _, d := range p.Destinations {
		p.Policy.Expect(d.Need)
	}
	p.Policy.PassOn = p.Language.Reads("signals")
	p.Policy.Personal.Blocks = sources.Blocks()
}

func (p *Parts) openLanguage(deps Deps) (ms document.Mistakes) {
	p.Language, ms = rules.NewLanguage(rules.Options{Tables: p.Config.Tables, Purposes: p.Policy.Purposes(), Now: deps.Now, Random: deps.Random})
	return ms
}

// openSources opens the sources with the webhooks that were read.
func (p *Parts) openSources(webhooks *webhook.Catalogue) (ms document.Mistakes) {
	if webhooks == nil {
		webhooks, ms = webhook.BuiltIn()
	}
	all, wrong := sources.Open(p.Config.Sources, p.Config.SourceLimits(), webhook.Open(webhooks, p.Language))
	p.Sources = all
	return append(ms, wrong...)
}

func (p *Parts) openScripts(deps Deps) (ms document.Mistakes) {
	c := p.Config
	p.Scripts, ms = scripts.Open(c.Scripts, p.Policy.Purposes(), scripts.Options{Folder: filepath.Join(c.Data.Value, "scripts"),
		Transport: func(hosts []string) http.RoundTripper { return c.Outgoing(hosts, deps.Client) }})
	return ms
}

func (p *Parts) openRules() (ms document.Mistakes) {
	p.Rules, ms = p.Language.Rules(p.Config.Rules, rules.RuleScope(), p.Config.Destinations.Keys())
	return ms
}

func (p *Parts) openInsight() (ms document.Mistakes) {
	if p.Config.Insight == nil {
		return nil
	}
	p.Insight, ms = terms.New(p.Config.Insight, p.Language, os.ReadFile)
	return append(ms, p.checkInsight()...)
}

func (p *Parts) openCertificate() (ms document.Mistakes) {
	p.Certificate, ms = p.Config.TLS.certificate()
	return ms
}

func (p *Parts) openEnricher(deps Deps) (ms document.Mistakes) {
	c := p.Config
	p.Enricher, ms = enrich.New(c.Enrich, c.Identity, c.TrustedProxies, deps.Random, c.Outgoing(c.Enrich.Traffic.SignerHosts(), deps.Client))
	if p.Enricher != nil {
		p.Enricher.Blocks = sources.Blocks()
	}
	return ms
}

// warnings are what a person should look at in what was built.
func (p *Parts) warnings(now time.Time) document.Mistakes {
	ms := p.misspelt()
	ms = append(ms, p.Config.warnings()...)
	ms = append(ms, p.Config.TLS.warnings(p.Certificate, now)...)
	return append(ms, expiring(p.dated, now)...)
}
