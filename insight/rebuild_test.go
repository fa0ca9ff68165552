package insight

import (
	"fmt"
	"testing"
	"time"
)

// What is about nobody has no id by which it would be known again, and its time is the minute's: it lies before the log's oldest group.
// Events come and are counted all the time, so that a rebuild begins and ends in the middle of that.
func TestARebuildCountsWhatIsAboutNobodyOnce(t *testing.T) {
	d := newDesk(t, counted)
	d.now = monday.Add(30 * time.Second)
	n := 0
	come := func() {
		d.log.add(fact{id: fmt.Sprint("e", n), visitor: "refused", event: "page_view", page: "/", at: d.now}.decision(d.now))
		n++
	}
	for range 20 {
		come()
	}
	d.follow()
	for range 20 {
		done := make(chan error)
		go func() { done <- d.Rebuild(t.Context(), monday, "", func(Progress) {}) }()
		for rebuilding := true; rebuilding; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				rebuilding = false
			default:
				come()
				if err := d.count(d.serving.Load()); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.follow()
		if s := d.store.Status(); s.Events != n {
			t.Fatalf("%d events are counted, and %d have come", s.Events, n)
		}
	}
}
