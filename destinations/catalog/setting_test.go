package catalog_test

import (
	"testing"

	"headgate/destinations/catalog"
	"headgate/document"
)

func TestTrueIsTrueHoweverYAMLWritesIt(t *testing.T) {
	t.Parallel()
	root, ms := document.Parse("a.yaml", []byte("all: [true, True, TRUE, 'true']"))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	flag := catalog.Setting{Type: "bool"}
	for _, n := range root.Get("all").Items {
		v, fact, _ := flag.Read(n)
		if on, ok := v.Bool(); fact != "" || !ok || !on {
			t.Errorf("%s is read as %s %s", n.Text, v.AppendJSON(nil), fact)
		}
		if on, _ := catalog.ValueOf(n).Bool(); n.Kind == document.Bool && !on {
			t.Errorf("%s in a list or a map is not true", n.Text)
		}
	}
}

func TestTrueIsNoNameOfAnEvent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"true", "True"} {
		node, _ := document.Parse("a.yaml", []byte(text))
		if ms := document.Decode(node, new(catalog.Names)); len(ms) == 0 {
			t.Errorf("%s is taken for off", text)
		}
	}
}
