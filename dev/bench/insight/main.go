// Command insight measures what insight promises: how fast questions about ten million events of a month are answered on one core, and, with
// the real program under load, how soon an event is counted, how fast a profile is answered, and what insight costs a hit and in memory.
//
//	go run ./dev/bench/insight              everything, some minutes
//	go run ./dev/bench/insight -month none  only the real program
//
// The month is made up, always the same, and kept in the folder that -month names. Everything else is in a temporary folder.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	month := flag.String("month", filepath.Join(os.TempDir(), "headgate-month"), "folder in which the month is kept between runs; none to leave it out")
	rate := flag.Int("rate", 2000, "hits a second")
	span := flag.Duration("for", 20*time.Second, "how long the load lasts")
	flag.Parse()
	if err := run(*month, *rate, *span); err != nil {
		fmt.Fprintln(os.Stderr, "insight:", err)
		os.Exit(1)
	}
}

func run(month string, rate int, span time.Duration) (err error) {
	if month != "none" {
		if err := questions(month); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp("", "headgate-insight")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	program := filepath.Join(folder, "headgate")
	build := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build headgate: %w", err)
	}
	without, err := measure(program, filepath.Join(folder, "without"), "", false, rate, span)
	if err != nil {
		return err
	}
	with, err := measure(program, filepath.Join(folder, "with"), counting, false, rate, span)
	if err != nil {
		return err
	}
	asked, err := measure(program, filepath.Join(folder, "asked"), counting, true, rate, span)
	if err != nil {
		return err
	}
	report(without, with, asked)
	return nil
}

func report(without, with, asked *measured) {
	fmt.Printf("\n%d hits without insight, %d with it, %d while it is asked\n", without.hits, with.hits, asked.hits)
	perHit := func(m *measured) float64 { return float64(m.cpu.Microseconds()) / float64(m.hits) }
	for _, row := range []struct {
		what  string
		value string
	}{
		{"a hit is answered without insight, p99", at(without.answered, 99)}, {"with it", at(with.answered, 99)}, {"while it is asked", at(asked.answered, 99)},
		{"an event is in the live view after, p99", at(asked.live, 99)}, {"in its visitor's journey, p99", at(asked.way, 99)}, {"in a funnel, p99", at(asked.step, 99)},
		{"a profile is answered, p99", at(asked.profile, 99)}, {"half of the profiles", at(asked.profile, 50)},
		{"CPU a hit without insight, µs", fmt.Sprintf("%.1f", perHit(without))}, {"with it", fmt.Sprintf("%.1f", perHit(with))}, {"while it is asked", fmt.Sprintf("%.1f", perHit(asked))},
		{"memory without insight, MiB", fmt.Sprintf("%.0f", float64(without.memory)/(1<<20))}, {"with it", fmt.Sprintf("%.0f", float64(with.memory)/(1<<20))},
	} {
		fmt.Printf("%-50s %s\n", row.what, row.value)
	}
}

// questions runs the benchmarks of a month on one core.
func questions(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	c := exec.Command("go", "test", "./insight", "-run", "^$", "-bench", "Questions", "-benchtime", "5x", "-benchmem", "-timeout", "30m", "-v")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOMAXPROCS=1", "HEADGATE_INSIGHT_BENCH="+folder)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("questions about a month: %w", err)
	}
	return nil
}
