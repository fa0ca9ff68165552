package insight

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

const counted = `
conversions: [purchase, generate_lead]
funnels:
  checkout:
    within: 1d
    steps: [view_item, {event: add_to_cart, optional: true}, {event: purchase, when: params.value > 9}]
    without: [refund]
`

// What insight answers equals the slow reference, for a hundred random crowds.
func TestTheAnswersAreThoseOfTheRules(t *testing.T) {
	t.Parallel()
	crowds := uint64(100)
	if testing.Short() {
		crowds = 10
	}
	eachSeed(t, crowds, 1, func(t *testing.T, r *rand.Rand) {
		d := newDesk(t, counted)
		all := crowd(r, d.now)
		d.feed(r, all)
		d.check(t, all)
	})
}

func (d *desk) check(t *testing.T, all []fact) {
	t.Helper()
	since := d.now.Add(-10 * 24 * time.Hour)
	period := "since=" + since.Format(time.RFC3339)
	h := history(all, since, d.now)
	d.checkOverview(t, all, h, period)
	d.checkFunnels(t, h, period)
	d.checkPaths(t, h, period)
	d.checkCarts(t, h, since, period)
	d.checkCampaigns(t, all, since, period)
	d.checkTrends(t, all, h, period)
}

func (d *desk) checkOverview(t *testing.T, all []fact, h map[string][]fact, period string) {
	t.Helper()
	sessions, events, conversions, value, unmeasured := 0, 0, 0, 0, 0
	for _, list := range h {
		sessions += len(refSessions(list))
		events += len(list)
		for _, f := range list {
			if f.event == "purchase" || f.event == "generate_lead" {
				conversions++
				value += f.value
			}
		}
	}
	since := d.now.Add(-10 * 24 * time.Hour)
	for _, f := range all {
		if minute := f.at.Truncate(time.Minute); !f.granted && !minute.Before(since) {
			unmeasured++
		}
	}
	got := d.ask(d.Overview, period)
	want := map[string]float64{"visitors": float64(len(h)), "sessions": float64(sessions), "events": float64(events), "conversions": float64(conversions),
		"value": float64(value) / 100, "unmeasured": float64(unmeasured)}
	for key, n := range want {
		if !near(got[key].(float64), n) {
			t.Errorf("overview: %s is %v, want %v", key, got[key], n)
		}
	}
}

func (d *desk) checkFunnels(t *testing.T, h map[string][]fact, period string) {
	t.Helper()
	plain := []refStep{{event: "view_item"}, {event: "add_to_cart"}, {event: "purchase"}}
	configured := []refStep{{event: "view_item"}, {event: "add_to_cart", optional: true}, {event: "purchase", least: 901}}
	for _, mode := range []string{"ordered", "strict", "any"} {
		for _, session := range []bool{false, true} {
			for _, within := range []string{"20m", "1d", "7d"} {
				span, _ := time.ParseDuration(map[string]string{"20m": "20m", "1d": "24h", "7d": "168h"}[within])
				per := map[bool]string{false: "visitor", true: "session"}[session]
				more := "&mode=" + mode + "&per=" + per + "&within=" + within
				d.checkFunnel(t, period+more+"&steps=view_item,add_to_cart,purchase", refFunnel{plain, span, mode, session, ""}, h)
				d.checkFunnel(t, period+more+"&name=checkout", refFunnel{configured, span, mode, session, "refund"}, h)
			}
		}
	}
}

func (d *desk) checkFunnel(t *testing.T, query string, rf refFunnel, h map[string][]fact) {
	t.Helper()
	steps := d.ask(d.Funnel, query)["steps"].([]any)
	for k, want := range rf.count(h) {
		got := steps[k].(map[string]any)
		if int(got["visitors"].(float64)) != want.visitors || !near(got["value"].(float64), float64(want.value)/100) {
			t.Errorf("%s: step %d has %v visitors and %v, want %d and %v", query, k, got["visitors"], got["value"], want.visitors, float64(want.value)/100)
		}
		median, there := got["median_seconds"].(float64)
		if there != (len(want.seconds) > 0) || there && !near(median, refMedian(want.seconds)) {
			t.Errorf("%s: step %d has the median %v of %v", query, k, got["median_seconds"], want.seconds)
		}
	}
}

