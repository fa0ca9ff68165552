package http

import (
	"strings"
	"testing"

	"headgate/document"
)

func TestNamesThatAFormulaBeginsWith(t *testing.T) {
	for formula, want := range map[string]string{
		`page.url`:                               "page",
		`settings.page + params["name"]`:         "settings params",
		`upper(theirs) + 'page.url' + "a\"id"`:   "theirs",
		`sum(batch, .params.value)`:              "batch",
		`{"name": id, "b": 1}`:                   "id",
		`consent.ads ? name : id`:                "consent name id",
		`any(items, #.id == "1") and not geo.eu`: "items and not geo",
	} {
		if got := strings.Join(rootNames(formula), " "); got != want {
			t.Errorf("%s begins with %s, want %s", formula, got, want)
		}
	}
	text := &document.Node{Kind: document.Text, Text: "{{id}} {settings.a}/{page.path}"}
	if got := eventNames(text); len(got) != 1 || got[0] != "page" {
		t.Error(got)
	}
}
