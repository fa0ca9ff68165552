package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/proxy/history"
)

// Performance is how a destination answered, and what it was given to recognise people and purchases by.
type Performance struct {
	Span
	Latency Latency   `json:"latency"`
	Answers []Answers `json:"answers"` // most first
	Fill    []Fill    `json:"fill"`
}

// Latency is how long a batch took from request to answer, in seconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
}

// Answers are how often events were answered in the same way.
type Answers struct {
	Verdict string `json:"verdict"`
	Status  int    `json:"status,omitempty"`
	Why     string `json:"why"`
	Count   int64  `json:"count"`
}

// Fill is how many of the events that were sent had a field.
type Fill struct {
	Field  string `json:"field"`
	Filled int64  `json:"filled"`
	Of     int64  `json:"of"`
}

const mostAnswers = 50

// OfDestination sums up a destination. It is counted by the hour: since is rounded down. fields are those whose fill is counted.
func OfDestination(from From, ask Ask, fields []string) (*Performance, error) {
	if _, err := ask.step(); err != nil {
		return nil, err
	}
	since := ask.Since.UTC().Truncate(time.Hour)
	book := from(history.Span{Since: since, Until: ask.Until, Step: time.Hour, Kinds: []history.Kind{history.Answers, history.Latency, history.Fill}})
	out := &Performance{Span: Span{Since: since, Until: ask.Until.UTC(), Began: book.Began()}, Answers: []Answers{}}
	answers, buckets, fill := map[Answers]int64{}, map[string]int64{}, map[string]*Fill{}
	for _, field := range fields {
		out.Fill = append(out.Fill, Fill{Field: field})
	}
	for i := range out.Fill {
		fill[out.Fill[i].Field] = &out.Fill[i]
	}
	wanted := func(k *history.Key) bool { return k.Kind >= history.Answers && k.Destination == ask.Destination }
	err := book.Read(since, ask.Until, wanted, func(_ time.Time, k *history.Key, n, _ int64) {
		switch k.Kind {
		case history.Answers:
			status, _ := strconv.Atoi(k.Why)
			answers[Answers{Verdict: k.What, Status: status, Why: k.Detail}] += n
		case history.Latency:
			buckets[k.What] += n
			out.Latency.Count += n
		case history.Fill:
			if f := fill[k.Of]; f != nil && k.What == "of" {
				f.Of += n
			} else if f != nil {
				f.Filled += n
			}
		}
	})
	for a, n := range answers {
		a.Count = n
		out.Answers = append(out.Answers, a)
	}
	slices.SortFunc(out.Answers, func(a, b Answers) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Status, b.Status), strings.Compare(a.Why, b.Why))
	})
	out.Answers = out.Answers[:min(len(out.Answers), mostAnswers)]
	out.Latency.P50, out.Latency.P99 = history.Quantile(buckets, 0.5).Seconds(), history.Quantile(buckets, 0.99).Seconds()
	return out, err
}
