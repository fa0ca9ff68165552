package webhook_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"headgate/rules"
	"headgate/sources/webhook"
)

var update = flag.Bool("update", false, "write what is read into the cases of the catalogue")

// The cases of the catalogue are run as a user's own are.
func TestTheCasesOfTheCatalogueHold(t *testing.T) {
	t.Parallel()
	files, ms := webhook.BuiltIn()
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range files.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results := webhook.Run(files, name, rules.Options{})
			if *update {
				path := "../catalog/" + name + "_test.yaml"
				text, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, webhook.Update(text, results), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(results) == 0 {
				t.Error("no cases")
			}
			if err := files.CheckCases(name).Err(); err != nil {
				t.Error(err)
			}
			for _, r := range results {
				for _, problem := range r.Problems {
					t.Errorf("%v: %s: %s", r.At, r.Name, problem)
				}
				if text, _ := os.ReadFile("../catalog/" + name + "_test.yaml"); !bytes.Contains(text, []byte("    events: ")) {
					t.Error("cases without events prove nothing")
				}
			}
		})
	}
}
