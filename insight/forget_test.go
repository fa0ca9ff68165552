package insight

import (
	"math/rand/v2"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
)

// Forget returns how many rows of the people asked about were removed, also when the follower removed them first, and no rows of others.
func TestRowsThatTheFollowerRemovedAreReportedToo(t *testing.T) {
	d := newDesk(t, counted)
	var all []fact
	for visitor, n := range map[string]int{"asks": 4, "withdrew": 3, "stays": 2} {
		for i := range n {
			all = append(all, fact{id: visitor + string(rune('0'+i)), visitor: visitor, event: "page_view", page: "/", at: d.now, arrived: d.now, granted: true})
		}
	}
	d.feed(rand.New(rand.NewPCG(1, 1)), all)
	hash := func(id string) event.IdentifierHash {
		return d.policy.Suppression.Hasher.Hash(people.ClientSubject(id))
	}
	removed := func(want int, since time.Time, ids ...event.IdentifierHash) {
		t.Helper()
		if n, err := d.Forget(t.Context(), ids, since); n != want || err != nil {
			t.Errorf("%d rows were removed, want %d, %v", n, want, err)
		}
	}
	began := d.now.Add(time.Second)
	d.policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("withdrew"), Withdrawn: d.now.Add(time.Hour)})
	removed(0, d.now) // as the follower does
	d.now = began
	d.policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("asks")})
	removed(0, d.now)
	removed(4, began, hash("asks"), hash("withdrew"))
	removed(7, began.Add(-time.Minute), hash("asks"), hash("withdrew"))
	removed(0, began, hash("stays"))
	if s := d.store.Status(); s.Events != 2 {
		t.Errorf("%d rows are left", s.Events)
	}
	d.now = d.now.Add(25 * time.Hour)
	d.policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("stays")})
	removed(2, began, hash("asks"), hash("withdrew"), hash("stays")) // others are of another day
}
