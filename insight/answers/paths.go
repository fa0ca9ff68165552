package answers

import (
	"context"
	"net/url"
	"time"

	"headgate/insight/count"
	"headgate/insight/terms"
)

type pathsAnswer struct {
	From      string `json:"from"`
	Page      string `json:"page"`
	Direction string `json:"direction"`
	Total     int    `json:"total"`
	Ends      int    `json:"ends"`
	Next      []next `json:"next"`
	Tree      []next `json:"tree,omitempty"`
}

// mostBranches is how many branches a step of the tree shows.
const mostBranches = 12

// Paths says what visitors did next, or before.
func (an *Answerer) Paths(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour, "from", "page", "direction", "steps")
	if err != nil {
		return nil, err
	}
	defer a.close()
	direction, err := a.choice("direction", "next", "previous")
	if err != nil {
		return nil, err
	}
	depth, err := a.whole("steps", 1, 1, 10)
	if err != nil {
		return nil, err
	}
	from := q.Get("from")
	if from == "" {
		from = "page_view"
	}
	event, page := a.symbols.ID(from), a.symbols.ID(q.Get("page"))
	p := &count.Paths{Gap: a.Session.Std().Milliseconds(), Depth: depth, Previous: direction == "previous", Label: terms.Label(a.symbols),
		From: func(r *count.Row) bool { return r.Event == event && (page == 0 || r.Page == page) }}
	if err := a.scan(ctx, a.period, []count.Column{count.Event, count.Page}, p.Add, nil); err != nil {
		return nil, err
	}
	out := &pathsAnswer{From: from, Page: q.Get("page"), Direction: direction, Total: p.Total, Ends: p.Ends, Next: []next{}}
	answer := &Answer{JSON: out, Header: []string{"to", "count"}}
	for _, k := range busiest(p.Root.Next, branchSize, a.text, mostKeys) {
		out.Next = append(out.Next, next{To: a.text(k), Count: p.Root.Next[k].Count})
		answer.Rows = append(answer.Rows, line(a.text(k), p.Root.Next[k].Count))
	}
	if depth > 1 {
		out.Tree = a.tree(p.Root.Next)
	}
	return answer, nil
}

func branchSize(b *count.Branch) int { return b.Count }

// tree lists branches, the smallest of many as one.
func (a *ask) tree(branches map[uint32]*count.Branch) (list []next) {
	rest := 0
	for n, k := range busiest(branches, branchSize, a.text, len(branches)) {
		if b := branches[k]; n < mostBranches {
			list = append(list, next{To: a.text(k), Count: b.Count, Next: a.tree(b.Next)})
		} else {
			rest += b.Count
		}
	}
	if rest > 0 {
		list = append(list, next{To: "(other)", Count: rest})
	}
	return list
}
