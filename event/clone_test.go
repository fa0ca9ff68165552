package event_test

import (
	"testing"

	"headgate/event"
	"headgate/event/eventtest"
)

func TestACloneSharesNothingThatRulesChange(t *testing.T) {
	e := &eventtest.Full(t).Event
	before := string(e.AppendJSON(nil))
	c := e.Clone()
	for i := range event.Fields {
		if m, ok := event.Fields[i].Ref(c).(*event.Map); ok {
			m.Set("text", event.String("changed"))
			m.Delete("yes")
		}
	}
	c.Items[0].Params.Set("size", event.String("changed"))
	c.Items[1].Name = "changed"
	if after := string(e.AppendJSON(nil)); after != before {
		t.Errorf("changing the clone changed the event:\nbefore %s\nafter  %s", before, after)
	}
}
