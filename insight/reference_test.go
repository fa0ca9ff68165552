package insight

import (
	"math"
	"slices"
	"sort"
	"time"
)

// This is what insight has to answer, written once more straight from the rules of counting in docs/insight.md: slow, and with nothing
// of the code that it checks.

type fact struct {
	id, visitor, event, page, referrer string
	source, medium, campaign, term     string
	at                                 time.Time
	value                              int // cents
	granted                            bool
	arrived                            time.Time
}

const refGap, refAfter = 30 * time.Minute, 2 * time.Hour

// history is what counts of what arrived: by visitor, in the order of time, each event once a day.
func history(all []fact, since, until time.Time) map[string][]fact {
	sorted := slices.Clone(all)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].at.Before(sorted[j].at) })
	out, seen := map[string][]fact{}, map[string]bool{}
	for _, f := range sorted {
		again := f.visitor + "\x00" + f.id + "\x00" + f.event + "\x00" + f.at.UTC().Format(time.DateOnly)
		if !f.granted || seen[again] {
			continue
		}
		seen[again] = true
		if f.at.Before(since) || !f.at.Before(until) {
			continue
		}
		out[f.visitor] = append(out[f.visitor], f)
	}
	return out
}

func refSessions(list []fact) (out [][]fact) {
	for i, f := range list {
		if i == 0 || f.at.Sub(list[i-1].at) > refGap {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], f)
	}
	return out
}

type refStep struct {
	event    string
	optional bool
	least    int // of the value in cents; formulas stand for it elsewhere
}

func (s refStep) is(f fact) bool { return f.event == s.event && f.value >= s.least }

type refFunnel struct {
	steps   []refStep
	within  time.Duration
	mode    string
	session bool
	without string
}

type refReached struct {
	visitors, value int
	seconds         []float64
}

func (rf refFunnel) count(h map[string][]fact) []refReached {
	out := make([]refReached, len(rf.steps))
	for _, list := range h {
		units := [][]fact{list}
		if rf.session {
			units = refSessions(list)
		}
		for _, unit := range units {
			var best map[int]fact
			furthest := -1
			for i := range unit {
				if took := rf.attempt(unit[i:]); took != nil && lastOf(took) > furthest {
					best, furthest = took, lastOf(took)
				}
			}
			var before *fact
			for k := range rf.steps {
				if f, ok := best[k]; ok {
					out[k].visitors++
					out[k].value += f.value
					if before != nil {
						out[k].seconds = append(out[k].seconds, max(0, f.at.Sub(before.at).Seconds()))
					}
					before = &f
				}
			}
		}
	}
	return out
}

func lastOf(took map[int]fact) int {
	last := -1
	for k := range took {
		last = max(last, k)
	}
	return last
}

// attempt returns the event of each step that an attempt reached which begins with the first of a list, nil when that begins none.
func (rf refFunnel) attempt(list []fact) map[int]fact {
	var window []fact
	for _, f := range list {
		if f.at.Sub(list[0].at) > rf.within || f.event == rf.without {
			break
		}
		window = append(window, f)
	}
	took := map[int]fact{}
	if rf.mode == "any" {
		begins := slices.ContainsFunc(rf.steps, func(s refStep) bool { return s.is(list[0]) })
		used := map[int]bool{}
		for k, s := range rf.steps {
			i := slices.IndexFunc(window, s.is)
			for i >= 0 && used[i] {
				next := slices.IndexFunc(window[i+1:], s.is)
				if next < 0 {
					i = -1
				} else {
					i += 1 + next
				}
			}
			if i >= 0 {
				used[i], took[k] = true, window[i]
			} else if !s.optional {
				break
			}
		}
		if !begins || len(took) == 0 {
			return nil
		}
		return took
	}
	next := 0
	for n, f := range window {
		fits := -1
		for k := next; k < len(rf.steps) && fits < 0; k++ {
			if rf.steps[k].is(f) {
				fits = k
			} else if !rf.steps[k].optional {
				break
			}
		}
		switch {
		case fits >= 0:
			took[fits], next = f, fits+1
		case n == 0:
			return nil
		case rf.mode == "strict" && next < len(rf.steps):
			return took
		}
	}
	if len(took) == 0 {
		return nil
	}
	return took
}

