package event

import (
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
		if diff := cmp.Diff(received, d.Received(), cmp.Comparer(Value.Equal)); diff != "" {
			t.Errorf("received and shown as received differ:\n%s", diff)
		}
	}
	if diff := cmp.Diff(kept, &d.Event, cmp.Comparer(Value.Equal)); diff != "" {
		t.Errorf("the decision's own event changed:\n%s", diff)
	}
}
