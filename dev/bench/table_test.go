package main

import (
	"strings"
	"testing"
)

func TestTheTableSaysWhichTargetsAreMet(t *testing.T) {
	floor, product := outcome{}, outcome{Acked: 1000, Lost: 2, CPUPerM: 70, PSSLoad: 120, Delivered: 11000}
	floor.Load.PerS, product.Load.PerS = 50000, 11250
	product.Load.Latency = map[string]float64{"p50": 5, "p99": 30}
	paced := outcome{}
	paced.Load.Latency = map[string]float64{"p50": 0.8, "p99": 18}
	paced.CPUPerM = 260
	both := outcome{}
	both.Load.PerS = 20250
	five := outcome{CPUPerM: 90, Acked: 900, Twice: 3600, Destinations: 5, Arrivals: arrivals{Received: 4500, Unique: 900}}
	thirty := outcome{PSSLoad: 168, Acked: 300, Lost: 1, Twice: 8400, Destinations: 30, Arrivals: arrivals{Received: 8700, Unique: 300}} // one of them got nothing
	cluster := outcome{Acked: 500, Twice: 3}
	cluster.Load.PerS = 4500

	var out strings.Builder
	printTable(&out, compare(loads{map[string]outcome{"max": floor}, map[string]outcome{"r2000": {CPUPerM: 300}}, map[string]outcome{"max": product, "r2000": paced, "max2": both, many(5): five, many(30): thirty, inCluster: cluster}}, map[string]figures{"BenchmarkWalk": {"allocs/op": 38}, "BenchmarkEncode/meta": {"ns/event": 18000, "allocs/event": 20},
		"BenchmarkRowsIntoParquet": {"rows/s": 45000, "MiB-grown": 3.5}, "BenchmarkRowsIntoPostgres": {"rows/s": 9000, "MiB-grown": 20}}))
	const want = `
                                                                measured  target
accepted GA4 hits/s, closed loop, one core                      11250
bare fasthttp 204/s, same load                                  50000
ratio                                                           0.225     at least 0.4    missed by 44 %
delivered meanwhile, share of accepted                          0.98      at least 0.9    met
p50, closed loop, ms                                            5.00
p99, closed loop, ms                                            30.00
two cores against one, accepted                                 1.80      at least 1.8    met
p50 at 2,000/s, ms                                              0.80      at most 0.8     met
p99 at 2,000/s, ms                                              18.00     at most 15      missed by 20 %
CPU s per million accepted and delivered                        70.0      at most 30      missed by 133 %
the same of bare fasthttp                                       0.0
CPU s per million at 2,000/s                                    260       at most 130     missed by 100 %
the same of a prototype: decode, rules, sync, deliver           300
CPU s per million at 500/s                                      -         at most 200
resident memory under load, MB                                  120       at most 90      missed by 33 %
each further destination, µs (goal: 3 and its own sending)      5.0
resident memory under load with 30 destinations, MB             168       at most 160     missed by 5 %
cluster of three against one process, nodes on the load's core  0.40      at least 0.5    missed by 20 %
allocations per hit, bytes to log                               38        at most 8       missed by 375 %
encoding a purchase for Meta, µs                                18.0      at most 15      missed by 20 %
the same, allocations                                           20        at most 100     met
encoding a purchase for GA4, µs                                 -         at most 15
the same, allocations                                           -         at most 100
consent for ten destinations, known cookies, µs                 -         at most 3
consent for ten destinations, new cookies, µs                   -         at most 25
rows/s into Parquet files                                       45000     at least 20000  met
the same, growth of memory meanwhile, MiB                       3.5       at most 16      met
rows/s into PostgreSQL                                          9000      at least 10000  missed by 10 %
the same, growth of memory meanwhile, MiB                       20.0      at most 16      missed by 25 %
rows/s into ClickHouse's engine                                 -         at least 10000
the same, growth of memory meanwhile, MiB                       -         at most 16
rows/s into Kafka, a fake in memory                             -         at least 30000
the same, growth of memory meanwhile, MiB                       -         at most 16
lost in max, of 1000 answered (0 came twice)                    2         at most 0       missed
lost in max2, of 0 answered (0 came twice)                      0         at most 0       met
lost in r2000, of 0 answered (0 came twice)                     0         at most 0       met
lost in max with 5 destinations, of 900 answered                0         at most 0       met
deliveries to all of them, share                                1.000     at least 0.99   met
lost in max with 30 destinations, of 300 answered               1         at most 0       missed
deliveries to all of them, share                                0.967     at least 0.99   missed by 2 %
lost in max in a cluster, of 500 answered (3 came twice)        0         at most 0       met
Memory after an hour is measured by make soak.
`
	if got := trimLines(out.String()); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

// trimLines takes the blanks off the ends of lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return "\n" + strings.Join(lines, "\n")
}

func TestAMeasurementThatWasNotMadeIsADash(t *testing.T) {
	var out strings.Builder
	printTable(&out, compare(loads{}, nil))
	if got := out.String(); strings.Contains(got, "NaN") || strings.Contains(got, "met") || strings.Count(got, " - ") != 31 {
		t.Error(got)
	}
}

func TestFiguresAreReadFromABenchmarksLine(t *testing.T) {
	name, f := readBenchmark("BenchmarkEncode/meta-2   \t  311\t      3825 ns/op\t   20.05 allocs/event\t  1696 B/op\t       5 allocs/op")
	if name != "BenchmarkEncode/meta" || f["ns/op"] != 3825 || f["allocs/event"] != 20.05 || f["allocs/op"] != 5 || len(f) != 4 {
		t.Errorf("%s %v", name, f)
	}
	for _, line := range []string{"ok  \theadgate/event\t0.1s", "BenchmarkWalk", "BenchmarkWalk logged something here"} {
		if name, f := readBenchmark(line); f != nil {
			t.Errorf("%q is read as %s", line, name)
		}
	}
}
