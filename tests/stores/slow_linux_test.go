package stores_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"headgate/tests/trial"
)

// TestStoresThatTakeAlmostNothingGrowTheLogAndNothingElse lets through the bytes of a few rows, compressed, for every hundred that
// arrive, kills Headgate, and then lets everything through.
func TestStoresThatTakeAlmostNothingGrowTheLogAndNothingElse(t *testing.T) {
	t.Parallel()
	stores, secrets, way := beside(t)
	p := trial.New(t, configuration(stores, secrets))
	p.Start()
	way.Shut()
	const most = 20_000
	l := startLoad(t, p.Public, most)
	for n := 0; n < most; n += 100 {
		p.Until("has answered more", func() bool { return l.count() >= n })
		way.Pass(200)
	}
	l.clients.Wait()
	s := drained(t, p, "parquet", "sqlite") // which have nothing to do with the others
	for _, other := range stores {
		if d := s.Destinations[other.name]; d.Delivered > most/10 && !other.local {
			t.Errorf("%s: %d events were delivered over a way that lets nothing through", other.name, d.Delivered)
		}
	}
	if s.Queue.Bytes < int64(most*len(note)) {
		t.Errorf("the log has %d bytes: less than the events that wait in it", s.Queue.Bytes)
	}
	if peak, most := resident(t, p.Pid()), documented(t); peak > most {
		t.Errorf("%d MiB were resident, at most %d are documented", peak, most)
	} else {
		t.Logf("%d MiB were resident at most, the log has %d", peak, s.Queue.Bytes>>20)
	}
	p.Kill()
	p.Start()
	way.Open()
	s = drained(t, p, names(stores)...)
	for _, store := range stores {
		there := store.ids(t)
		if int64(len(there)) != s.Accepted {
			t.Errorf("%s: of %d events it has %d", store.name, s.Accepted, len(there))
		}
		for id, n := range there {
			if n > 1 && !store.twice {
				t.Errorf("%s: %s is there %d times", store.name, id, n)
				break
			}
		}
	}
}

// TestAFileHasAsManyRowsAsItIsToHave makes a file of more events than memory may hold, which are in the log only until it is written.
func TestAFileHasAsManyRowsAsItIsToHave(t *testing.T) {
	t.Parallel()
	e, archive := newEngine(t), t.TempDir()
	p := trial.New(t, configuration([]store{{name: "parquet", entry: fmt.Sprintf("settings: {to: %q, rows: 20000, wait: 24h}", archive)}}, archive))
	p.Start()
	l := startLoad(t, p.Public, 15_000)
	l.clients.Wait()
	p.Kill()
	p.Start()
	l = startLoadFrom(t, p.Public, 20_000, 15_000)
	l.clients.Wait()
	p.Until("has delivered a file", func() bool { return p.Status().Destinations["parquet"].Delivered >= 20_000 })
	if peak, most := resident(t, p.Pid()), documented(t); peak > most {
		t.Errorf("%d MiB were resident, at most %d are documented", peak, most)
	}
	said := e.ask(t, "SELECT max(n) FROM (SELECT count() AS n FROM file('"+archive+"/date=*/*.parquet', 'Parquet') GROUP BY _file)")
	if said != "20000" {
		t.Errorf("the largest file has %s rows", said)
	}
	once(t, "parquet", e.ids(t, "file('"+archive+"/date=*/*.parquet', 'Parquet')"), int(p.Status().Destinations["parquet"].Delivered))
}

// resident is how many MiB were resident at most.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib := 0
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// documented is how many MiB docs/memory.md promises.
func documented(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("../../docs/memory.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\*\*(\d+) MiB\*\*`).FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/memory.md states no figure")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
