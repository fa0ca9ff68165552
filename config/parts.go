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
	"time"

	"headgate/config/references"
	"headgate/consent"
	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/enrich"
	"headgate/event/needs"
	"headgate/insight/terms"
	"headgate/rules"
	"headgate/scripts"
	"headgate/sources"
)

// Deps are what the parts of a running Headgate are built with. The zero value of each is the real thing, but for Drivers.
type Deps struct {
	Drivers map[string]destinations.NewDriver
	Client  http.RoundTripper // in place of the network: for tests
	Now     func() time.Time
	Random  io.Reader
	Logger  *slog.Logger
}

// withDefaults returns d with the real thing for what it leaves open, but for Drivers, Client and Logger.
func (d Deps) withDefaults() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Random == nil {
		d.Random = rand.Reader
	}
	return d
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

	dated []references.Dated // secrets that say when they end
}

// Destination is a destination and what it needs of consent.
type Destination struct {
	*destinations.Destination
	Need needs.Need
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
