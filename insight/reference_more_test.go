package insight

import (
	"slices"
	"time"
)

type refCarts struct {
	states map[string]int
	value  map[string]int
}

// refCartsOf follows each visitor's cart from event to event.
func refCartsOf(h map[string][]fact, since, until, now time.Time) refCarts {
	out := refCarts{map[string]int{}, map[string]int{}}
	for _, list := range h {
		open, value, opened, last := false, 0, time.Time{}, time.Time{}
		end := func(state string) {
			if open && !opened.Before(since) && opened.Before(until) {
				out.states[state]++
				out.value[state] += value
			}
			open, value = false, 0
		}
		for _, f := range list {
			if open && f.at.Sub(last) > refAfter {
				end("abandoned")
			}
			if !open && (f.event == "add_to_cart" || f.event == "begin_checkout") {
				open, opened = true, f.at
			}
			last = f.at
			if !open {
				continue
			}
			switch f.event {
			case "purchase":
				value = f.value
				end("bought")
			case "add_to_cart":
				value += f.value
			case "remove_from_cart":
				value = max(0, value-f.value)
			case "view_cart", "begin_checkout", "add_shipping_info", "add_payment_info":
				if f.value != 0 {
					value = f.value
				}
			}
		}
		if open && now.Sub(last) > refAfter {
			end("abandoned")
		}
		end("pending")
	}
	return out
}

type refSearch struct{ searches, visitors, clicked, nothing int }

func refSearches(h map[string][]fact) map[string]refSearch {
	out := map[string]refSearch{}
	for _, list := range h {
		seen := map[string]bool{}
		for _, session := range refSessions(list) {
			for i, f := range session {
				if !isSearch(f) || i > 0 && isSearch(session[i-1]) && session[i-1].term == f.term {
					continue
				}
				s := out[f.term]
				s.searches++
				if !seen[f.term] {
					s.visitors++
				}
				seen[f.term] = true
				after, same := session[i+1:], true
				for _, g := range after {
					same = same && isSearch(g) && g.term == f.term
				}
				if same {
					s.nothing++
				}
				for n, g := range after {
					again := isSearch(g) && g.term == f.term && (n == 0 || isSearch(after[n-1]))
					if isSearch(g) && !(again && sameSoFar(after[:n], f.term)) {
						break
					}
					if slices.Contains([]string{"select_item", "view_item", "select_content", "add_to_cart"}, g.event) {
						s.clicked++
						break
					}
				}
				out[f.term] = s
			}
		}
	}
	return out
}

// sameSoFar reports whether there was nothing but the same search.
func sameSoFar(list []fact, term string) bool {
	return !slices.ContainsFunc(list, func(f fact) bool { return !isSearch(f) || f.term != term })
}

func isSearch(f fact) bool {
	return f.term != "" && (f.event == "search" || f.event == "view_search_results")
}

// refRetention returns by the Monday of a visitor's first event how many came back how many weeks later.
func refRetention(h map[string][]fact, since, until time.Time) map[string][]int {
	out := map[string][]int{}
	for _, list := range h {
		first := refMonday(list[0].at)
		if list[0].at.Before(since) || !list[0].at.Before(until) {
			continue
		}
		weeks := map[int]bool{}
		for _, f := range list {
			weeks[int(refMonday(f.at).Sub(first)/(7*24*time.Hour))] = true
		}
		key := first.Format(time.DateOnly)
		for w := range weeks {
			for len(out[key]) <= w {
				out[key] = append(out[key], 0)
			}
			out[key][w]++
		}
	}
	return out
}

func refMonday(t time.Time) time.Time {
	t = t.UTC().Truncate(24 * time.Hour)
	for t.Weekday() != time.Monday {
		t = t.Add(-24 * time.Hour)
	}
	return t
}
