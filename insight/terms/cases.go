package terms

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/insight/count"
)

// Result is how one test ended.
type Result struct {
	Name     string
	Mistakes document.Mistakes // what is not as expected; none when it passed
}

// stepApart is how long after the one before an event of a test happens that does not say when.
const stepApart = 10 * time.Second

// RunTests runs the tests of the section.
func (t *Terms) RunTests(now time.Time) []Result {
	results := make([]Result, len(t.Tests))
	for i := range t.Tests {
		results[i] = Result{t.Tests[i].Name, t.runTest(&t.Tests[i], now)}
	}
	return results
}

func (t *Terms) checkTests() (ms document.Mistakes) {
	for i := range t.Tests {
		test := &t.Tests[i]
		_, wrong := test.events(time.Unix(0, 0))
		ms = append(ms, wrong...)
		for _, f := range test.Expect.Funnels {
			if funnel, ok := t.funnels[f.Key]; !ok {
				ms.Add(f.At, fmt.Sprintf("there is no funnel %q", f.Key), document.DidYouMean(f.Key, t.Config.Funnels.Keys()))
			} else if funnel != nil && f.Value.Value != "nothing" && !slices.ContainsFunc(funnel.Steps, func(s CompiledStep) bool { return s.Event == f.Value.Value }) {
				ms.Add(f.Value.At, fmt.Sprintf("the funnel %s has no step %q", f.Key, f.Value.Value), "write the event of one of its steps, or nothing")
			}
		}
		if test.Expect.Segments != nil {
			for _, s := range *test.Expect.Segments {
				if _, ok := t.Config.Segments.Get(s.Value); !ok {
					ms.Add(s.At, fmt.Sprintf("there is no segment %q", s.Value), document.DidYouMean(s.Value, t.Config.Segments.Keys()))
				}
			}
		}
	}
	return ms
}

// events reads the events of a test.
func (t *Test) events(now time.Time) (list []event.Event, ms document.Mistakes) {
	at := now.Add(-time.Duration(len(t.Visitor)) * stepApart)
	for _, fields := range t.Visitor {
		node := &document.Node{At: t.At, Kind: document.Map}
		at = at.Add(stepApart)
		for _, f := range fields {
			if f.Key != "ago" {
				node.Fields = append(node.Fields, document.Field(f))
				continue
			}
			ago, err := document.ParseDuration(f.Value.Text)
			if err != nil || ago < 0 {
				ms.Add(f.Value.At, fmt.Sprintf("%q is no time span", f.Value.Text), "write how long ago it happened: 2d")
			}
			at = now.Add(-ago.Std())
		}
		e, wrong := samples.Read(node)
		if ms = append(ms, wrong...); e != nil {
			e.Time = at
			list = append(list, *e)
		}
	}
	return list, ms
}

func (t *Terms) runTest(test *Test, now time.Time) (ms document.Mistakes) {
	events, ms := test.events(now)
	if len(ms) > 0 {
		return ms
	}
	s := count.NewSymbols()
	rows := make([]count.Row, len(events))
	for i := range events {
		rows[i] = t.Row(&events[i], s)
		rows[i].Visitor, rows[i].Time = count.FirstVisitor, events[i].Time.UnixMilli()
	}
	slices.SortStableFunc(rows, func(a, b count.Row) int { return int(a.Time - b.Time) })
	v := t.NewView(s)
	defer v.Close()
	for _, want := range test.Expect.Funnels {
		f := t.funnels[want.Key]
		counter := t.Counter(f, v)
		counter.Add(rows)
		got := "nothing"
		for k := range counter.Reached {
			if counter.Reached[k].Visitors > 0 {
				got = f.Steps[k].Event
			}
		}
		if got != want.Value.Value {
			ms.Add(want.Value.At, fmt.Sprintf("the furthest step of %s is %s, not %s", want.Key, got, want.Value.Value), "")
		}
	}
	if want := test.Expect.Segments; want != nil {
		var names []string
		for _, w := range *want {
			names = append(names, w.Value)
		}
		got := t.In(&Person{Rows: rows, Symbols: s, Now: now}, false)
		slices.Sort(names)
		slices.Sort(got)
		if !slices.Equal(names, got) {
			ms.Add(test.Expect.At, fmt.Sprintf("the visitor belongs to [%s], not to [%s]", strings.Join(got, ", "), strings.Join(names, ", ")), "")
		}
	}
	return ms
}
