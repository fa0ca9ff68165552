package destinations_test

import (
	"flag"
	"os"
	"path"
	"testing"

	"headgate/destinations"
	"headgate/rules"
)

var update = flag.Bool("update", false, "write what is sent into the golden cases")

func purposes() rules.Options {
	return rules.Options{Purposes: []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"}}
}

func catalog(t testing.TB) *destinations.Catalog {
	t.Helper()
	c, ms := destinations.LoadCatalog(destinations.BuiltIn())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return c
}

func TestEveryGoldenCaseOfTheCatalogueHolds(t *testing.T) {
	c := catalog(t)
	for _, name := range c.Names() {
		t.Run(name, func(t *testing.T) {
			file := c.Cases(name)
			if file == nil {
				t.Fatalf("%s has no golden cases", name)
			}
			results := c.RunCases(name, purposes(), destinations.Deps{})
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

func write(t *testing.T, file string, results []destinations.CaseResult) {
	data, err := os.ReadFile(path.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, destinations.UpdateCases(data, results), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryDestinationPassesTheFreeChecks(t *testing.T) {
	c := catalog(t)
	for _, name := range c.Names() {
		t.Run(name, func(t *testing.T) {
			for _, p := range c.FreeChecks(name, purposes(), destinations.Deps{}) {
				t.Error(p)
			}
		})
	}
}
