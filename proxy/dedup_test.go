package proxy

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnEventIsKnownWithinTheWindowAndForgottenAfterIt(t *testing.T) {
	d := newDedup(time.Hour, 10)
	at := time.Unix(1_800_000_000, 0)
	d.add(keyOf("a", "purchase"), at)
	if !d.has(keyOf("a", "purchase"), at.Add(time.Hour)) {
		t.Error("forgotten within the window")
	}
	if d.has(keyOf("b", "purchase"), at) {
		t.Error("knows what it never had")
	}
	if d.has(keyOf("a", "purchase"), at.Add(time.Hour+time.Second)) {
		t.Error("known after the window")
	}
}

func TestTheOldestEventsAreForgottenFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 3000).Draw(t, "max")
		n := rapid.IntRange(0, 5000).Draw(t, "events")
		d := newDedup(time.Hour, limit)
		now := time.Unix(1_800_000_000, 0)
		for i := range n {
			d.add(keyOf(fmt.Sprint(i), "purchase"), now)
		}
		for i := range n {
			if got, want := d.has(keyOf(fmt.Sprint(i), "purchase"), now), i >= n-limit; got != want {
				t.Fatalf("event %d of %d with room for %d: known %v, want %v", i, n, limit, got, want)
			}
		}
	})
}
