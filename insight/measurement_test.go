package insight

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestMeasurementsOfAPageAreNothingThatAVisitorDid(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "funnels: {two: {mode: strict, steps: [page_view, purchase]}}")
	var all []fact
	for i, name := range []string{"page_view", "web_vitals", "user_engagement", "purchase", "user_engagement"} {
		all = append(all, fact{id: fmt.Sprint("e-", i), event: name, visitor: "v", page: "/a", at: d.now.Add(time.Duration(i-60) * time.Minute), granted: true})
	}
	all = append(all, fact{id: "refused", event: "user_engagement", visitor: "w", page: "/a", at: d.now.Add(-time.Hour)})
	d.feed(rand.New(rand.NewPCG(1, 1)), all)
	got := d.ask(d.Overview, "since=2h")
	if got["events"] != 2.0 || got["visitors"] != 1.0 || got["unmeasured"] != nil && got["unmeasured"] != 0.0 {
		t.Errorf("overview: %v", got)
	}
	if steps := d.ask(d.Funnel, "since=2h&name=two")["steps"].([]any); steps[1].(map[string]any)["visitors"] != 1.0 {
		t.Errorf("funnel: %v", steps)
	}
	if next := d.ask(d.Paths, "since=2h&from=page_view")["next"].([]any); len(next) != 1 || next[0].(map[string]any)["to"] != "purchase" {
		t.Errorf("paths: %v", next)
	}
}
