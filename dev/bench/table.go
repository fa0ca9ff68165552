package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// outcome is the part of a scenario's result that is compared.
type outcome struct {
	Error     string  `json:"error"`
	Died      bool    `json:"target_died"`
	CPUPerM   float64 `json:"cpu_s_per_million"`
	PSSLoad   float64 `json:"pss_mb_under_load"`
	Delivered float64 `json:"delivered_per_s_under_load"`
	Acked     int     `json:"acked"`
	Lost      int     `json:"acked_lost"`
	Twice     int64   `json:"duplicates"`
	Load      struct {
		PerS    float64            `json:"ok_per_s"`
		Non2xx  int64              `json:"non_2xx"`
		Latency map[string]float64 `json:"latency_ms"`
	} `json:"load"`

	Destinations int      `json:"-"` // with the same sink, where there are several
	Arrivals     arrivals `json:"-"` // there, of all of them
}

// row is one line of the table. A target of 0 is none; atMost says on which side of it is good.
type row struct {
	what     string
	measured float64
	known    bool
	digits   int
	target   float64
	atMost   bool
}

func (r row) good() bool { return r.atMost == (r.measured <= r.target) || r.measured == r.target }

// verdict says how a measurement stands to its target.
func (r row) verdict() string {
	switch {
	case !r.known || r.target == 0 && !r.atMost:
		return ""
	case r.good():
		return "met"
	case r.target == 0:
		return "missed"
	}
	return fmt.Sprintf("missed by %.0f %%", 100*abs(r.measured-r.target)/r.target)
}

func abs(f float64) float64 { return max(f, -f) }

// costs are the Go benchmarks with a target.
var costs = []struct {
	what, benchmark, unit string
	scale, target         float64 // of the unit
	digits                int
}{
	{"allocations per hit, bytes to log", "BenchmarkWalk", "allocs/op", 1, 8, 0},
	{"encoding a purchase for Meta, µs", "BenchmarkEncode/meta", "ns/event", 1e-3, 15, 1},
	{"the same, allocations", "BenchmarkEncode/meta", "allocs/event", 1, 100, 0},
	{"encoding a purchase for GA4, µs", "BenchmarkEncode/ga4", "ns/event", 1e-3, 15, 1},
	{"the same, allocations", "BenchmarkEncode/ga4", "allocs/event", 1, 100, 0},
	{"consent for ten destinations, known cookies, µs", "BenchmarkRepeatedCookiesGrantedTenDestinations", "ns/op", 1e-3, 3, 1},
	{"consent for ten destinations, new cookies, µs", "BenchmarkNewCookiesTenDestinations", "ns/op", 1e-3, 25, 1},
}

// rates are the Go benchmarks of which more is better.
var rates = []struct {
	what, benchmark string
	target          float64 // rows a second
}{
	{"rows/s into Parquet files", "BenchmarkRowsIntoParquet", 20_000},
	{"rows/s into PostgreSQL", "BenchmarkRowsIntoPostgres", 10_000},
	{"rows/s into ClickHouse's engine", "BenchmarkRowsIntoClickHouse", 10_000},
	{"rows/s into Kafka, a fake in memory", "BenchmarkRowsIntoKafka", 30_000},
}

// loads are the outcomes of one session, by scenario.
type loads struct {
	floor     map[string]outcome // of a bare fasthttp handler that answers 204
	prototype map[string]outcome // of the harness' own program that does the least of what Headgate does: a hit decoded, the rules, synced, delivered
	headgate  map[string]outcome
}

