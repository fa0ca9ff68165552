package body

import (
	"testing"

	"headgate/destinations"
	"headgate/document"
	"headgate/rules"
)

func TestTheExampleOfEveryFormIsRight(t *testing.T) {
	language, _ := rules.NewLanguage(rules.Options{Purposes: []string{"ads"}})
	for _, f := range forms {
		n, ms := document.Parse("form.yaml", []byte(f.example))
		if len(ms) == 0 {
			formulas := &destinations.Formulas{Language: language}
			Compile(formulas, n, rules.DestinationScope(nil).Batch())
			ms = formulas.Mistakes
		}
		if len(ms) > 0 {
			t.Errorf("%s: %v", f.name, ms)
		}
	}
}
