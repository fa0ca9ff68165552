package subjects

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
)

func TestAFloodOfNewClientsLeavesLittleInMemory(t *testing.T) {
	for name, c := range map[string]struct {
		states []event.State
		most   int
	}{
		"who refuse": {[]event.State{{Purpose: "analytics", State: "denied", Basis: "choice"}}, 0},
		"who agree":  {[]event.State{{Purpose: "analytics", State: "granted", Basis: "choice"}}, 2 * choicesAtOnce},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
			folder := t.TempDir()
			s, err := openStore(t, folder, now, new(bytes.Buffer))
			if err != nil {
				t.Fatal(err)
			}
			r := event.Record{States: c.states}
			for i := range 5000 {
				e := event.Event{User: event.User{ClientID: fmt.Sprint("flood-", i)}, Received: now}
				if s.IsNews(&e, &r) {
					s.Notice(people.Expression{Event: &e, Record: &r, From: netip.MustParseAddr("203.0.113.7")})
				}
			}
			if n := len(s.choices.young) + len(s.choices.old); n > c.most {
				t.Errorf("%d choices in memory", n)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if n, err := VerifyReceipts(folder); err != nil || n > c.most {
				t.Errorf("%d receipts, %v", n, err)
			}
		})
	}
}

func BenchmarkNoticeWhenNothingChanged(b *testing.B) {
	c := newChoices()
	c.setPurposes([]string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"})
	e := event.Event{User: event.User{ClientID: "1234567890.1700000000"}, Site: "shop"}
	r := event.Record{}
	for _, name := range c.purposes {
		r.States = append(r.States, event.State{Purpose: name, State: "granted", Basis: "choice", Source: "OptanonConsent (C0002=1)"})
	}
	s := &Store{choices: c}
	c.change(e.User.ClientID, e.Site, chosen(&r))
	b.ReportAllocs()
	for b.Loop() {
		if s.IsNews(&e, &r) {
			b.Fatal("it is news")
		}
	}
}