// compare sets what was measured against the targets.
func compare(under loads, benchmarks map[string]figures) []row {
	headgate := under.headgate
	bare, hasBare := under.floor["max"]
	most, hasMost := headgate["max"]
	paced, hasPaced := headgate["r2000"]
	both, hasBoth := headgate["max2"]
	five, hasFive := headgate[many(5)]
	thirty, hasThirty := headgate[many(30)]
	cluster, hasCluster := headgate[inCluster]
	rows := []row{
		{what: "accepted GA4 hits/s, closed loop, one core", measured: most.Load.PerS, known: hasMost},
		{what: "bare fasthttp 204/s, same load", measured: bare.Load.PerS, known: hasBare},
		{what: "ratio", measured: most.Load.PerS / bare.Load.PerS, known: hasBare && hasMost, digits: 3, target: 0.4},
		{what: "delivered meanwhile, share of accepted", measured: most.Delivered / most.Load.PerS, known: hasMost, digits: 2, target: 0.9},
		{what: "p50, closed loop, ms", measured: most.Load.Latency["p50"], known: hasMost, digits: 2},
		{what: "p99, closed loop, ms", measured: most.Load.Latency["p99"], known: hasMost, digits: 2},
		{what: "two cores against one, accepted", measured: both.Load.PerS / most.Load.PerS, known: hasBoth && hasMost, digits: 2, target: 1.8},
		{what: "p50 at 2,000/s, ms", measured: paced.Load.Latency["p50"], known: hasPaced, digits: 2, target: 0.8, atMost: true},
		{what: "p99 at 2,000/s, ms", measured: paced.Load.Latency["p99"], known: hasPaced, digits: 2, target: 15, atMost: true},
	}
	rows = append(rows, under.processor("CPU s per million accepted and delivered", "max", 1, 30)...)
	rows = append(rows, under.processor("CPU s per million at 2,000/s", "r2000", 0, 130)...)
	rows = append(rows, under.processor("CPU s per million at 500/s", "r500", 0, 200)...)
	rows = append(rows, []row{
		{what: "resident memory under load, MB", measured: most.PSSLoad, known: hasMost, target: 90, atMost: true},
		{what: "each further destination, µs (goal: 3 and its own sending)", measured: (five.CPUPerM - most.CPUPerM) / 4, known: hasFive && hasMost, digits: 1},
		{what: "resident memory under load with 30 destinations, MB", measured: thirty.PSSLoad, known: hasThirty, target: 160, atMost: true},
		{what: "cluster of three against one process, nodes on the load's core", measured: cluster.Load.PerS / most.Load.PerS, known: hasCluster && hasMost, digits: 2, target: 0.5},
	}...)
	return append(append(rows, benchmarkRows(benchmarks)...), lostRows(headgate)...)
}

// processor are what a scenario took of Headgate, and, where they were measured, of those it is compared with.
func (l loads) processor(what, scenario string, digits int, target float64) []row {
	o, ok := l.headgate[scenario]
	rows := []row{{what: what, measured: o.CPUPerM, known: ok, digits: digits, target: target, atMost: true}}
	if o, ok := l.floor[scenario]; ok {
		rows = append(rows, row{what: "the same of bare fasthttp", measured: o.CPUPerM, known: true, digits: digits})
	}
	if o, ok := l.prototype[scenario]; ok {
		rows = append(rows, row{what: "the same of a prototype: decode, rules, sync, deliver", measured: o.CPUPerM, known: true, digits: digits})
	}
	return rows
}

func benchmarkRows(benchmarks map[string]figures) (rows []row) {
	for _, c := range costs {
		n, measured := benchmarks[c.benchmark][c.unit]
		rows = append(rows, row{what: c.what, measured: n * c.scale, known: measured, digits: c.digits, target: c.target, atMost: true})
	}
	for _, r := range rates {
		f, measured := benchmarks[r.benchmark]
		rows = append(rows, row{what: r.what, measured: f["rows/s"], known: measured, target: r.target},
			row{what: "the same, growth of memory meanwhile, MiB", measured: f["MiB-grown"], known: measured, digits: 1, target: 16, atMost: true})
	}
	return rows
}

// lostRows say what was answered and did not arrive. With several destinations an event comes once from each of them.
func lostRows(outcomes map[string]outcome) (rows []row) {
	for _, name := range []string{"max", "max2", "r500", "r2000", "two", "refuse", "hang", "down", "kill", "killdown", many(5), many(30), inCluster} {
		o, ok := outcomes[name]
		if !ok {
			continue
		}
		what := fmt.Sprintf("lost in %s, of %d answered", name, o.Acked)
		if o.Destinations == 0 {
			what += fmt.Sprintf(" (%d came twice)", o.Twice)
		}
		rows = append(rows, row{what: what, measured: float64(o.Lost), known: true, atMost: true})
		if o.Destinations > 0 {
			rows = append(rows, row{what: "deliveries to all of them, share", measured: o.Arrivals.share(o.Destinations), known: o.Arrivals.Unique > 0, digits: 3, target: 0.99})
		}
	}
	return rows
}

func printTable(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tmeasured\ttarget\t")
	for _, r := range rows {
		measured, target := "-", ""
		if r.known {
			measured = fmt.Sprintf("%.*f", r.digits, r.measured)
		}
		if r.atMost {
			target = fmt.Sprintf("at most %g", r.target)
		} else if r.target > 0 {
			target = fmt.Sprintf("at least %g", r.target)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.what, measured, target, r.verdict())
	}
	if err := t.Flush(); err != nil {
		fmt.Fprintln(w, err)
	}
	fmt.Fprintln(w, "Memory after an hour is measured by make soak.")
}

// figures are what a Go benchmark measured, by unit: ns/op, allocs/op, ns/event.
type figures map[string]float64
