package stores_test

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"

	"headgate/proxy/status"
	"headgate/tests/trial"
)

func TestEachEventIsThereOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	stores, secrets, _ := beside(t)
	killed(t, stores, secrets)
}

func TestEachEventIsInTheCloudOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	stores, secrets := cloud(t)
	killed(t, stores, secrets)
}

// killed kills Headgate under load, then each store, then Headgate again.
func killed(t *testing.T, stores []store, secrets string) {
	t.Helper()
	p := trial.New(t, configuration(stores, secrets))
	p.Start()
	most := events(t)
	l := startLoad(t, p.Public, most)
	until := func(sixths int) {
		p.Until("has answered more", func() bool { return l.count() >= most*sixths/6 })
	}
	kill := func() {
		p.Kill()
		p.Start()
	}
	until(1)
	kill()
	until(2)
	kill()
	until(3)
	for _, s := range stores {
		if s.crash != nil {
			s.crash(t)
		}
	}
	until(4)
	kill()
	until(5)
	kill()
	until(6)
	kill()
	l.clients.Wait()
	compare(t, stores, drained(t, p, names(stores)...), l.answered)
	t.Logf("%d MiB were resident at most since the last kill", resident(t, p.Pid()))
}

// compare fails unless the stores have every accepted event, and prints a table.
func compare(t *testing.T, stores []store, now status.Status, answered []string) {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "store\taccepted\tthere\tof them again")
	for _, s := range stores {
		there, again, missing := s.ids(t), 0, 0
		for _, n := range there {
			again += n - 1
		}
		for _, id := range answered {
			if there[id] == 0 {
				missing++
			}
		}
		d := now.Destinations[s.name]
		if missing > 0 || int64(len(there)) != now.Accepted || d.Delivered != now.Accepted {
			t.Errorf("%s: of %d accepted events it has %d, and of %d answered ones %d are missing: %+v", s.name, now.Accepted, len(there), len(answered), missing, d)
		}
		if again > 0 && !s.twice {
			t.Errorf("%s: %d events are there again", s.name, again)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", s.name, now.Accepted, len(there), again)
	}
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", text.String())
}
