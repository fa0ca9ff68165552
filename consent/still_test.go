package consent

import (
	"sync"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
)

func TestTheListGrowsWhileItIsRead(t *testing.T) {
	var list people.Suppression
	e := &event.Event{User: event.User{ClientID: "c1"}, Received: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	who := people.WhoOf(e)
	ids := list.Hasher.Append(nil, &who)
	if list.Match(ids, e.Received) != nil || list.Len() != 0 {
		t.Fatal("an empty list stops somebody")
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			list.Add(people.Stop{Subject: people.ClientSubject(itoa(i)), Withdrawn: e.Received})
			list.Match(ids, e.Received)
		})
	}
	all.Wait()
	before := list.Changes()
	list.Add(people.Stop{Subject: people.ClientSubject("c1"), Withdrawn: e.Received.Add(time.Second), Purposes: []string{Ads}})
	list.Add(people.Stop{Subject: people.ClientSubject("c1"), Withdrawn: e.Received.Add(time.Minute), Purposes: []string{Analytics}})
	if list.Changes() == before || list.Len() != 9 || len(list.Of(people.ClientSubject("c1"))) != 2 {
		t.Errorf("changes %d → %d, %d subjects", before, list.Changes(), list.Len())
	}
	why := list.Match(ids, e.Received)
	if why == nil || !Stops(why.Purposes, Ads) || !Stops(why.Purposes, Analytics) || Stops(why.Purposes, Functional) {
		t.Errorf("stopped by %+v", why)
	}
	if list.Match(ids, e.Received.Add(time.Hour)) != nil {
		t.Error("what came after a withdrawal is stopped by it")
	}
}

func TestTheListSaysOfEachSubjectAndPurposeWhenItWasWithdrawnLast(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var list people.Suppression
	who := people.ClientSubject("c1")
	add := func(hours int, purposes ...string) bool {
		return list.Add(people.Stop{Subject: who, Withdrawn: at.Add(time.Duration(hours) * time.Hour), Purposes: purposes})
	}
	for i := range 1000 {
		if !add(i, Ads) || !add(i, Ads, Analytics) || !add(i, Functional) {
			t.Fatal("a later withdrawal is no news")
		}
	}
	changes := list.Changes()
	if add(999, Ads) || !add(5) || add(5) || list.Changes() != changes+1 {
		t.Error("what is known is news, or what is not is none")
	}
	stops := list.Of(who)
	if len(stops) != 3 {
		t.Errorf("%d entries: %+v", len(stops), stops)
	}
	ids := []event.Identifier{{Kind: event.ClientID, Hash: list.Hasher.Hash(who)}}
	why := list.Match(ids, at.Add(998*time.Hour))
	if why == nil || !Stops(why.Purposes, Ads) || !Stops(why.Purposes, Analytics) || !Stops(why.Purposes, Functional) || Stops(why.Purposes, "own") {
		t.Errorf("%+v", why)
	}
	if why := list.Match(ids, at); why == nil || !Stops(why.Purposes, "own") {
		t.Errorf("what was withdrawn whole is stopped in part: %+v", why)
	}
	if !list.Add(people.Stop{Subject: who}) || len(list.Of(who)) != 1 || add(2000, Ads) {
		t.Errorf("a suppression does not stand for all withdrawals: %+v", list.Of(who))
	}
}
