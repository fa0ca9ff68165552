package consent

import (
	"slices"
	"sync"
	"testing"
	"time"

	"headgate/event"
)

func TestTheListGrowsWhileItIsRead(t *testing.T) {
	var list Suppression
	e := &event.Event{User: event.User{ClientID: "c1"}, Received: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	who := WhoOf(e)
	ids := list.Hasher.Append(nil, &who)
	if list.match(ids, e.Received) != nil || list.Len() != 0 {
		t.Fatal("an empty list stops somebody")
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			list.Add(Stop{Subject: ClientSubject(itoa(i)), Withdrawn: e.Received})
			list.match(ids, e.Received)
		})
	}
	all.Wait()
	before := list.Changes()
	list.Add(Stop{Subject: ClientSubject("c1"), Withdrawn: e.Received.Add(time.Second), Purposes: []string{Ads}})
	list.Add(Stop{Subject: ClientSubject("c1"), Withdrawn: e.Received.Add(time.Minute), Purposes: []string{Analytics}})
	if list.Changes() == before || list.Len() != 9 || len(list.Of(ClientSubject("c1"))) != 2 {
		t.Errorf("changes %d → %d, %d subjects", before, list.Changes(), list.Len())
	}
	why := list.match(ids, e.Received)
	if why == nil || !why.stops(Ads) || !why.stops(Analytics) || why.stops(Functional) {
		t.Errorf("stopped by %+v", why)
	}
	if list.match(ids, e.Received.Add(time.Hour)) != nil {
		t.Error("what came after a withdrawal is stopped by it")
	}
}

func TestTheListSaysOfEachSubjectAndPurposeWhenItWasWithdrawnLast(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var list Suppression
	who := ClientSubject("c1")
	add := func(hours int, purposes ...string) bool {
		return list.Add(Stop{Subject: who, Withdrawn: at.Add(time.Duration(hours) * time.Hour), Purposes: purposes})
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
	why := list.match(ids, at.Add(998*time.Hour))
	if why == nil || !why.stops(Ads) || !why.stops(Analytics) || !why.stops(Functional) || why.stops("own") {
		t.Errorf("%+v", why)
	}
	if why := list.match(ids, at); why == nil || !why.stops("own") {
		t.Errorf("what was withdrawn whole is stopped in part: %+v", why)
	}
	if !list.Add(Stop{Subject: who}) || len(list.Of(who)) != 1 || add(2000, Ads) {
		t.Errorf("a suppression does not stand for all withdrawals: %+v", list.Of(who))
	}
}

func TestASuppressedPersonsBrowsersAreNotListedYetButNotTheOtherWayRound(t *testing.T) {
	var list Suppression
	id := func(w Who) []event.Identifier { return list.Hasher.Append(nil, &w) }
	if list.Unlisted(id(Who{ClientID: "c1", Email: "a@shop.example"})) != nil {
		t.Error("an empty list names somebody")
	}
	list.Add(Stop{Subject: EmailSubject("a@shop.example")})
	list.Add(Stop{Subject: ClientSubject("shared")})
	if got := list.Unlisted(id(Who{ClientID: "c1", Email: "A@shop.example"})); len(got) != 1 || got[0] != id(Who{ClientID: "c1"})[0] {
		t.Errorf("%v", got)
	}
	for name, w := range map[string]Who{
		"a shared browser":        {ClientID: "shared", Email: "b@shop.example", UserID: "u2"},
		"a browser that is known": {ClientID: "shared", Email: "a@shop.example"},
		"another person":          {ClientID: "c2", Email: "b@shop.example"},
	} {
		if got := list.Unlisted(id(w)); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	list.Add(Stop{Subject: EmailSubject("w@shop.example"), Withdrawn: time.Unix(1, 0)})
	if got := list.Unlisted(id(Who{ClientID: "c3", Email: "w@shop.example"})); got != nil {
		t.Errorf("a withdrawal spreads: %v", got)
	}
}

func TestIdentifiersAreKeyedAndTheSameForAllSpellings(t *testing.T) {
	one, other := Hasher{Key: []byte("one")}, Hasher{Key: []byte("other")}
	one.Phone = func(number, country string) string {
		if country == "DE" && number == "0151 123" {
			return "+49151123"
		}
		return ""
	}
	ids := one.Append(nil, &Who{"c1", "u1", " A@Shop.example", "0151 123", "DE"})
	hashed := one.Append(nil, &Who{"c1", "u1", EmailSubject("a@shop.example").String(), PhoneSubject("+49151123").String(), ""})
	if len(ids) != 4 || !slices.Equal(ids, hashed) {
		t.Errorf("\n%v\n%v", ids, hashed)
	}
	if foreign := other.Append(nil, &Who{"c1", "u1", "a@shop.example", "0151 123", "DE"}); len(foreign) != 3 || foreign[0] == ids[0] || foreign[2] == ids[2] {
		t.Errorf("another key makes %v", foreign)
	}
	d := &event.Decision{Event: event.Event{User: event.User{ClientID: "c1"}}}
	if got := one.OfDecision(d); len(got) != 1 || got[0] != ids[0] {
		t.Errorf("of an old decision: %v", got)
	}
	d.Identifiers = ids[1:]
	if got := one.OfDecision(d); !slices.Equal(got, ids[1:]) {
		t.Errorf("of a decision: %v", got)
	}
}

func BenchmarkIdentifiersOfABrowser(b *testing.B) {
	h := Hasher{Key: make([]byte, 32)}
	who := Who{ClientID: "1234567890.1700000000"}
	room := make([]event.Identifier, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		h.Append(room, &who)
	}
}
