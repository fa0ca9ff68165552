package stores_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"headgate/tests/trial"
)

const others = `  again: {use: postgres, settings: {url: "%POSTGRES%", table: again}, delivery: {batch: 50}}
  twin: {use: clickhouse, settings: {url: "http://%ENGINE%", user: headgate, password: "%PASSWORD%", table: twin}}
`

// TestStoresAreFilledFromTheLogAndFromFiles fills stores that have everything already, which then have nothing twice, and new ones, while
// Headgate is killed.
func TestStoresAreFilledFromTheLogAndFromFiles(t *testing.T) {
	t.Parallel()
	stores, secrets, _ := beside(t)
	stores = stores[:4]                                                                            // those of rows
	stores[0].entry = strings.Replace(stores[0].entry, "wait: 200ms", "wait: 200ms, rows: 100", 1) // a part is a file: the kill comes between two
	config := configuration(stores, secrets)
	p := trial.New(t, config)
	p.Start()
	l := startLoad(t, p.Public, 2000)
	l.clients.Wait()
	accepted := int(drained(t, p, names(stores)...).Accepted)
	delivered := fmt.Sprintf("%d events delivered to ", accepted)
	for _, s := range stores {
		if said := backfill(t, p, "--from", "log", "--to", s.name, "--since", "1h"); !strings.HasPrefix(said, delivered+s.name) {
			t.Error(said)
		}
		once(t, s.name, s.ids(t), accepted)
	}

	secret := func(name string) string { return "${file:" + filepath.Join(secrets, name) + "}" }
	engine := stores[3].entry[strings.Index(stores[3].entry, "http://")+len("http://"):]
	text, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	p.Write(string(text) + strings.NewReplacer("%POSTGRES%", secret("postgres"), "%PASSWORD%", secret("engine"), "%ENGINE%", engine[:strings.IndexByte(engine, '"')]).Replace(others))
	p.Stop()
	p.Start()
	state := filepath.Join(p.Folder, "data", "backfill", "again.json")
	first := command(p, "--from", "parquet", "--to", "again", "--since", "1h")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	p.Until("has filled a part", func() bool { _, err := os.Stat(state); return err == nil })
	p.Kill()
	if err := first.Wait(); err == nil {
		t.Error("a backfill by a process that was killed says that all is well")
	}
	p.Start()
	if said := backfill(t, p, "--from", "parquet", "--to", "again", "--since", "1h"); !strings.HasPrefix(said, delivered+"again") {
		t.Error(said)
	}
	if said := backfill(t, p, "--from", "jsonl", "--to", "twin", "--since", "1h"); !strings.HasPrefix(said, delivered+"twin") {
		t.Error(said)
	}
	once(t, "again", stores[2].of(t, "again"), accepted)
	once(t, "twin", stores[3].of(t, "default.twin"), accepted)
}

// once fails unless that many events are there, each once.
func once(t *testing.T, name string, ids map[string]int, events int) {
	t.Helper()
	if len(ids) != events {
		t.Errorf("%s has %d events, want %d", name, len(ids), events)
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s is in %s %d times", id, name, n)
			return
		}
	}
}

func command(p *trial.Process, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], append([]string{"warehouse", "backfill", "--yes", "--config", p.Path()}, args...)...)
	c.Env = append(os.Environ(), trial.AsHeadgate)
	return c
}

func backfill(t *testing.T, p *trial.Process, args ...string) string {
	t.Helper()
	said, err := command(p, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", said, err)
	}
	return string(said)
}
