package destinations_test

import (
	"runtime"
	"testing"

	"headgate/destinations"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
)

// opened is a destination as an entry in YAML makes it.
func opened(t testing.TB, name, yaml string, change func(*destinations.Deps)) *destinations.Destination {
	t.Helper()
	d, ms := tryOpen(t, catalog(t), name, yaml, change)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func tryOpen(t testing.TB, c *destinations.Catalog, name, yaml string, change func(*destinations.Deps)) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	node, ms := document.Parse("headgate.yaml", []byte(yaml))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	var config destinations.Config
	config.SetDefaults()
	if ms := document.Decode(node, &config); len(ms) > 0 {
		return nil, ms
	}
	options := purposes()
	options.Now = samples.Now
	language, ms := rules.NewLanguage(options)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	deps := destinations.Deps{Language: language, Now: samples.Now, LiteralSecrets: true}
	if change != nil {
		change(&deps)
	}
	return destinations.Open(name, config, c, deps)
}

func batchOf(t testing.TB, n int, names ...string) []destinations.Sending {
	t.Helper()
	batch := make([]destinations.Sending, n)
	for i := range batch {
		e, ok := samples.Get(names[i%len(names)])
		if !ok {
			t.Fatalf("no sample %s", names[i%len(names)])
		}
		batch[i] = destinations.Sending{Event: e, Attempt: 1}
	}
	return batch
}

// BenchmarkEncode is what a purchase with everything in it costs each destination of the catalogue, of a batch as large as
// the vendor takes, up to 500.
func BenchmarkEncode(b *testing.B) {
	c := catalog(b)
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
func openedAsInItsCases(b *testing.B, c *destinations.Catalog, name string) *destinations.Destination {
	b.Helper()
	config := destinations.Config{Use: name, Settings: c.Cases(name).Settings}
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
	d, ms := destinations.Open(name, config, c, destinations.Deps{Language: language, Now: samples.Now, LiteralSecrets: true})
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
