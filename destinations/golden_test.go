package destinations_test

import (
	"strings"
	"testing"

	"headgate/destinations"
)

func TestACaseDoesNotHoldWhenAFormulaFails(t *testing.T) {
	c, ms := loadFiles(map[string]string{
		"crm.yaml": crm + `
send:
  post: https://crm.example/events
  body: {id: =id, double: =params.value * 2}
`,
		"crm_test.yaml": `
cases:
  - {name: a number, events: [{name: purchase, consent.analytics: true, params.value: 3}]}
  - {name: a text, events: [{name: purchase, consent.analytics: true, params.value: three}]}
`})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	results := c.RunCases("crm", purposes(), destinations.Deps{})
	if p := results[0].Problems; len(p) > 0 {
		t.Errorf("%s: %v", results[0].Name, p)
	}
	if p := strings.Join(results[1].Problems, "\n"); !strings.Contains(p, "formulas failed") || !strings.Contains(p, "params.value") {
		t.Errorf("%s: %q", results[1].Name, p)
	}
}