func refMedian(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// refNext counts what followed a page view.
func refNext(h map[string][]fact, page string, previous bool) (next map[string]int, total, ends int) {
	next = map[string]int{}
	label := func(f fact) string {
		if f.event == "page_view" && f.page != "" {
			return f.page
		}
		return f.event
	}
	for _, list := range h {
		for _, session := range refSessions(list) {
			if previous {
				slices.Reverse(session)
			}
			for i := 0; i < len(session); {
				j, from := i, false
				for ; j < len(session) && label(session[j]) == label(session[i]); j++ {
					from = from || session[j].event == "page_view" && (page == "" || session[j].page == page)
				}
				switch {
				case !from:
				case j < len(session):
					total++
					next[label(session[j])]++
				default:
					total++
					ends++
				}
				i = j
			}
		}
	}
	return next, total, ends
}

type refTouch struct{ source, medium, campaign string }

var refDirect = refTouch{"(direct)", "(none)", ""}

func refTouchOf(session []fact) refTouch {
	for _, f := range session {
		if f.source+f.medium+f.campaign != "" {
			return refTouch{f.source, f.medium, f.campaign}
		}
	}
	for _, f := range session {
		switch f.referrer {
		case "search":
			return refTouch{"search", "organic", ""}
		case "social", "email":
			return refTouch{f.referrer, f.referrer, ""}
		case "video", "ai", "other":
			return refTouch{f.referrer, "referral", ""}
		}
	}
	return refDirect
}

type refCampaign struct {
	visitors, sessions int
	conversions, value float64
}

func refCampaigns(h map[string][]fact, since time.Time, lookback time.Duration, model string) map[refTouch]*refCampaign {
	out := map[refTouch]*refCampaign{}
	at := func(t refTouch) *refCampaign {
		if out[t] == nil {
			out[t] = &refCampaign{}
		}
		return out[t]
	}
	for _, list := range h {
		sessions, seen := refSessions(list), map[refTouch]bool{}
		for n, session := range sessions {
			t := refTouchOf(session)
			if !session[0].at.Before(since) {
				at(t).sessions++
				if !seen[t] {
					at(t).visitors++
				}
				seen[t] = true
			}
			for _, f := range session {
				if f.event != "purchase" && f.event != "generate_lead" || f.at.Before(since) {
					continue
				}
				var touches []refTouch
				for k := range sessions[:n+1] {
					if k == n || f.at.Sub(sessions[k][0].at) <= lookback {
						touches = append(touches, refTouchOf(sessions[k]))
					}
				}
				for k, share := range refShares(touches, model) {
					at(touches[k]).conversions += share
					at(touches[k]).value += share * float64(f.value) / 100
				}
			}
		}
	}
	return out
}

func refShares(touches []refTouch, model string) map[int]float64 {
	n := len(touches)
	switch model {
	case "first_touch":
		return map[int]float64{0: 1}
	case "last_non_direct":
		for k := n - 1; k >= 0; k-- {
			if touches[k] != refDirect {
				return map[int]float64{k: 1}
			}
		}
	case "linear":
		out := map[int]float64{}
		for k := range n {
			out[k] = 1 / float64(n)
		}
		return out
	case "position":
		out := map[int]float64{}
		switch {
		case n == 1:
			out[0] = 1
		case n == 2:
			out[0], out[1] = 0.5, 0.5
		default:
			for k := range n {
				out[k] = 0.2 / float64(n-2)
			}
			out[0], out[n-1] = 0.4, 0.4
		}
		return out
	}
	return map[int]float64{n - 1: 1}
}

func near(a, b float64) bool { return math.Abs(a-b) < 2e-6*(1+math.Abs(a)) }
