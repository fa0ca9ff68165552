package golden_test

import (
	"flag"
	"os"
	"path"
	"testing"

	"headgate/destinations/catalog"
	"headgate/destinations/golden"

	"headgate/destinations"
	"headgate/destinations/kafka"
	"headgate/destinations/nats"
	"headgate/rules"
)

var update = flag.Bool("update", false, "write what is sent into the golden cases")

func purposes() rules.Options {
	return rules.Options{Purposes: []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"}}
}

// shown are the drivers that show what they send; the others show the row of an event.
func shown() map[string]destinations.NewDriver {
	return map[string]destinations.NewDriver{"kafka": kafka.NewDriver, "nats": nats.NewDriver}
}

func builtIn(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, ms := catalog.Load(destinations.BuiltIn())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return c
}

func TestEveryGoldenCaseOfTheCatalogueHolds(t *testing.T) {
	c := builtIn(t)
	for _, name := range c.Names() {
		t.Run(name, func(t *testing.T) {
			file := c.Cases(name)
			if file == nil {
				t.Fatalf("%s has no golden cases", name)
			}
			results := golden.Run(c, name, purposes(), destinations.Deps{Drivers: shown()})
			if *update {
				write(t, file.Path, results)
				return
			}
			for _, r := range results {
				t.Run(r.Name, func(t *testing.T) {
					for _, p := range r.Problems {
						t.Errorf("%s: %s", r.At, p)
					}
				})
			}
		})
	}
}

func write(t *testing.T, file string, results []golden.Result) {
	file = path.Join("..", file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, golden.Update(data, results), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryDestinationPassesTheFreeChecks(t *testing.T) {
	c := builtIn(t)
	for _, name := range c.Names() {
		t.Run(name, func(t *testing.T) {
			for _, p := range golden.Check(c, name, purposes(), destinations.Deps{Drivers: shown()}) {
				t.Error(p)
			}
		})
	}
}
