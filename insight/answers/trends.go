package answers

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"headgate/insight/count"
	"headgate/insight/terms"
)

const quarter = 15 * 60 * 1000

type risingRow struct {
	Key   string   `json:"key"`
	Count int      `json:"count"`
	Usual float64  `json:"usual"`
	Ratio *float64 `json:"ratio"`
}

// Rising says what happens more often than usual: in this quarter of an hour, against the same one of the last four weeks.
func (an *Answerer) Rising(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 15*time.Minute, "of", "least")
	if err != nil {
		return nil, err
	}
	defer a.close()
	of, err := a.choice("of", "page", "event", "campaign", "search")
	if err != nil {
		return nil, err
	}
	least, err := a.whole("least", 1, 1, 1_000_000)
	if err != nil {
		return nil, err
	}
	const weeks, week = 4, 7 * count.Day
	now := count.Period{Since: (a.period.Until - 1) / quarter * quarter, Until: a.period.Until}
	r := &count.Rising{Now: now, Weeks: weeks, Key: a.risingKey(of)}
	columns := []count.Column{count.Event, count.Page, count.Source, count.Medium, count.Campaign, count.Term}
	for w := range int64(weeks + 1) {
		period := count.Period{Since: now.Since - w*week, Until: now.Until - w*week}
		if err := a.scan(ctx, period, columns, r.Add, nil); err != nil {
			return nil, err
		}
	}
	rows := []risingRow{}
	for _, k := range busiest(r.Present, itself, a.text, len(r.Present)) {
		row := risingRow{Key: a.text(k), Count: r.Present[k], Usual: float64(r.Before[k]) / weeks}
		if row.Usual > 0 {
			ratio := round(float64(row.Count) / row.Usual)
			row.Ratio = &ratio
		}
		if float64(row.Count) > row.Usual && r.By[k] >= least {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y risingRow) int {
		if d := (float64(y.Count) - y.Usual) - (float64(x.Count) - x.Usual); d != 0 {
			return sign(d)
		}
		return 0
	})
	rows = rows[:min(len(rows), mostKeys)]
	answer := &Answer{JSON: map[string]any{"since": rfc(now.Since), "until": rfc(now.Until), "rows": rows}, Header: []string{of, "count", "usual", "ratio"}}
	for _, row := range rows {
		answer.Rows = append(answer.Rows, line(row.Key, row.Count, row.Usual, maybe(row.Ratio)))
	}
	return answer, nil
}

func (a *ask) risingKey(of string) func(r *count.Row) (uint32, bool) {
	view := a.symbols.ID("page_view")
	switch of {
	case "event":
		return func(r *count.Row) (uint32, bool) { return r.Event, true }
	case "campaign":
		names := map[count.Touch]uint32{}
		return func(r *count.Row) (uint32, bool) {
			t := count.Touch{Source: r.Source, Medium: r.Medium, Campaign: r.Campaign}
			name, ok := names[t]
			if !ok && t != (count.Touch{}) {
				name = a.symbols.ID(a.text(t.Source) + " / " + a.text(t.Medium) + " / " + a.text(t.Campaign))
				names[t] = name
			}
			return name, t != (count.Touch{})
		}
	case "search":
		return func(r *count.Row) (uint32, bool) { return r.Term, r.Term != 0 }
	}
	return func(r *count.Row) (uint32, bool) { return r.Page, r.Event == view && r.Page != 0 }
}

// searching are the events that are searches, choosing those by which a result is chosen.
var (
	searching = []string{"search", "view_search_results"}
	choosing  = []string{"select_item", "view_item", "select_content", "add_to_cart"}
)

type searchRow struct {
	Term         string `json:"term"`
	Searches     int    `json:"searches"`
	Visitors     int    `json:"visitors"`
	Clicked      int    `json:"clicked"`
	NothingAfter int    `json:"nothing_after"`
}

// Searches says what visitors searched for on the site, at least so many of them.
func (an *Answerer) Searches(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 7*24*time.Hour, "least")
	if err != nil {
		return nil, err
	}
	defer a.close()
	least, err := a.whole("least", 1, 1, 1_000_000)
	if err != nil {
		return nil, err
	}
	s := &count.Searches{Gap: a.Session.Std().Milliseconds(), Search: terms.SetOf(a.symbols, searching), Click: terms.SetOf(a.symbols, choosing)}
	if err := a.scan(ctx, a.period, []count.Column{count.Event, count.Term}, s.Add, nil); err != nil {
		return nil, err
	}
	rows := []searchRow{}
	answer := &Answer{Header: []string{"term", "searches", "visitors", "clicked", "nothing_after"}}
	maps.DeleteFunc(s.Terms, func(_ uint32, t *count.Searched) bool { return t.Visitors < least })
	for _, k := range busiest(s.Terms, func(t *count.Searched) int { return t.Searches }, a.text, mostKeys) {
		t := s.Terms[k]
		rows = append(rows, searchRow{a.text(k), t.Searches, t.Visitors, t.Clicked, t.NothingAfter})
		answer.Rows = append(answer.Rows, line(a.text(k), t.Searches, t.Visitors, t.Clicked, t.NothingAfter))
	}
	answer.JSON = map[string]any{"rows": rows}
	return answer, nil
}

// Retention says who came back, by the week of their first visit.
func (an *Answerer) Retention(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, 8*7*24*time.Hour)
	if err != nil {
		return nil, err
	}
	defer a.close()
	r := &count.Retention{Period: count.Period{Since: count.Week(a.period.Since), Until: a.period.Until}}
	all := count.Period{Since: a.now.Add(-an.keeps()).UnixMilli(), Until: a.period.Until} // a first visit is the first of all that are known
	if err := a.scan(ctx, all, nil, r.Add, nil); err != nil {
		return nil, err
	}
	type cohort struct {
		Week     string `json:"week"`
		Visitors int    `json:"visitors"`
		Returned []int  `json:"returned"`
	}
	cohorts, weeks := []cohort{}, 0
	answer := &Answer{Header: []string{"week", "visitors", "returned"}}
	for at := r.Period.Since; at < a.period.Until; at += 7 * count.Day {
		counts := r.Cohorts[at]
		one := cohort{Week: time.UnixMilli(at).UTC().Format(time.DateOnly), Returned: []int{}}
		if len(counts) > 0 {
			one.Visitors, one.Returned = counts[0], counts
		}
		weeks = max(weeks, len(counts))
		cohorts = append(cohorts, one)
		cells := line(one.Week, one.Visitors)
		for _, n := range one.Returned {
			cells = append(cells, cell(n))
		}
		answer.Rows = append(answer.Rows, cells)
	}
	for n := range weeks {
		if n > 0 {
			answer.Header = append(answer.Header, "returned_"+cell(n))
		}
	}
	answer.JSON = map[string]any{"weeks": weeks, "cohorts": cohorts}
	return answer, nil
}
