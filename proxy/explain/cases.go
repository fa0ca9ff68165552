package explain

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"headgate/config"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/event/trace"
	"headgate/proxy/plan"
)

// CaseResult is how one case of the configuration's `tests:` ended.
type CaseResult struct {
	Name     string
	Mistakes document.Mistakes // what is not as expected; none when it passed
}

// RunCases runs the `tests:` of a configuration: each event walks through consent, rules and encoding; nothing is sent.
func RunCases(parts *config.Parts, now time.Time) []CaseResult {
	plan := plan.New(parts, now)
	results := make([]CaseResult, len(parts.Config.Tests))
	for i, test := range parts.Config.Tests {
		results[i] = CaseResult{test.Name, runCase(plan, &test, now)}
	}
	return results
}

func runCase(p *plan.Plan, test *config.Test, now time.Time) (ms document.Mistakes) {
	e, ms := samples.Read(mapNode(test.At, test.Event))
	if len(ms) > 0 {
		return ms
	}
	samples.Move(e, now)
	traces, err := Explain(p, Question{Event: e}, now)
	if err != nil {
		ms.Add(test.At, err.Error(), "")
		return ms
	}
	t := traces[0]
	for _, want := range test.Expect {
		switch want.Key {
		case "dropped_by":
			if t.DroppedBy != want.Value.Text {
				ms.Add(want.Value.At, fmt.Sprintf("dropped_by is %s, not %q", orNobody(t.DroppedBy), want.Value.Text), "")
			}
		case "sent":
			for _, f := range want.Value.Fields {
				checkSent(p, t, f, &ms)
			}
		default:
			if got := t.Event.GetPath(want.Key); !got.Equal(samples.Value(want.Value)) {
				ms.Add(want.Value.At, fmt.Sprintf("%s is %s, not %s", want.Key, got.AppendJSON(nil), samples.Value(want.Value).AppendJSON(nil)), "")
			}
		}
	}
	return ms
}

func orNobody(rule string) string {
	if rule == "" {
		return "nobody"
	}
	return strconv.Quote(rule)
}

func mapNode(at document.Place, fields document.Ordered[*document.Node]) *document.Node {
	n := &document.Node{At: at, Kind: document.Map}
	for _, f := range fields {
		n.Fields = append(n.Fields, document.Field(f))
	}
	return n
}

// checkSent compares what is sent to one destination: `nothing`, or values by their path in the request.
func checkSent(p *plan.Plan, t *trace.Trace, want document.Field, ms *document.Mistakes) {
	shown := t.Destination(want.Key)
	switch {
	case shown == nil:
		ms.Add(want.At, fmt.Sprintf("the destination %s is switched off", want.Key), "write enabled: true to test it")
		return
	case want.Value.Kind == document.Text && want.Value.Text == "nothing":
		if len(shown.Requests) > 0 {
			ms.Add(want.Value.At, fmt.Sprintf("%s is sent a request, not nothing", want.Key), "")
		}
		return
	case len(shown.Requests) == 0:
		ms.Add(want.At, fmt.Sprintf("%s is sent nothing: %s (%s)", want.Key, shown.Reason, shown.Because), "")
		return
	}
	text, err := json.Marshal(shown.Requests[0])
	request, parseErr := event.ParseJSON(text)
	if err != nil || parseErr != nil {
		panic(fmt.Sprintf("BUG: a request is no JSON: %v %v", err, parseErr))
	}
	for _, f := range want.Value.Fields {
		got, expected := at(request, f.Key), samples.Value(f.Value)
		if !got.Equal(expected) {
			ms.Add(f.Value.At, fmt.Sprintf("%s of the request to %s is %s, not %s", f.Key, want.Key, got.AppendJSON(nil), expected.AppendJSON(nil)), "")
		}
	}
}

// at finds a value by a path such as body.data[0].custom_data.value; null when there is none.
func at(v event.Value, path string) event.Value {
	for path != "" {
		name, rest, _ := strings.Cut(path, ".")
		key, index, indexed := strings.Cut(name, "[")
		if key != "" {
			v = v.Object().Get(key)
		}
		for indexed {
			var number string
			number, index, _ = strings.Cut(index, "]")
			i, err := strconv.Atoi(number)
			if err != nil || i < 0 || i >= len(v.List()) {
				return event.Value{}
			}
			v = v.List()[i]
			_, index, indexed = strings.Cut(index, "[")
		}
		path = rest
	}
	return v
}
