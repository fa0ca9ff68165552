// Command bench measures Headgate on this machine, in one session: the Go benchmarks of the hot paths with their
// allocations, then the whole program under load next to a bare fasthttp handler that answers 204, pinned to one core. It
// prints what was measured against the targets. Only ratios travel between machines.
//
// The load comes from a harness in a folder of its own; without it a smaller one runs (load.go). Everything is built and run
// in a temporary folder.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// hotPaths are the packages that every hit goes through.
var hotPaths = []string{"./event", "./sources", "./enrich", "./consent", "./consent/personal", "./rules", "./queue", "./proxy", "./proxy/delivery", "./subjects", "./destinations/http"}

// stores are the packages of drivers whose stores can run beside them. PostgreSQL and ClickHouse's engine are started for it.
var stores = []string{"./destinations/parquet", "./destinations/postgres", "./destinations/clickhouse", "./destinations/kafka"}

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
	var benchmarks map[string]figures
	if pattern != "none" {
		var err error
		if benchmarks, err = goBenchmarks(pattern, "300ms", hotPaths); err != nil {
			return err
		}
		if rows > 0 {
			into, err := goBenchmarks("RowsInto", fmt.Sprintf("%dx", rows), stores)
			if err != nil {
				return err
			}
			maps.Copy(benchmarks, into)
		}
	}
	if _, err := os.Stat(filepath.Join(harness, "go.mod")); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("\nNo load harness at %s (-harness names another folder): a smaller load of its own is run, which compares with nothing.\n", harness)
		if err := ownLoad(os.Stdout); err != nil {
			return err
		}
		fmt.Println()
		printTable(os.Stdout, compare(nil, nil, benchmarks))
		return nil
	}
	folder, err := os.MkdirTemp("", "headgate-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left of a temporary folder is the system's
	s := &session{harness: harness, folder: folder}
	if err := s.build(); err != nil {
		return err
	}
	if err := s.measure("floor-204", "max"); err != nil {
		return err
	}
	scenarios := "max,r500,r2000"
	if !short {
		scenarios += ",max2"
	}
	if faults {
		scenarios += ",two,refuse,hang,down,kill,killdown"
	}
	if err := s.measure("headgate", scenarios); err != nil {
		return err
	}
	floor, err := s.read("floor-204")
	if err != nil {
		return err
	}
	headgate, err := s.read("headgate")
	if err != nil {
		return err
	}
	fmt.Println()
	printTable(os.Stdout, compare(floor, headgate, benchmarks))
	return nil
}

// figures are what a Go benchmark measured, by unit: ns/op, allocs/op, ns/event.
type figures map[string]float64

// readBenchmark reads a line that go test -bench prints: a name with the number of cores, how often it ran, then numbers and
// their units.
func readBenchmark(line string) (name string, f figures) {
	words := strings.Fields(line)
	if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
		return "", nil
	}
	name = words[0]
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		name = name[:i]
	}
	f = figures{}
	for i := 2; i+1 < len(words); i += 2 {
		n, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return "", nil
		}
		f[words[i+1]] = n
	}
	return name, f
}

// goBenchmarks runs and prints the benchmarks of packages and returns what they measured by name.
func goBenchmarks(pattern, times string, packages []string) (map[string]figures, error) {
	args := append([]string{"test", "-run", "^$", "-bench", pattern, "-benchtime", times, "-benchmem", "-p", "1"}, packages...)
	c := exec.Command("go", args...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	measured := map[string]figures{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "Benchmark") || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "---") {
			fmt.Println(line)
		}
		if name, f := readBenchmark(line); f != nil {
			measured[name] = f
		}
	}
	if err := c.Wait(); err != nil {
		return nil, fmt.Errorf("go test -bench: %w", err)
	}
	return measured, nil
}

// session is one comparison on one machine.
type session struct {
	harness string
	folder  string // $PERF: bin, conf, run and results
}

// build builds the harness and Headgate into the session's folder. The harness' own folder is not written to.
func (s *session) build() error {
	bin := filepath.Join(s.folder, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(s.folder, "conf"), os.DirFS(filepath.Join(s.harness, "conf"))); err != nil {
		return err
	}
	if err := command("go", "-C", s.harness, "build", "-o", bin+"/", "./cmd/...").Run(); err != nil {
		return fmt.Errorf("build the harness: %w", err)
	}
	build := command("go", "build", "-trimpath", "-o", s.headgate(), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return fmt.Errorf("build headgate: %w", err)
	}
	return nil
}

func (s *session) headgate() string { return filepath.Join(s.folder, "headgate") }

// measure runs scenarios against one target.
func (s *session) measure(target, scenarios string) error {
	c := command(filepath.Join(s.folder, "bin", "suite"), "-bin", filepath.Join(s.folder, "bin"), "-out", s.results(),
		"-target", filepath.Join(s.harness, "targets", target+".json"), "-scenarios", scenarios)
	c.Env = append(os.Environ(), "PERF="+s.folder, "HEADGATE="+s.headgate())
	if err := c.Run(); err != nil {
		return fmt.Errorf("measure %s: %w", target, err)
	}
	return nil
}

func (s *session) results() string { return filepath.Join(s.folder, "results") }

func (s *session) read(target string) (outcomes map[string]outcome, err error) {
	data, err := os.ReadFile(filepath.Join(s.results(), target+".json"))
	if err != nil {
		return nil, err
	}
	var file struct {
		Outcomes map[string]outcome `json:"outcomes"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("results of %s: %w", target, err)
	}
	for name, o := range file.Outcomes {
		if o.Error != "" {
			return nil, fmt.Errorf("%s, scenario %s: %s", target, name, o.Error)
		}
	}
	return file.Outcomes, nil
}

func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c
}
