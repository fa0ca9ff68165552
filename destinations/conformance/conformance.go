package conformance

import (
	"context"
	"sync"
	"testing"

	"headgate/destinations"
)

// Run runs the test; start makes an empty store.
func Run(t *testing.T, start func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"a batch arrives as a whole, in its order", order},
		{"what was said comes back as it was said", exact},
		{"a batch that is delivered again is there once", again},
		{"a batch that is delivered again after a restart is there once", restart},
		{"an event in two batches is there once where ids are kept", overlap},
		{"many batches at once lose nothing", crowd},
		{"a delivery that is cancelled delivers nothing that is not there", cancelled},
		{"a store that takes nothing for a while loses nothing, and nothing piles up before it", stalled},
		{"a store that is down for a while loses nothing", down},
		{"an event that the store refuses is a dead letter, alone", refused},
		{"a person is erased, or found", erase},
		{"what can be read again is read as it was", readAgain},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, start(t)) })
	}
}

func order(t *testing.T, s Store) {
	batch := Batch(1, 300)
	deliver(t, s.Open(t), batch)
	got := ids(t, s)
	if len(got) != len(batch) {
		t.Fatalf("%d rows of %d", len(got), len(batch))
	}
	for i := range batch {
		if got[i] != batch[i].Event.ID {
			t.Fatalf("row %d is %s, not %s", i, got[i], batch[i].Event.ID)
		}
	}
}

func again(t *testing.T, s Store) {
	d, batch := s.Open(t), Batch(1, 100)
	deliver(t, d, batch)
	deliver(t, d, batch)
	once(t, s, batch)
}

func restart(t *testing.T, s Store) {
	first, second := Batch(1, 50), Batch(2, 50)
	d := s.Open(t)
	deliver(t, d, first)
	deliver(t, d, second)
	d = s.Open(t)
	deliver(t, d, second)
	once(t, s, first, second)
}

func overlap(t *testing.T, s Store) {
	d, batch := s.Open(t), Batch(1, 50)
	deliver(t, d, batch[:30])
	deliver(t, d, batch[20:])
	if s.ByID {
		once(t, s, batch)
		return
	}
	got := map[string]bool{}
	for _, id := range ids(t, s) {
		got[id] = true
	}
	if len(got) != len(batch) {
		t.Errorf("%d ids of %d: a part was taken for what it was a part of", len(got), len(batch))
	}
}

func crowd(t *testing.T, s Store) {
	d := s.Open(t)
	var batches [][]destinations.Sending
	var busy sync.WaitGroup
	for n := range 8 {
		batch := Batch(n+1, 25)
		batches = append(batches, batch)
		busy.Go(func() { d.Deliver(context.Background(), batch) })
	}
	busy.Wait()
	once(t, s, batches...)
}

func cancelled(t *testing.T, s Store) {
	d, batch := s.Open(t), Batch(1, 10)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	delivered := 0
	for _, v := range d.Deliver(ctx, batch) {
		switch v.Kind {
		case destinations.Delivered:
			delivered++
		case destinations.Retry:
		default:
			t.Fatalf("%s %s", v.Kind, v.Why)
		}
	}
	if got := len(ids(t, s)); got < delivered {
		t.Errorf("%d delivered, %d there", delivered, got)
	}
	deliver(t, d, batch)
	once(t, s, batch)
}

func refused(t *testing.T, s Store) {
	if s.Refused == nil {
		return
	}
	batch := Batch(1, 40)
	batch[17] = Sending(s.Refused, 1, 17)
	d := s.Open(t)
	for i, v := range d.Deliver(context.Background(), batch) {
		want := destinations.Delivered
		if i == 17 {
			want = destinations.Reject
		}
		if v.Kind != want || v.Kind == destinations.Reject && v.Why == "" {
			t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
		}
	}
	rest := append(append([]destinations.Sending(nil), batch[:17]...), batch[18:]...)
	once(t, s, rest)
	deliver(t, d, rest)
	if s.ByID {
		once(t, s, rest)
	}
}

func erase(t *testing.T, s Store) {
	batch := Batch(1, 6)
	batch[2].Event.User.ClientID, batch[4].Event.User.ClientID = "c1", "c2"
	d := s.Open(t)
	deliver(t, d, batch)
	got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"c1", "c9"}})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case s.Erases && (got.Removed != 1 || len(got.Remains) > 0):
		t.Errorf("%+v", got)
	case s.Erases:
		once(t, s, append(append([]destinations.Sending(nil), batch[:2]...), batch[3:]...))
	case len(got.Remains) != 1 || got.Advice == "":
		t.Errorf("%+v", got)
	}
}
