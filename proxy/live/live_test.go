package live

import (
	"strconv"
	"testing"
	"time"

	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

var noon = time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC)

func TestASampleIsEvenAndOfFewEventsAll(t *testing.T) {
	for _, c := range []struct{ rate, least, most int }{{30, 300, 300}, {2000, 10 * mostSampled, 11*mostSampled + 2}} {
		var s sample
		drawn, inLastSecond := 0, 0
		for i := range 10 * c.rate {
			if at := noon.Add(time.Duration(i) * time.Second / time.Duration(c.rate)); s.draw(1, at) {
				drawn++
				if at.Sub(noon) >= 9*time.Second {
					inLastSecond++
				}
			}
		}
		if drawn < c.least || drawn > c.most {
			t.Errorf("of %d events a second for ten seconds %d are drawn", c.rate, drawn)
		}
		if want := min(c.rate, mostSampled); inLastSecond < want-1 || inLastSecond > want+1 {
			t.Errorf("of %d events in the last second %d are drawn", c.rate, inLastSecond)
		}
	}
}

func TestEventsThatComeTogetherCountEach(t *testing.T) {
	var s sample
	if !s.draw(10*mostSampled, noon) {
		t.Fatal("a large request is in no sample")
	}
	if s.draw(1, noon.Add(8*time.Second)) {
		t.Error("ten seconds' worth of events are followed by more after eight")
	}
	if !s.draw(1, noon.Add(9*time.Second)) {
		t.Error("nothing is drawn after that")
	}
}

func TestNoTraceIsMadeThatNobodyIsShown(t *testing.T) {
	ws := New()
	if got := ws.Interest(1, noon); got != None {
		t.Errorf("without watchers: %v", got)
	}
	ws.add(&watcher{sampled: true, sightings: make(chan Sighting, 1)})
	if got := ws.Interest(2*mostSampled, noon); got != All {
		t.Errorf("the first is %v to a sample", got)
	}
	if got := ws.Interest(1, noon); got != Number {
		t.Errorf("one too many is %v to a sample", got)
	}
	ws.add(&watcher{sampled: true, where: &rules.Formula{}, sightings: make(chan Sighting, 1)})
	if got := ws.Interest(1, noon); got != Some {
		t.Errorf("one too many is %v beside a formula, which may pick it", got)
	}
}

func TestWhatIsShownAndWhatIsLostIsAll(t *testing.T) {
	const events = 500
	language, ms := rules.NewLanguage(rules.Options{})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	var rule rules.Rule
	rule.When.Value = `name == "purchase"`
	purchases, ms := language.Formula(rule.When, rules.RuleScope(), rules.Truth)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	ws := New()
	watch := func(v View) *watcher {
		w := &watcher{where: v.Where, machine: language.Machine(), sampled: v.Sampled, sightings: make(chan Sighting, 2*events)}
		ws.add(w)
		return w
	}
	sampled, whole, picked := watch(View{Sampled: true}), watch(View{}), watch(View{Where: purchases, Sampled: true})
	for i := range events { // within a tenth of a second; each hundredth is a purchase
		h := &event.Hit{Received: noon.Add(time.Duration(i) * time.Second / 10 / events)}
		e := &event.Event{ID: strconv.Itoa(i), Name: map[bool]string{true: "purchase", false: "page_view"}[i%100 == 99]}
		ws.Show([]*trace.Trace{{Event: e}}, 1, h, ws.Interest(1, h.Received))
		ws.give(<-ws.seen)
	}
	for _, c := range []struct {
		what        string
		of          *watcher
		least, most int
		all         int
	}{{"a sample", sampled, mostSampled, mostSampled + 10, events}, {"everything", whole, events, events, events}, {"purchases", picked, events / 100, events / 100, events / 100}} {
		shown, lost := len(c.of.sightings), c.of.lost
		for range shown {
			lost += (<-c.of.sightings).Lost
		}
		if shown < c.least || shown > c.most || shown+lost != c.all {
			t.Errorf("%s: %d shown and %d lost of %d", c.what, shown, lost, c.all)
		}
	}
}
