package stores_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"headgate/tests/trial"
)

// script runs a script of dev/scripts that prints an address and ends when its standard input does. kill ends it and all that it has
// started as a power cut of the program would.
func script(t *testing.T, name string, args ...string) (address string, kill func()) {
	t.Helper()
	c := exec.Command("../../dev/scripts/"+name, args...)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	for _, one := range os.Environ() {
		if !strings.HasPrefix(one, "HEADGATE_TEST_") {
			c.Env = append(c.Env, one)
		}
	}
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	t.Cleanup(func() {
		if !ended {
			_ = stdin.Close()
			_ = c.Wait()
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%s prints no address: %v", name, err)
	}
	return strings.TrimSpace(line), func() {
		ended = true
		if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
		_ = c.Wait()
	}
}

// engine is ClickHouse's engine, whose data survive a crash.
type engine struct {
	address, folder string
	kill            func()
}

const engineUser, enginePassword = "headgate", "an-engine-of-a-test"

func newEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{address: trial.FreeAddress(t), folder: t.TempDir()}
	e.start(t)
	return e
}

func (e *engine) start(t *testing.T) {
	t.Helper()
	_, port, _ := strings.Cut(e.address, ":")
	_, e.kill = script(t, "clickhouse.sh", e.folder, port, enginePassword)
}

// crash kills it and starts it again.
func (e *engine) crash(t *testing.T) {
	t.Helper()
	e.kill()
	e.start(t)
}

// ask returns the engine's answer to a query.
func (e *engine) ask(t *testing.T, sql string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.address+"/", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-ClickHouse-User", engineUser)
	r.Header.Set("X-ClickHouse-Key", enginePassword)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", sql, text, err)
	}
	return strings.TrimSpace(string(text))
}

// ids counts the rows of a table, or of a function that stands for one, by their ids.
func (e *engine) ids(t *testing.T, from string) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for line := range strings.Lines(e.ask(t, "SELECT id, count() FROM "+from+" GROUP BY id")) {
		var id string
		var n int
		if _, err := fmt.Sscanf(line, "%s\t%d", &id, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		ids[id] = n
	}
	return ids
}
