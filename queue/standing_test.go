package queue_test

import (
	"context"
	"testing"
	"time"

	"headgate/queue"
)

func TestEachStoredEventStandsWhereItsCursorLeftIt(t *testing.T) {
	d := newDesk(t, open(t, embedded(t, t.TempDir())), "a", "b")
	d.append(d.entry("delivered", queue.Due, queue.Due), d.entry("dead", queue.Due, queue.Due), d.entry("retrying", queue.Due, queue.Due),
		d.entry("denied late", queue.Due, queue.Due), d.entry("filtered", queue.Filtered, queue.Due), d.entry("filtered late", queue.Due, queue.Due),
		d.entry("duplicate", queue.Due, queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 1, Outcome: queue.Reject}, queue.Left{Item: 2, Outcome: queue.Retry, After: time.Hour}, queue.Left{Item: 3, Outcome: queue.Deny}, queue.Left{Item: 4, Outcome: queue.Filter},
		queue.Left{Item: 5, Outcome: queue.Duplicate})
	d.append(d.entry("fresh", queue.Due, queue.Due))
	var events []queue.Stored
	if err := d.log.Scan(context.Background(), time.Time{}, func(s queue.Stored) bool {
		events = append(events, s)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	want := map[string]queue.Standing{"delivered": queue.Delivered, "dead": queue.Rejected, "retrying": queue.Waiting,
		"denied late": queue.LateDenied, "filtered": queue.LeftOut, "filtered late": queue.LateFiltered,
		"duplicate": queue.LateDuplicate, "fresh": queue.Waiting}
	for cursor, all := range map[string]bool{"a": false, "b": true} {
		got, err := d.cursors[cursor].Standings(context.Background(), events)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%v %v", got, err)
		}
		for i, standing := range got {
			text := string(events[i].Bytes)
			if all && standing != queue.Waiting || !all && standing != want[text] {
				t.Errorf("%s: %q stands at %d", cursor, text, standing)
			}
		}
	}
	ids, _ := letters(d, "a", "")
	if n, err := d.cursors["a"].DropDeadLetters(context.Background(), ids...); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	for cursor, standing := range map[string]queue.Standing{"a": queue.DeliveredOrDropped, "b": queue.Waiting} {
		if got, err := d.cursors[cursor].Standings(context.Background(), events[:2]); err != nil || got[0] != standing || got[1] != standing {
			t.Errorf("%s, after its dead letter was dropped: %v %v", cursor, got, err)
		}
	}
	events[0].Writer = "another"
	if got, err := d.cursors["a"].Standings(context.Background(), events[:1]); err != nil || got[0] != queue.Elsewhere {
		t.Errorf("an event of another writer: %v %v", got, err)
	}
	if n, err := d.cursors["a"].Replay(context.Background(), time.Time{}, func(s queue.Stored) (queue.State, bool) {
		return queue.Due, string(s.Bytes) == "filtered"
	}); err != nil || n != 1 {
		t.Fatalf("%d %v", n, err)
	}
	events[0].Writer = events[1].Writer
	got, err := d.cursors["a"].Standings(context.Background(), events)
	if err != nil || got[4] != queue.Waiting {
		t.Errorf("a replayed event: %v %v", got, err)
	}
}

func TestWhatACursorHasFinishedIsListedForIt(t *testing.T) {
	o := embedded(t, t.TempDir())
	d := newDesk(t, open(t, o), "a", "b")
	d.append(d.entry("both", queue.Due, queue.DueRedacted), d.entry("only b", queue.Denied, queue.Due))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Duplicate})
	d.append(d.entry("pending", queue.Due, queue.Due))
	d.settle(d.must("b"))
	d.must("b")
	got := ""
	note := func(s queue.Stored, by []*queue.Cursor) bool {
		got += string(s.Bytes) + ":"
		for _, c := range by {
			got += " " + c.Name()
		}
		got += "; "
		return true
	}
	if err := d.log.ScanFinished(context.Background(), time.Time{}, []*queue.Cursor{d.cursors["a"], d.cursors["b"]}, note); err != nil {
		t.Fatal(err)
	}
	if want := "both: a b; only b: b; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n, err := d.cursors["a"].Replay(context.Background(), time.Time{}, func(queue.Stored) (queue.State, bool) { return queue.Due, true }); err != nil || n != 1 {
		t.Errorf("replayed %d %v; want only what was denied, not the duplicate", n, err)
	}
	d.want("a", "3 = 0 delivered 1 filtered 0 denied 0 rejected 2 pending (1 retrying)")
}

func TestAnEventThatIsDueToNobodyCostsTheOthersOfItsGroupNothing(t *testing.T) {
	d := newDesk(t, open(t, embedded(t, t.TempDir())), "a")
	refused := queue.Entry{Bytes: []byte("reasons"), Roster: d.roster, States: []queue.State{queue.Denied}}
	d.append(refused, d.entry("one", queue.Due))
	g := d.must("a")
	if len(g.Items) != 1 || g.Items[0].Live != "one" {
		t.Errorf("%+v; the event is read from the disk although it is in memory", g.Items)
	}
	d.settle(g, queue.Left{Item: 0, Outcome: queue.Retry})
	if g := d.must("a"); string(g.Items[0].Bytes) != "one" {
		t.Errorf("the retry is %q", g.Items[0].Bytes)
	}
}

func TestATriedReplayCountsAndChangesNothing(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t, open(t, embedded(t, t.TempDir())), "a")
	for _, text := range []string{"delivered", "dead", "denied late", "retrying"} {
		d.append(d.entry(text, queue.Due))
	}
	d.append(d.entry("denied", queue.Denied))
	d.settle(d.must("a"))
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Reject})
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Deny})
	d.settle(d.must("a"), queue.Left{Item: 0, Outcome: queue.Retry, After: time.Hour})
	d.append(d.entry("fresh", queue.Due))
	d.must("a") // it is held, and what was denied before it is passed over
	if n, err := d.log.Count(ctx, time.Time{}); n != 6 || err != nil {
		t.Errorf("%d events are there, %v", n, err)
	}
	all := func(queue.Stored) (queue.State, bool) { return queue.Due, true }
	for range 2 {
		again, had, err := d.cursors["a"].TryReplay(ctx, time.Time{}, all)
		if err != nil || again != 3 || had != 1 {
			t.Errorf("%d would be sent again, %d of them were had, %v", again, had, err)
		}
		d.want("a", "6 = 1 delivered 0 filtered 2 denied 1 rejected 2 pending (1 retrying)")
	}
	if n, err := d.cursors["a"].Replay(ctx, time.Time{}, all); n != 3 || err != nil {
		t.Errorf("%d were put back, %v", n, err)
	}
}
