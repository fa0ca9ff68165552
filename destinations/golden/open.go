package golden

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"headgate/destinations"
	"headgate/destinations/http"
	"headgate/document"
	"headgate/event/samples"
	"headgate/rules"
)

// open opens the destination as the case configures it.
func (r *caseRun) open(language rules.Options, deps destinations.Deps) (*destinations.Destination, document.Mistakes) {
	now := samples.Now()
	if r.one.Now != "" {
		at, err := time.Parse(time.RFC3339, r.one.Now)
		if err != nil {
			return nil, document.Mistakes{{At: r.one.At, Fact: fmt.Sprintf("now: %q is not a time", r.one.Now), Cure: "write it as 2026-11-09T12:00:00Z"}}
		}
		now = at
	}
	deps.Now = func() time.Time { return now }
	deps.Random = zeros{}
	deps.Client = &r.vendor
	deps.LiteralSecrets = true
	deps.Logger = slog.New(slog.NewTextHandler(&r.log, nil))
	language.Now = deps.Now
	var ms document.Mistakes
	if r.language, ms = rules.NewLanguage(language); len(ms) > 0 {
		return nil, ms
	}
	deps.Language = r.language
	deps.Engine = func(o destinations.EngineOptions) (destinations.Driver, document.Mistakes) {
		engine, ms := http.New(o)
		if engine == nil {
			return nil, ms
		}
		r.engine = engine
		return engine, ms
	}
	if driver := r.files.Spec(r.destination).Driver; driver != "" && deps.Drivers[driver] == nil {
		deps.Drivers = map[string]destinations.NewDriver{driver: newSilent}
	}
	config := destinations.Config{At: r.file.At}
	config.SetDefaults()
	ms = document.Decode(r.file.Config, &config)
	ms = append(ms, document.Decode(r.one.Config, &config)...)
	config.At, config.Use = r.one.At, document.Words{Value: r.destination}
	config.Settings = mergeNodes(r.file.Settings, r.one.Settings)
	config.Delivery.AtOnce = 1 // requests in their order
	if len(ms) > 0 {
		return nil, ms
	}
	return destinations.Open(r.destination, config, r.files, deps)
}

// mergeNodes is base with the keys of own in place of its own.
func mergeNodes(base, own *document.Node) *document.Node {
	if base == nil || own == nil {
		if own == nil {
			return base
		}
		return own
	}
	merged := *base
	merged.Fields = slices.DeleteFunc(slices.Clone(base.Fields), func(f document.Field) bool { return own.Get(f.Key) != nil })
	merged.Fields = append(merged.Fields, own.Fields...)
	return &merged
}

// zeros is the source of randomness of cases.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// silent stands in for a driver that this program lacks, so that its settings can be checked.
type silent struct{}

func newSilent(destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	return silent{}, nil
}

func (silent) Deliver(_ context.Context, events []destinations.Sending) []destinations.Verdict {
	return make([]destinations.Verdict, len(events))
}
func (silent) Close(context.Context) error { return nil }
