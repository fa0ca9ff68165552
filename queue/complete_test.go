package queue_test

import (
	"testing"
	"time"

	"headgate/queue"
)

func TestACursorKnowsWhenItHasAllOfATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, open(t, embedded(t, t.TempDir())), "a", "b")
	d.append(d.entry("one", queue.Due, queue.Due))
	first := d.must("a")
	writer, c := first.Writer(), d.cursors["a"]
	if first.Number() != 1 || first.Again() != 0 || writer == "" || first.Items[0].Group() != 1 || first.Items[0].Index() != 0 {
		t.Fatalf("group %d of %q, again %d", first.Number(), writer, first.Again())
	}
	if c.Complete(writer, 1, time.Now().Add(time.Hour)) {
		t.Error("complete although the time has not come")
	}
	if !c.Complete(writer, 1, time.Now()) {
		t.Error("not complete although everything was returned")
	}
	d.append(d.entry("for b", queue.Filtered, queue.Due))
	if !c.Complete(writer, 1, time.Now()) {
		t.Error("not complete because of a group that is due to another")
	}
	d.append(d.entry("two", queue.Due, queue.Filtered), d.entry("three", queue.Due, queue.Due))
	if c.Complete(writer, 1, time.Now()) {
		t.Error("complete although a group waits")
	}
	if !c.Complete(writer, 1, first.Time.Add(time.Nanosecond)) {
		t.Error("not complete because of a group that was accepted later")
	}
	second := d.must("a")
	if c.Complete(writer, 1, time.Now()) {
		t.Error("complete although the last group has not reached its holder")
	}
	if !c.Complete(writer, second.Number(), time.Now()) {
		t.Error("not complete although the last group was received")
	}
	if !c.Complete("somebody else", 0, time.Now()) {
		t.Error("waits for a writer whose events another process delivers")
	}
	second.Release(0)
	first.Release(0)
	if got := texts(d.must("a")); got[0] != "one" {
		t.Errorf("released groups come out of order: %v first", got)
	}
}

func TestGroupsAreSettledTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, embedded(t, dir))
	d := newDesk(t, l, "a")
	for range 3 {
		d.append(d.entry("x", queue.Due))
	}
	groups := []*queue.Group{d.must("a"), d.must("a"), d.must("a")}
	queue.SettleTogether(groups[1:])
	queue.SettleTogether(nil)
	d.want("a", "3 = 2 delivered 0 filtered 0 denied 0 rejected 1 pending (0 retrying)")
	closeLog(t, l)
	d = newDesk(t, open(t, embedded(t, dir)), "a")
	if g := d.must("a"); g.Number() != 1 {
		t.Errorf("after a restart group %d is returned", g.Number())
	}
	d.none("a")
}
