package people

import (
	"slices"
	"testing"
	"time"

	"headgate/event"
)

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
