package pieces

import (
	"slices"
	"testing"

	"headgate/destinations"
)

// refusing answers with a server error whenever one of some events is in a request, and counts requests.
func refusing(bad ...int) (send func([]int) []destinations.Verdict, asked *int) {
	asked = new(int)
	return func(some []int) []destinations.Verdict {
		*asked++
		v := destinations.Verdict{Kind: destinations.Delivered, Status: 200}
		if slices.ContainsFunc(some, func(i int) bool { return slices.Contains(bad, i) }) {
			v = destinations.Verdict{Kind: destinations.Retry, Status: 500}
		}
		return slices.Repeat([]destinations.Verdict{v}, len(some))
	}, asked
}

func TestABatchIsTakenApartWhileThatFindsEventsThatSucceed(t *testing.T) {
	all := make([]int, 500)
	for i := range all {
		all[i] = i
	}
	for _, c := range []struct {
		name          string
		events        int
		bad           []int
		refused, most int // tries before, requests of this one
		delivered     int
	}{
		{"the second try is of the whole", 500, []int{7}, 1, 1, 0},
		{"one bad event", 500, []int{7}, 2, 18, 499},
		{"the last one", 500, []int{499}, 2, 18, 499},
		{"two far apart", 500, []int{3, 400}, 2, 36, 498},
		{"many, at a later try", 500, []int{1, 70, 130, 190, 260, 330, 390, 450}, 4, 140, 492},
		{"a failing vendor", 500, all, 2, 6, 0},
		{"a vendor that fails for long", 500, all, 7, 30, 0},
		{"one event", 1, []int{0}, 5, 1, 0},
		{"of two", 2, []int{1}, 2, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			batch := make([]int, c.events)
			for i := range batch {
				batch[i] = i
			}
			send, asked := refusing(c.bad...)
			delivered := 0
			for i, v := range Send(batch, c.refused, send) {
				if v.Kind == destinations.Delivered {
					delivered++
				} else if c.delivered > 0 && !slices.Contains(c.bad, i) {
					t.Errorf("event %d: %+v", i, v)
				}
			}
			if delivered != c.delivered || *asked > c.most {
				t.Errorf("%d delivered by %d requests, want %d by at most %d", delivered, *asked, c.delivered, c.most)
			}
		})
	}
}
