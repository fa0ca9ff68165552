package event

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAStoredEventIsShownAsReceived(t *testing.T) {
	received := &Event{ID: "e-1", Name: "purchase", User: User{Traits: Map{{"plan", String("free")}}}, Items: []Item{{ID: "sku"}},
		Params: Map{{"value", Float(10)}, {"a", ObjectOf(Map{{"b", Float(1)}, {"c", Float(2)}})}}}
	stored := received.Clone()
	d := &Decision{ChangesKept: true}
	change := func(rule, path string, v Value) {
		d.Changed = append(d.Changed, Changed{Path: path, Rule: rule, Old: stored.GetPath(path)})
		if err := stored.SetPath(path, v); err != nil {
			t.Fatal(err)
		}
	}
	change("rename", "name", String("order"))
	change("nested", "params.a.b", Float(7))
	change("all", "params", ObjectOf(Map{{"other", Boolean(true)}}))
	change("all", "params.new", String("x"))
	change("traits", "user.traits.plan", String("pro"))
	change("nested", "items", Value{})
	d.Event = *stored
	kept := d.Event.Clone()

	for range 2 { // it can be asked again
		if diff := cmp.Diff(received, d.Received(), sameValues); diff != "" {
			t.Errorf("received and shown as received differ:\n%s", diff)
		}
	}
	if diff := cmp.Diff(kept, &d.Event, sameValues); diff != "" {
		t.Errorf("the decision's own event changed:\n%s", diff)
	}
	rules := d.RuleTraces()
	if len(rules) != 4 || rules[1].Name != "nested" || len(rules[1].Changes) != 2 || rules[0].Changes[0].New.Text() != "order" || rules[0].Changes[0].Old.Text() != "purchase" {
		t.Errorf("%+v", rules)
	}
}

func TestTheLayoutOfThisVersionDoesNotChange(t *testing.T) {
	golden, err := os.ReadFile("testdata/decision.v4.base64")
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.StdEncoding.EncodeToString(withoutNewer(full(t)).AppendLog(nil)); got != strings.TrimSpace(string(golden)) {
		t.Error("a decision is written otherwise than by the releases that wrote this version: give the layout a new one")
	}
}
