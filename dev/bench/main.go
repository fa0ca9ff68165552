// Command bench measures Headgate on this machine, in one session: the Go benchmarks of the hot paths with their
// allocations, then the whole program under load next to a bare fasthttp handler that answers 204, pinned to one core. It
// prints what was measured against the targets. Only ratios travel between machines.
//
// The load comes from a harness in a folder of its own; without it a smaller one runs (load.go). Everything is built and run
// in a temporary folder.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

func main() {
	harness := flag.String("harness", "../shared/bench", "folder of the load harness")
	pattern := flag.String("bench", ".", "which Go benchmarks, as a regular expression; none to leave them out")
	rows := flag.Int("rows", 100_000, "how many rows the benchmarks of stores deliver into each; 0 to leave them out")
	faults := flag.Bool("faults", false, "also the scenarios of dead, hanging and killed parts (some minutes more)")
	short := flag.Bool("short", false, "only a hit's way to the log and the load, in less than three minutes")
	flag.Parse()
	if *short {
		*pattern, *rows = "^BenchmarkWalk$", 0
	}
	if err := run(*harness, *pattern, *rows, *short, *faults); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(harness, pattern string, rows int, short, faults bool) error {
	benchmarks, err := allBenchmarks(pattern, rows)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(harness, "go.mod")); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("\nNo load harness at %s (-harness names another folder): a smaller load of its own is run, which compares with nothing.\n", harness)
		if err := ownLoad(os.Stdout); err != nil {
			return err
		}
		fmt.Println()
		printTable(os.Stdout, compare(loads{}, benchmarks))
		return nil
	}
	folder, err := os.MkdirTemp("", "headgate-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left of a temporary folder is the system's
	s := &session{harness: harness, folder: folder}
	under, err := underLoad(s, short, faults)
	if err != nil {
		return err
	}
	fmt.Println()
	printTable(os.Stdout, compare(under, benchmarks))
	return nil
}

// underLoad measures Headgate with the harness, and what it is compared with.
func underLoad(s *session, short, faults bool) (under loads, err error) {
	if err := s.build(); err != nil {
		return under, err
	}
	rates := "max,r500,r2000"
	of := func(target, scenarios string) (outcomes map[string]outcome) {
		if err == nil {
			err = s.measure(target, scenarios)
		}
		if err == nil {
			outcomes, err = s.read(target)
		}
		return outcomes
	}
	if short {
		under.floor, under.headgate = of("floor-204", "max"), of("headgate", rates)
		return under, err
	}
	under.floor, under.prototype = of("floor-204", rates), of("proto-deliver", rates)
	scenarios := rates + ",max2"
	if faults {
		scenarios += ",two,refuse,hang,down,kill,killdown"
	}
	if under.headgate = of("headgate", scenarios); err != nil {
		return under, err
	}
	return under, s.measureVariants(under.headgate)
}

// allBenchmarks runs Go's benchmarks of the hot paths, and, and where rows is more than 0, those that write that many rows into stores.
func allBenchmarks(pattern string, rows int) (map[string]figures, error) {
	if pattern == "none" {
		return nil, nil
	}
	benchmarks, err := goBenchmarks(pattern, "300ms", hotPaths)
	if err != nil || rows <= 0 {
		return benchmarks, err
	}
	into, err := goBenchmarks("RowsInto", fmt.Sprintf("%dx", rows), stores)
	maps.Copy(benchmarks, into)
	return benchmarks, err
}
