// Package conformance is the test that every driver of a store runs: what a driver promises of order, duplicates, restarts, cancelled
// deliveries, stores that take nothing for a while, erasure and events that its store refuses, against its real store. It is imported by tests only.
package conformance

import (
	"context"
	"net/netip"
	"os"
	"testing"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/document"
	"headgate/rules"
)

// Open opens the destination whose file is in the current folder, as an entry of the configuration with these settings would. The
// local machine may be reached, and secrets may stand in the settings.
func Open(t testing.TB, name string, driver destinations.NewDriver, settings string) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	return OpenEntry(t, name, driver, "settings: "+settings)
}

// OpenEntry is Open with a whole entry, without its use.
func OpenEntry(t testing.TB, name string, driver destinations.NewDriver, entry string) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	d, ms := OpenWith(t, name, driver, entry, nil)
	if d != nil {
		t.Cleanup(func() {
			if err := d.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return d, ms
}

// OpenWith is OpenEntry of a destination that the test closes, with what change makes of its surroundings.
func OpenWith(t testing.TB, name string, driver destinations.NewDriver, entry string, change func(*destinations.Deps)) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	files, ms := catalog.Load(catalog.Folder{FS: os.DirFS("."), Name: name})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	language, ms := rules.NewLanguage(rules.Options{})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	node, ms := document.Parse("headgate.yaml", []byte("use: "+name+"\n"+entry+"\n"))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	config := destinations.Config{At: node.At}
	config.SetDefaults()
	if ms := document.Decode(node, &config); len(ms) > 0 {
		return nil, ms
	}
	deps := destinations.Deps{Engine: http.Driver, Language: language, Drivers: map[string]destinations.NewDriver{name: driver},
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, LiteralSecrets: true}
	if change != nil {
		change(&deps)
	}
	return destinations.Open("warehouse", config, files, deps)
}
