package destinations

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"headgate/destinations/catalog"
	"headgate/destinations/settings"
	"headgate/document"
	"headgate/rules"
)

// Driver delivers the events of one destination. What it may be able to do besides is in abilities.go, an interface each.
type Driver interface {
	// Deliver writes the events and returns one verdict per event, in order. It may be called by several goroutines at
	// once, and again with events that were already written (after a crash): writing twice must be harmless, or the
	// file says `duplicates: possible`. A batch that is delivered again has the same BatchName.
	Deliver(ctx context.Context, events []Sending) []Verdict
	// Close writes what it holds and closes what it has open. Deliver is not called afterwards.
	Close(ctx context.Context) error
}

// NewDriver makes a driver from its settings. It only checks them: files and connections are opened by the first
// Deliver, so that a configuration can be checked without side effects.
type NewDriver func(DriverOptions) (Driver, document.Mistakes)

// DriverOptions is what a driver is made of.
type DriverOptions struct {
	Name     string       // of the destination in the configuration
	Settings settings.Set // as the driver's file declares them, defaults filled in
	Delivery Delivery
	Written  DeliveryConfig             // what the entry itself says of delivery; zero what it leaves open
	Columns  []Column                   // of the person's own, for drivers whose file declares the setting columns
	Dial     Dial                       // obeys egress:
	Reach    func(hosts ...string) Dial // the same for hosts that the driver makes out of its settings
	Text     CompileText
	Widened  func(table string, columns []string) // to be called when an existing table got columns
	Now      func() time.Time
	Logger   *slog.Logger

	// Found is Dial for hosts that those of the settings tell of, the other members of a cluster: only the address is checked.
	Found    func(ctx context.Context, network, address string) (net.Conn, error)
	Language *rules.Language // for formulas in settings
	Failed   func(error)     // called with the error of each formula that failed and yielded nothing
}

// Dial connects to an address; see net.Dialer.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// CompileText compiles a setting as a text with {formulas} in it: fixed replaces what is not a formula in braces, and is nil when
// there is nothing of the kind; what the formulas yield of events passes through escape. The text of an event leaves out what fails.
type CompileText func(setting string, fixed map[string]string, escape func(string) string) (func(*Sending) string, document.Mistakes)

// NewEngine makes the driver of a destination whose requests its file describes: destinations/http.
type NewEngine func(EngineOptions) (Driver, document.Mistakes)

// EngineOptions is what the engine gets in addition to what every driver gets. Dial is not set: the addresses that may be
// reached are in the file.
type EngineOptions struct {
	DriverOptions
	At       document.Place // of the entry in the configuration
	Spec     *catalog.Spec
	Events   *EventNames
	Requires []Requirement
	Allow    []netip.Prefix
	Client   http.RoundTripper // in place of the network; nil: the network
	Random   io.Reader         // nil: crypto/rand
	Hide     func(string) string

	CheckOnly bool // report what is wrong with the file's formulas, and return no driver
}
