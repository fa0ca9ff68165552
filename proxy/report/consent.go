package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"headgate/proxy/history"
)

// Consent is what visitors chose, by event.
type Consent struct {
	Span
	Events       int64              `json:"events"`
	Purposes     map[string]*Choice `json:"purposes"`
	Countries    []*Part            `json:"countries"`
	Tools        []*Part            `json:"tools"`
	Days         []*Part            `json:"days"`
	GPC          int64              `json:"gpc"`
	Conflicts    int64              `json:"conflicts"`
	Destinations map[string]*Loss   `json:"destinations"`
}

// Choice is how often a purpose was granted, denied or not answered.
type Choice struct {
	Granted int64 `json:"granted"`
	Denied  int64 `json:"denied"`
	Unknown int64 `json:"unknown"`
}

func (c *Choice) count(state string, n int64) {
	switch state {
	case "granted":
		c.Granted += n
	case "denied":
		c.Denied += n
	default:
		c.Unknown += n
	}
}

// Part are the choices of one country, tool or day; one of the three is set.
type Part struct {
	Country  *string            `json:"country,omitempty"`
	Tool     *string            `json:"tool,omitempty"`
	Day      *string            `json:"day,omitempty"`
	Events   int64              `json:"events"`
	Purposes map[string]*Choice `json:"purposes"`
}

// Loss is what a destination did not get since consent refused it.
type Loss struct {
	Lost    int64  `json:"lost"`
	Reasons []Lost `json:"reasons"` // most first
}

// Lost is what was lost for one reason.
type Lost struct {
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"` // a purpose
	Count  int64  `json:"count"`
}

const mostParts = 50

// parts are choices by a word.
type parts map[string]*Part

func (p parts) count(word string, k *history.Key, n int64) {
	one := p[word]
	if one == nil {
		one = &Part{Purposes: map[string]*Choice{}}
		p[word] = one
	}
	one.Events += n
	history.EachPurpose(k, func(purpose, state string) {
		if one.Purposes[purpose] == nil {
			one.Purposes[purpose] = &Choice{}
		}
		one.Purposes[purpose].count(state, n)
	})
}

// list returns the parts with most events first, at most mostParts. name puts the word into one.
func (p parts) list(name func(*Part, string)) []*Part {
	words := make([]string, 0, len(p))
	for word := range p {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(p[b].Events, p[a].Events), strings.Compare(a, b)) })
	out := make([]*Part, 0, len(words))
	for _, word := range words[:min(len(words), mostParts)] {
		name(p[word], word)
		out = append(out, p[word])
	}
	return out
}

// OfConsent sums up what visitors chose. It is counted by the hour: since is rounded down.
func OfConsent(from From, ask Ask) (*Consent, error) {
	if _, err := ask.step(); err != nil {
		return nil, err
	}
	since := ask.Since.UTC().Truncate(time.Hour)
	book := from(history.Span{Since: since, Until: ask.Until, Step: time.Hour, Kinds: []history.Kind{history.Consent, history.Events}})
	out := &Consent{Span: Span{Since: since, Until: ask.Until.UTC(), Began: book.Began()}, Purposes: map[string]*Choice{}, Destinations: map[string]*Loss{}}
	all, countries, tools, days := parts{}, parts{}, parts{}, parts{}
	lost := map[string]map[Lost]int64{}
	choices, events := ask.wants(history.Consent), ask.wants(history.Events)
	wanted := func(k *history.Key) bool { return choices(k) || k.Destination != "" && k.What == "denied" && events(k) }
	err := book.Read(since, ask.Until, wanted, func(at time.Time, k *history.Key, n, _ int64) {
		if k.Kind == history.Events {
			if lost[k.Destination] == nil {
				lost[k.Destination] = map[Lost]int64{}
			}
			lost[k.Destination][Lost{Reason: k.Why, Detail: k.Detail}] += n
			return
		}
		all.count("", k, n)
		countries.count(k.Of, k, n)
		tools.count(k.Why, k, n)
		days.count(at.Format(time.DateOnly), k, n)
		if strings.Contains(k.Detail, "gpc") {
			out.GPC += n
		}
		if strings.Contains(k.Detail, "conflict") {
			out.Conflicts += n
		}
	})
	if one := all[""]; one != nil {
		out.Events, out.Purposes = one.Events, one.Purposes
	}
	out.Countries = countries.list(func(p *Part, word string) { p.Country = &word })
	out.Tools = tools.list(func(p *Part, word string) { p.Tool = &word })
	out.Days = days.list(func(p *Part, word string) { p.Day = &word })
	slices.SortFunc(out.Days, func(a, b *Part) int { return strings.Compare(*a.Day, *b.Day) })
	for destination, reasons := range lost {
		loss := &Loss{}
		for reason, n := range reasons {
			reason.Count = n
			loss.Lost += n
			loss.Reasons = append(loss.Reasons, reason)
		}
		slices.SortFunc(loss.Reasons, func(a, b Lost) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Reason, b.Reason), strings.Compare(a.Detail, b.Detail))
		})
		out.Destinations[destination] = loss
	}
	return out, err
}
