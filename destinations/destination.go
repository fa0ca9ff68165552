package destinations

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"headgate/destinations/catalog"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/event/needs"
	"headgate/rules"
)

// Destination is one entry of the configuration, ready to deliver. Its exported methods may be called by several
// goroutines at once.
type Destination struct {
	name     string
	spec     *catalog.Spec
	settings settings.Set
	need     needs.Need
	delivery Delivery
	enabled  bool
	warnings document.Mistakes

	events   *EventNames
	when     *rules.Formula
	whenSays string
	traffic  *Traffic // nil: it does not say
	own      *rules.Rules
	requires []Requirement
	columns  []Column // of a driver's table, of a person's own
	language *rules.Language
	driver   Driver

	logger   *slog.Logger
	hide     func(string) string // masks secrets
	failures atomic.Int64        // formulas that yielded nothing since they failed
	misfits  atomic.Int64        // values that did not fit their column
	added    atomic.Int64        // columns that tables got
}

// formulaFailed counts the formulas that left their key out because they failed, and logs the first.
func (d *Destination) formulaFailed(err error) {
	if d.failures.Add(1) == 1 {
		if failure := (*rules.Failure)(nil); errors.As(err, &failure) {
			err = failure.Unquoted()
		}
		d.logger.Warn("a formula of a destination failed and its key was left out; later ones are only counted", "error", err)
	}
}

// Name is the key in the configuration.
func (d *Destination) Name() string { return d.name }

// Spec is the file of the catalogue. It must not be changed.
func (d *Destination) Spec() *catalog.Spec { return d.spec }

// Enabled is false for one that is only checked.
func (d *Destination) Enabled() bool { return d.enabled }

// Settings are the settings, defaults filled in.
func (d *Destination) Settings() settings.Set { return d.settings }

// Need is what it asks of consent.
func (d *Destination) Need() needs.Need { return d.need }

// Delivery is how events are handed to it.
func (d *Destination) Delivery() Delivery { return d.delivery }

// Rules are the rules for its copy only, nil when it has none.
func (d *Destination) Rules() *rules.Rules { return d.own }

// Warnings are what a person should look at although nothing fails yet: a version that the vendor has ended.
func (d *Destination) Warnings() document.Mistakes { return d.warnings }

// FailedFormulas counts the formulas that left their key out because they failed.
func (d *Destination) FailedFormulas() int64 { return d.failures.Load() }

// Close closes what is open. Deliver is not called afterwards.
func (d *Destination) Close(ctx context.Context) error {
	return d.driver.Close(ctx)
}
