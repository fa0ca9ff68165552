package destinations_test

import (
	"testing"

	"headgate/destinations"
	"headgate/document"
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

func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct {
		name, settings string
		events         int
		of             []string
	}{
		{"webhook", `settings: {url: "https://hooks.shop.example/"}`, 500, []string{"page_view", "purchase"}},
		{"meta", `settings: {pixel_id: "1", access_token: token}`, 500, []string{"purchase"}},
		{"ga4", `settings: {measurement_id: G-ABC1234567, api_secret: secret}`, 25, []string{"purchase"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := opened(b, c.name, c.settings, nil)
			batch := batchOf(b, c.events, c.of...)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if requests, _ := d.Encode(batch); len(requests) == 0 {
					b.Fatal("nothing is sent")
				}
				n += c.events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
		})
	}
}