func (d *desk) checkPaths(t *testing.T, h map[string][]fact, period string) {
	t.Helper()
	for _, page := range []string{"", "/1"} {
		for _, direction := range []string{"next", "previous"} {
			got := d.ask(d.Paths, period+"&from=page_view&page="+page+"&direction="+direction)
			next, total, ends := refNext(h, page, direction == "previous")
			list := got["next"].([]any)
			if len(list) != len(next) || int(got["total"].(float64)) != total || int(got["ends"].(float64)) != ends {
				t.Errorf("paths of %q, %s: %v, want %v of %d, %d ends", page, direction, got, next, total, ends)
			}
			for _, one := range list {
				n := one.(map[string]any)
				if next[n["to"].(string)] != int(n["count"].(float64)) {
					t.Errorf("paths of %q, %s: %v, want %d", page, direction, n, next[n["to"].(string)])
				}
			}
		}
	}
}

func (d *desk) checkCarts(t *testing.T, h map[string][]fact, since time.Time, period string) {
	t.Helper()
	got, want := d.ask(d.Carts, period), refCartsOf(h, since, d.now, d.now)
	opened := 0
	for _, state := range []string{"bought", "pending", "abandoned"} {
		opened += want.states[state]
		if int(got[state].(float64)) != want.states[state] {
			t.Errorf("carts: %v %s, want %d", got[state], state, want.states[state])
		}
	}
	if int(got["opened"].(float64)) != opened || !near(got["value_lost"].(float64), float64(want.value["abandoned"])/100) ||
		!near(got["value_bought"].(float64), float64(want.value["bought"])/100) {
		t.Errorf("carts: %v, want %v", got, want)
	}
}

func (d *desk) checkCampaigns(t *testing.T, all []fact, since time.Time, period string) {
	t.Helper()
	for _, model := range []string{"last_touch", "first_touch", "last_non_direct", "linear", "position"} {
		for _, lookback := range []time.Duration{36 * time.Hour, 240 * time.Hour} {
			got := d.ask(d.Campaigns, fmt.Sprintf("%s&model=%s&lookback=%dh", period, model, int(lookback.Hours())))["rows"].([]any)
			want := refCampaigns(history(all, since.Add(-lookback), d.now), since, lookback, model)
			for _, one := range got {
				row := one.(map[string]any)
				key := refTouch{row["source"].(string), row["medium"].(string), row["campaign"].(string)}
				w := want[key]
				delete(want, key)
				if w == nil || int(row["visitors"].(float64)) != w.visitors || int(row["sessions"].(float64)) != w.sessions ||
					!near(row["conversions"].(float64), w.conversions) || !near(row["value"].(float64), w.value) {
					t.Errorf("campaigns by %s over %v: %v, want %+v", model, lookback, row, w)
				}
			}
			for key, w := range want {
				if w.visitors > 0 || w.conversions > 0 {
					t.Errorf("campaigns by %s over %v lack %v: %+v", model, lookback, key, w)
				}
			}
		}
	}
}

func (d *desk) checkTrends(t *testing.T, all []fact, h map[string][]fact, period string) {
	t.Helper()
	searches := refSearches(h)
	rows := d.ask(d.Searches, period)["rows"].([]any)
	if len(rows) != len(searches) {
		t.Errorf("searches: %v, want %v", rows, searches)
	}
	for _, one := range rows {
		row := one.(map[string]any)
		got := refSearch{int(row["searches"].(float64)), int(row["visitors"].(float64)), int(row["clicked"].(float64)), int(row["nothing_after"].(float64))}
		if want := searches[row["term"].(string)]; got != want {
			t.Errorf("searches for %v: %+v, want %+v", row["term"], got, want)
		}
	}
	for _, one := range d.ask(d.Searches, period+"&least=3")["rows"].([]any) {
		if row := one.(map[string]any); row["visitors"].(float64) < 3 {
			t.Errorf("of at least three visitors: %v", row)
		}
	}
	since := refMonday(d.now.Add(-10 * 24 * time.Hour))
	cohorts := refRetention(history(all, time.Time{}, d.now), since, d.now)
	for _, one := range d.ask(d.Retention, period)["cohorts"].([]any) {
		row := one.(map[string]any)
		want := cohorts[row["week"].(string)]
		if fmt.Sprint(row["returned"]) != fmt.Sprint(want) {
			t.Errorf("the cohort of %v returned %v, want %v", row["week"], row["returned"], want)
		}
		delete(cohorts, row["week"].(string))
	}
	if len(cohorts) > 0 {
		t.Errorf("cohorts are missing: %v", cohorts)
	}
}
