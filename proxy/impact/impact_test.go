package impact

import (
	"fmt"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/trace"
)

// one is an event with params, sent to a destination as its body.
func one(t *testing.T, id, body string) *trace.Trace {
	t.Helper()
	v, err := event.ParseJSON([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return &trace.Trace{
		Event: &event.Event{ID: id, Name: "purchase", Params: v.Object()},
		Destinations: []trace.Destination{{Outcome: event.Outcome{Destination: "meta", Reason: event.Delivered}, Because: "it may have it",
			Requests: []trace.Request{{Method: "POST", URL: "https://meta.example/e", Headers: event.Headers{{Name: "Content-Type", Value: "application/json"}}, Body: []byte(body)}}}},
	}
}

func compared(t *testing.T, before, after string) *Report {
	t.Helper()
	c := New(Sides{Destinations: []string{"meta"}})
	c.Take(Way{Traces: []*trace.Trace{one(t, "e-1", before)}}, Way{Traces: []*trace.Trace{one(t, "e-1", after)}})
	return c.Report(1, 0)
}

func TestEachDifferenceHasAPath(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"the same", `{"a":{"b":[1,2]}}`, `{"a":{"b":[1,2]}}`, ""},
		{"a value", `{"a":1}`, `{"a":"1"}`, `params.a 1 "1"`},
		{"below", `{"a":{"b":{"c":1,"d":2}}}`, `{"a":{"b":{"c":1,"d":3}}}`, `params.a.b.d 2 3`},
		{"added and removed", `{"a":1}`, `{"b":2}`, `params.a 1 null, params.b null 2`},
		{"in a list", `{"a":[{"b":1},{"b":2}]}`, `{"a":[{"b":1},{"b":3}]}`, `params.a[1].b 2 3`},
		{"lists of other lengths", `{"a":[1]}`, `{"a":[1,2]}`, `params.a [1] [1,2]`},
		{"another kind", `{"a":{"b":1}}`, `{"a":[1]}`, `params.a {"b":1} [1]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compared(t, c.before, c.after)
			var got []string
			for _, f := range r.Fields {
				got = append(got, fmt.Sprintf("%s %s %s", f.Path, f.Examples[0].Old.AppendJSON(nil), f.Examples[0].New.AppendJSON(nil)))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %s, want %s", strings.Join(got, ", "), c.want)
			}
			if r.Changed != (c.want != "") || (r.Destinations["meta"].Change == 1) != r.Changed || len(r.Destinations["meta"].Fields) != len(r.Fields) {
				t.Errorf("changed %v, %+v", r.Changed, r.Destinations["meta"])
			}
			for i, f := range r.Destinations["meta"].Fields {
				if want := strings.Replace(r.Fields[i].Path, "params", "body", 1); f.Path != want {
					t.Errorf("path %s of the request, want %s", f.Path, want)
				}
			}
		})
	}
}

func TestAReportIsBounded(t *testing.T) {
	c := New(Sides{Destinations: []string{"meta"}})
	for i := range 1000 {
		before := fmt.Sprintf(`{"k%d":1,"text":%q}`, i, strings.Repeat("a", 5000))
		after := fmt.Sprintf(`{"m%d":2,"text":%q}`, i, strings.Repeat("b", 5000))
		c.Take(Way{Traces: []*trace.Trace{one(t, fmt.Sprint(i), before)}}, Way{Traces: []*trace.Trace{one(t, fmt.Sprint(i), after)}})
	}
	r := c.Report(1000, 0)
	if got := r.Destinations["meta"].Change; got != 1000 {
		t.Errorf("%d events change", got)
	}
	for i, list := range [][]*Field{r.Fields, r.Destinations["meta"].Fields} {
		looked := []int{1000, mostRead}[i]
		if len(list) != mostPaths+1 {
			t.Errorf("%d paths", len(list))
		}
		if list[0].Count != looked || len(list[0].Examples) != mostExamples || len(list[0].Examples[0].Old.Text()) > mostText+3 {
			t.Errorf("the first: %s %d with %d examples", list[0].Path, list[0].Count, len(list[0].Examples))
		}
		if list[1].Path != otherFields || list[1].Count < looked-110 || list[1].Count > looked {
			t.Errorf("the others: %s %d", list[1].Path, list[1].Count)
		}
	}
	if n := len(r.Destinations["meta"].Examples); n != mostExamples {
		t.Errorf("%d examples", n)
	}
}

func TestWhatTheVendorWouldNotTakeIsNotSent(t *testing.T) {
	before, after := one(t, "e-1", `{"a":1}`), one(t, "e-1", `{"a":1}`)
	after.Destinations[0].Verdict = &trace.Verdict{Verdict: "reject", Why: "it has no value"}
	c := New(Sides{Destinations: []string{"meta"}})
	c.Take(Way{Traces: []*trace.Trace{before}}, Way{Traces: []*trace.Trace{after}})
	r := c.Report(1, 0)
	at := r.Destinations["meta"]
	if at.Disappear != 1 || at.After != 0 || at.Examples[0].After != "it has no value" || len(r.Reasons) != 2 || r.Reasons[0].Reason != reasonUnfit {
		t.Errorf("%+v %+v", at, r.Reasons)
	}
}
