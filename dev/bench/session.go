package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// session is one comparison on one machine.
type session struct {
	harness string
	folder  string // $PERF: bin, conf, targets, run and results
}

// build builds the harness and Headgate into the session's folder. The harness' own folder is not written to.
func (s *session) build() error {
	bin := filepath.Join(s.folder, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	for _, files := range []string{"conf", "targets"} {
		if err := os.CopyFS(filepath.Join(s.folder, files), os.DirFS(filepath.Join(s.harness, files))); err != nil {
			return err
		}
	}
	if err := command("go", "-C", s.harness, "build", "-o", bin+"/", "./cmd/...").Run(); err != nil {
		return fmt.Errorf("build the harness: %w", err)
	}
	return goBuild(s.headgate(), ".")
}

// buildNATS builds the server of the module that Headgate's log is made with.
func (s *session) buildNATS() error { return goBuild(s.nats(), "github.com/nats-io/nats-server/v2") }

func goBuild(to, what string) error {
	build := command("go", "build", "-trimpath", "-o", to, what)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return fmt.Errorf("build %s: %w", filepath.Base(to), err)
	}
	return nil
}

func (s *session) headgate() string { return filepath.Join(s.folder, "headgate") }

func (s *session) nats() string { return filepath.Join(s.folder, "bin", "nats-server") }

func (s *session) target(name string) string {
	return filepath.Join(s.folder, "targets", name+".json")
}

// measure runs scenarios against one target.
func (s *session) measure(target, scenarios string) error {
	c := command(filepath.Join(s.folder, "bin", "suite"), "-bin", filepath.Join(s.folder, "bin"), "-out", s.results(),
		"-target", s.target(target), "-scenarios", scenarios)
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
		if o.Died {
			return nil, fmt.Errorf("%s, scenario %s: a process ended by itself; does another one listen on its port?", target, name)
		}
	}
	return file.Outcomes, nil
}

func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c
}

// hotPaths are the packages that every hit goes through.
var hotPaths = []string{"./event", "./sources", "./enrich", "./consent", "./consent/personal", "./rules", "./queue", "./proxy", "./proxy/delivery", "./subjects", "./destinations/http"}

// stores are the packages of drivers whose stores can run beside them. PostgreSQL and ClickHouse's engine are started for it.
var stores = []string{"./destinations/parquet", "./destinations/postgres", "./destinations/clickhouse", "./destinations/kafka"}

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
