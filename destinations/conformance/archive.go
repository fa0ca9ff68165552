package conformance

import (
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// readAgain reads what an archive keeps. Two files, or hours, are two pieces, oldest first; others are not named.
func readAgain(t *testing.T, s Store) {
	d := s.Open(t)
	archive := d.Archive()
	if archive == nil {
		return
	}
	said, bare := Said(), &event.Event{ID: "bare", Time: Noon.Add(time.Second), Received: Noon}
	after := &event.Event{ID: "after", Time: Noon, Received: Noon.Add(time.Hour)}
	old := &event.Event{ID: "old", Time: Noon, Received: Noon.AddDate(0, 0, -3)}
	deliver(t, d, []destinations.Sending{Sending(after, 2, 0)})
	deliver(t, d, []destinations.Sending{Sending(said, 1, 0), Sending(bare, 1, 1)})
	deliver(t, d, []destinations.Sending{Sending(old, 3, 0)})
	pieces, err := archive.List(t.Context(), Noon, Noon.Add(2*time.Hour))
	if err != nil || len(pieces) != 2 {
		t.Fatalf("%q %v", pieces, err)
	}
	want := []*event.Event{said, bare, after}
	for _, piece := range pieces {
		err := archive.Read(t.Context(), piece, func(row event.Map) bool {
			e, err := destinations.EventOf(row)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := valueOf(t, e), valueOf(t, want[0]); !Same(got, want) {
				t.Errorf("%.300s, want\n%.300s", got.AppendJSON(nil), want.AppendJSON(nil))
			}
			want = want[1:]
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(want) > 0 {
		t.Errorf("%d events were not read", len(want))
	}
}

func valueOf(t *testing.T, e *event.Event) event.Value {
	t.Helper()
	v, err := event.ParseJSON(e.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
