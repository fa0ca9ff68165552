package http_test

import (
	"runtime"
	"testing"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
)

// BenchmarkEncode is what a purchase with everything in it costs each destination of the catalogue, of a batch as large as
// the vendor takes, up to 500.
func BenchmarkEncode(b *testing.B) {
	c := builtIn(b)
	for _, name := range c.Names() {
		if c.Spec(name).Driver != "" {
			continue // it builds no requests
		}
		b.Run(name, func(b *testing.B) {
			batch, d := batchOf(b, 500, "purchase"), openedAsInItsCases(b, c, name)
			for _, s := range batch { // these vendors take nobody else's
				s.Event.Campaign.ClickIDs.Set("dicbo", event.String("click-1"))
				s.Event.Campaign.ClickIDs.Set("tblci", event.String("click-2"))
			}
			requests, _ := d.Encode(batch)
			if len(requests) == 0 {
				b.Fatal("nothing is sent")
			}
			b.ReportAllocs()
			n := 0
			before := allocations()
			for b.Loop() {
				d.Encode(batch)
				n += len(batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
			b.ReportMetric(float64(allocations()-before)/float64(n), "allocs/event")
		})
	}
}

// openedAsInItsCases is a destination with the settings of its golden cases.
func openedAsInItsCases(b *testing.B, c *catalog.Catalog, name string) *opening {
	b.Helper()
	config := destinations.Config{Use: document.Words{Value: name}, Settings: c.Cases(name).Settings}
	config.SetDefaults()
	if ms := document.Decode(c.Cases(name).Config, &config); len(ms) > 0 {
		b.Fatal(ms)
	}
	options := purposes()
	options.Now = samples.Now
	language, ms := rules.NewLanguage(options)
	if len(ms) > 0 {
		b.Fatal(ms)
	}
	d, ms := openWith(name, config, c, destinations.Deps{Language: language, Now: samples.Now, LiteralSecrets: true})
	if len(ms) > 0 {
		b.Fatal(ms)
	}
	return d
}

func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
