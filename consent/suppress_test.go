package consent

import (
	"sync"
	"testing"
	"time"

	"headgate/event"
)

func TestTheListGrowsWhileItIsRead(t *testing.T) {
	var list Suppression
	e := &event.Event{User: event.User{ClientID: "c1"}, Received: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	if list.match(e, e.Received) != nil || list.Len() != 0 {
		t.Fatal("an empty list stops somebody")
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			list.Add(Stop{Subject: ClientSubject(itoa(i)), Withdrawn: e.Received})
			list.match(e, e.Received)
		})
	}
	all.Wait()
	before := list.Changes()
	list.Add(Stop{Subject: ClientSubject("c1"), Withdrawn: e.Received.Add(time.Second), Purposes: []string{Ads}})
	list.Add(Stop{Subject: ClientSubject("c1"), Withdrawn: e.Received.Add(time.Minute), Purposes: []string{Analytics}})
	if list.Changes() == before || list.Len() != 9 || len(list.Of(ClientSubject("c1"))) != 2 {
		t.Errorf("changes %d → %d, %d subjects", before, list.Changes(), list.Len())
	}
	why := list.match(e, e.Received)
	if why == nil || !why.stops(Ads) || !why.stops(Analytics) || why.stops(Functional) {
		t.Errorf("stopped by %+v", why)
	}
	if list.match(e, e.Received.Add(time.Hour)) != nil {
		t.Error("what came after a withdrawal is stopped by it")
	}
}
